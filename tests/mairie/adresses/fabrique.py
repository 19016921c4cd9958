"""Streets and numbers of the invented commune."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.gis.geos import LineString, MultiLineString, Point

from mairie.adresses.service import NumeroPlan, VoiePlan, enregistrer_adresse, enregistrer_voie
from mairie.models import Adresse, Utilisateur, Voie
from tests.personnes import INSEE, agent

X0, Y0 = 900_000.0, 6_650_000.0


def point(x: float = 0.0, y: float = 0.0) -> Point:
    """A point at (x, y) metres from the middle of the invented commune."""
    return Point(X0 + x, Y0 + y, srid=settings.TERRITOIRE_SRID)


def axe(y: float = 0.0) -> MultiLineString:
    """A street of a hundred metres."""
    return MultiLineString(LineString((X0, Y0 + y), (X0 + 100, Y0 + y)), srid=settings.TERRITOIRE_SRID)


def degres(p: Point) -> tuple[float, float]:
    """Longitude, latitude."""
    q = p.transform(4326, clone=True)
    return q.x, q.y


def moi() -> Utilisateur:
    """Who edits addresses in the invented commune."""
    return agent("mairie.administrateur")


def voie(nom: str = "Rue du Moulin", insee: str = INSEE, **champs: Any) -> Voie:
    """A street made by hand."""
    return enregistrer_voie(Voie(insee=insee), {"nom": nom, **champs}, par=moi())


def adresse(rue: Voie, numero: int = 1, suffixe: str = "", **champs: Any) -> Adresse:
    """A number made by hand, placed."""
    valeurs = {"numero": numero, "suffixe": suffixe, "position": point(10.0 * numero), **champs}
    return enregistrer_adresse(Adresse(voie=rue), valeurs, par=moi())


MOULIN = VoiePlan("Rue du Moulin", axe())


def au_plan(numero: str, x: float, voie: str = "Rue du Moulin", *parcelles: str) -> NumeroPlan:
    """A number of the plan."""
    return NumeroPlan(numero, voie, point(x, 5), parcelles)
