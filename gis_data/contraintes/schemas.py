"""What the API of constraints takes and gives."""

from __future__ import annotations

from datetime import date
from typing import Any

from ninja import Field, Schema


class Terrain(Schema):
    """A ground to ask about."""

    geometrie: dict[str, Any] = Field(
        description="géométrie, objet ou collection GeoJSON en degrés (WGS 84) : surface, ligne ou point",
        examples=[{"type": "Point", "coordinates": [6.35395, 47.15321]}],
    )
    jour: date | None = Field(None, description="état à cette date ; aujourd'hui sinon")


class Document(Schema):
    """Version of a document that answers."""

    libelle: str
    identifiant: str
    du: date | None
    au: date | None = Field(None, description="exclu ; nul si la version est en vigueur")


class Zone(Schema):
    """Share of a zone. Measures in m²."""

    libelle: str
    typezone: str
    famille: str = Field(description="U, AU, A, N ou autre")
    description: str
    mesure: int
    pct: float
    document: Document
    lien: str | None = Field(None, description="règle écrite")


class Reste(Schema):
    """What no zone covers."""

    mesure: int
    pct: float


class Zonage(Schema):
    """Zones: with what none covers their shares sum to 100."""

    etat: str = Field(description="non_chargee, rien ou trouve")
    etat_libelle: str
    documents: list[Document]
    zones: list[Zone]
    hors_zonage: Reste | None
    eclats: list[Zone] = Field(description="parts trop minces pour compter")
    superposition_m2: int
    non_chargee_pour: list[str]


class Objet(Schema):
    """A constraint on the ground."""

    couche: str
    cle: str
    code: str
    libelle: str
    categorie: str
    nature: str = Field(description="plu, servitude, risque, patrimoine ou autre")
    genre: str = Field(description="surface, ligne ou point")
    mesure: int | None = Field(description="m² d'une surface, m d'une ligne")
    unite: str | None
    pct: float | None
    document: Document
    lien: str | None
    details: dict[str, str]


class Couche(Schema):
    """A layer asked. One that is not loaded says nothing of the ground."""

    nom: str
    libelle: str
    famille: str
    etat: str = Field(description="non_chargee, rien ou trouve")
    etat_libelle: str
    documents: list[Document]
    objets: list[Objet]
    eclats: list[Objet]
    non_chargee_pour: list[str]
    remarque: str


class Commune(Schema):
    """A commune touched."""

    insee: str
    nom: str


class Contraintes(Schema):
    """All that the documents loaded say of a ground on a day."""

    jour: date
    surface: int = Field(description="m²")
    communes: list[Commune]
    zonage: Zonage
    couches: list[Couche]
