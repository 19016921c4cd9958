"""What lies under a point of the map, layer by layer."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.gis.geos import Point
from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from gis_data.carte.choix import objets_du_jour
from gis_data.carte.filtres import Filtres
from gis_data.couches import Attribut, Couche, Forme, Genre

MAXIMUM = 10
# Of no use to a reader on a screen; exports and JSON carry them.
MUETS = ("rid", "prefixe", "commune")
# A point or a line is met within this many pixels.
TOLERANCE_PX = 8
METRES_PAR_PIXEL = 40_075_016.685578488 / 512


@dataclass(frozen=True)
class Objet:
    """One object found: title, address of its page, (label, value) pairs, raw public attributes."""

    couche: Couche
    titre: str
    adresse: str | None
    lignes: tuple[tuple[str, str], ...]
    attributs: dict[str, Any]
    # Longitude and latitude of a point of it, where the question asked for it.
    lieu: tuple[float, float] | None = None

    def en_json(self) -> dict[str, Any]:
        """Plain values for a JSON answer."""
        return {
            "couche": self.couche.nom,
            "libelle": self.couche.libelle,
            "titre": self.titre,
            "url": self.adresse,
            "lignes": [{"libelle": libelle, "valeur": valeur} for libelle, valeur in self.lignes],
            "attributs": {
                nom: valeur.isoformat() if isinstance(valeur, datetime.date) else valeur
                for nom, valeur in self.attributs.items()
            },
            **({"lieu": list(self.lieu)} if self.lieu else {}),
        }


def selection(objets: QuerySet[Any], attributs: Iterable[Attribut]) -> tuple[QuerySet[Any], list[str]]:
    """The query set with each attribute under a safe alias, and the aliases in order.

    Django refuses an annotation named like a field, so every alias gets a prefix.
    """
    alias, annotations = [], {}
    for attribut in attributs:
        expression = attribut.expression
        if isinstance(expression, Combinable):
            annotations[f"a_{attribut.nom}"] = expression
            alias.append(f"a_{attribut.nom}")
        else:
            alias.append(expression)
    return objets.annotate(**annotations), alias


def en_mots(attribut: Attribut, valeur: Any) -> str:
    """A value as a French reader expects it; empty when there is none."""
    if valeur is None or valeur == "":
        return ""
    if attribut.valeurs:
        return attribut.valeurs.get(str(valeur), str(valeur))
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, datetime.date):
        return f"{valeur:%d/%m/%Y}"
    if attribut.genre is Genre.ENTIER and attribut.nom != "numero":
        return f"{valeur:,}".replace(",", "\u202f")
    if isinstance(valeur, float):
        return f"{valeur:,.1f}".replace(",", "\u202f").replace(".", ",")
    return str(valeur)


def lire_objets(
    couche: Couche, objets: QuerySet[Any], *, depart: int = 0, maximum: int = MAXIMUM, lieu: str = ""
) -> list[Objet]:
    """Objects of a query set, in the order of their keys; ``lieu``: annotation of a point in degrees."""
    objets, alias = selection(objets, couche.attributs)
    if lieu:
        alias = [*alias, lieu]
    trouves = []
    for ligne in objets.order_by("pk").values_list(*alias)[depart : depart + maximum]:
        point = ligne[-1] if lieu else None
        attributs = dict(zip((a.nom for a in couche.attributs), ligne, strict=not lieu))
        lignes = ((a.libelle, en_mots(a, attributs[a.nom])) for a in couche.attributs if a.nom not in MUETS)
        trouves.append(
            Objet(
                couche,
                couche.titre(attributs),
                couche.adresse(attributs),
                tuple((libelle, mot) for libelle, mot in lignes if mot),
                attributs,
                (round(point.x, 7), round(point.y, 7)) if point else None,
            )
        )
    return trouves


def objet_par_cle(couche: Couche, objets: QuerySet[Any]) -> Objet | None:
    """The only object of ``objets``, null when there is none."""
    trouves = lire_objets(couche, objets)
    return trouves[0] if trouves else None


def identifier(
    choisies: Iterable[Couche],
    utilisateur: Any,
    lon: float,
    lat: float,
    zoom: float,
    jour: datetime.date | None = None,
    filtres: Filtres | None = None,
) -> list[Objet]:
    """Objects of the layers shown at ``zoom`` that contain the point or lie within a few pixels."""
    point = Point(lon, lat, srid=4326)
    point.transform(settings.TERRITOIRE_SRID)
    tolerance = max(0.3, TOLERANCE_PX * METRES_PAR_PIXEL / 2**zoom)
    trouves = []
    for couche in choisies:
        if not couche.identifiable or not couche.zoom_min <= zoom < couche.zoom_max + 1:
            continue
        recherche = "intersects" if couche.forme is Forme.SURFACE else "dwithin"
        valeur = point if couche.forme is Forme.SURFACE else (point, tolerance)
        objets = objets_du_jour(couche, utilisateur, jour, filtres)
        trouves += lire_objets(couche, objets.filter(**{f"{couche.geometrie}__{recherche}": valeur}))
    return trouves
