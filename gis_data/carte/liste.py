"""Objects in view as a list: what the map shows, for those who do not see it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.gis.db.models.functions import PointOnSurface, Transform
from django.contrib.gis.geos import Polygon
from django.db.models import F

from gis_data.carte.choix import objets_du_jour
from gis_data.carte.filtres import Filtres
from gis_data.carte.identifier import Objet, lire_objets
from gis_data.couches import Couche

PAR_COUCHE = 25
# Beyond, « plus de 1 000 » says enough.
COMPTE_MAX = 1000


@dataclass(frozen=True)
class Rubrique:
    """Objects of one layer in view: the first ones, how many in all (at most ``COMPTE_MAX`` + 1)."""

    couche: Couche
    objets: tuple[Objet, ...]
    nombre: int

    def en_json(self) -> dict[str, Any]:
        """Plain values for a JSON answer."""
        return {
            "couche": self.couche.nom,
            "libelle": self.couche.libelle,
            "nombre": min(self.nombre, COMPTE_MAX),
            "au_dela": self.nombre > COMPTE_MAX,
            "objets": [o.en_json() for o in self.objets],
        }


def lister(
    choisies: Iterable[Couche],
    utilisateur: Any,
    boite: tuple[float, float, float, float],
    zoom: float,
    *,
    jour: datetime.date | None = None,
    filtres: Filtres | None = None,
    depart: int = 0,
) -> list[Rubrique]:
    """Objects of the layers shown at ``zoom`` that meet the box (west, south, east, north, degrees)."""
    cadre = Polygon.from_bbox(boite)
    cadre.srid = 4326
    cadre.transform(settings.TERRITOIRE_SRID)
    rubriques = []
    for couche in choisies:
        if not couche.identifiable or not couche.zoom_min <= zoom < couche.zoom_max + 1:
            continue
        du_jour = objets_du_jour(couche, utilisateur, jour, filtres)
        vus = du_jour.filter(**{f"{couche.geometrie}__intersects": cadre})
        nombre = vus[: COMPTE_MAX + 1].count()
        if not nombre:
            continue
        situes = vus.annotate(c_lieu=Transform(PointOnSurface(F(couche.geometrie)), 4326))
        lus = lire_objets(couche, situes, depart=depart, maximum=PAR_COUCHE, lieu="c_lieu")
        rubriques.append(Rubrique(couche, tuple(lus), nombre))
    return rubriques
