"""What ``contraintes`` answers, as plain objects and as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from gis_data.contraintes.regles.parts import Repartition


class Etat(StrEnum):
    """A layer that is not loaded says nothing of the ground: it is never shown as « nothing found »."""

    NON_CHARGEE = "non_chargee"
    RIEN = "rien"
    TROUVE = "trouve"

    @property
    def libelle(self) -> str:
        """In words."""
        return {"non_chargee": "couche non chargée", "rien": "rien trouvé", "trouve": "trouvé"}[self.value]


@dataclass(frozen=True)
class Source:
    """Version of the document that answers."""

    libelle: str
    identifiant: str
    du: date | None
    au: date | None = None

    def en_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "libelle": self.libelle,
            "identifiant": self.identifiant,
            "du": self.du.isoformat() if self.du else None,
            "au": self.au.isoformat() if self.au else None,
        }


@dataclass(frozen=True)
class Contrainte:
    """One constraint on the ground. ``mesure`` in m² (surface) or m (line), null for a point.

    ``nature``: plu, servitude, risque, patrimoine, autre. ``lien``: written rule.
    """

    couche: str
    cle: str
    code: str
    libelle: str
    categorie: str
    nature: str
    genre: str
    mesure: int | None
    pct: float | None
    source: Source
    lien: str = ""
    details: tuple[tuple[str, str], ...] = ()

    def en_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "couche": self.couche,
            "cle": self.cle,
            "code": self.code,
            "libelle": self.libelle,
            "categorie": self.categorie,
            "nature": self.nature,
            "genre": self.genre,
            "mesure": self.mesure,
            "unite": {"surface": "m²", "ligne": "m"}.get(self.genre),
            "pct": self.pct,
            "document": self.source.en_json(),
            "lien": self.lien or None,
            "details": dict(self.details),
        }


@dataclass(frozen=True)
class Consultee:
    """A layer asked: its state, the versions that answered, what was found, slivers left out.

    ``ailleurs``: communes of the ground for which it is not loaded.
    """

    nom: str
    libelle: str
    famille: str
    etat: Etat
    sources: tuple[Source, ...] = ()
    objets: tuple[Contrainte, ...] = ()
    eclats: tuple[Contrainte, ...] = ()
    ailleurs: tuple[str, ...] = ()
    remarque: str = ""

    def en_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "nom": self.nom,
            "libelle": self.libelle,
            "famille": self.famille,
            "etat": self.etat.value,
            "etat_libelle": self.etat.libelle,
            "documents": [s.en_json() for s in self.sources],
            "objets": [o.en_json() for o in self.objets],
            "eclats": [o.en_json() for o in self.eclats],
            "non_chargee_pour": list(self.ailleurs),
            "remarque": self.remarque,
        }


@dataclass(frozen=True)
class Zone:
    """Share of a zone in the ground."""

    libelle: str
    typezone: str
    famille: str
    description: str
    mesure: int
    pct: float
    source: Source
    lien: str = ""

    def en_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "libelle": self.libelle,
            "typezone": self.typezone,
            "famille": self.famille,
            "description": self.description,
            "mesure": self.mesure,
            "pct": self.pct,
            "document": self.source.en_json(),
            "lien": self.lien or None,
        }


@dataclass(frozen=True)
class Zonage:
    """Zones of the ground, by decreasing share; with ``hors`` they sum to 100 %."""

    consultee: Consultee
    repartition: Repartition
    zones: tuple[Zone, ...] = ()
    eclats: tuple[Zone, ...] = ()

    @property
    def etat(self) -> Etat:
        """State of the layer of zones."""
        return self.consultee.etat

    def en_json(self) -> dict[str, Any]:
        """Plain values."""
        hors = None if self.etat is Etat.NON_CHARGEE else self.repartition.hors
        return {
            "etat": self.etat.value,
            "etat_libelle": self.etat.libelle,
            "documents": [s.en_json() for s in self.consultee.sources],
            "zones": [z.en_json() for z in self.zones],
            "hors_zonage": {"mesure": hors.mesure, "pct": hors.pct} if hors else None,
            "eclats": [z.en_json() for z in self.eclats],
            "superposition_m2": round(self.repartition.chevauchement),
            "non_chargee_pour": list(self.consultee.ailleurs),
        }


@dataclass(frozen=True)
class Resultat:
    """All that the loaded documents say of a ground on a day."""

    jour: date
    surface: int
    communes: tuple[tuple[str, str], ...]
    zonage: Zonage
    consultees: tuple[Consultee, ...] = field(default=())

    def famille(self, *noms: str) -> list[Consultee]:
        """Layers of these families: plu, servitude, risque, patrimoine, autre."""
        return [c for c in self.consultees if c.famille in noms]

    @property
    def objets(self) -> list[Contrainte]:
        """Constraints found, in the order of their layers."""
        return [o for c in self.consultees for o in c.objets]

    def en_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "jour": self.jour.isoformat(),
            "surface": self.surface,
            "communes": [{"insee": insee, "nom": nom} for insee, nom in self.communes],
            "zonage": self.zonage.en_json(),
            "couches": [c.en_json() for c in self.consultees],
        }
