"""Rows of a layer for a demand: one query for the page, one for the count where it is not known."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.gis.db.models import Extent
from django.contrib.gis.geos import Polygon
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable

from gis_data.carte.choix import expression
from gis_data.carte.comptes import compte
from gis_data.couches import Couche
from gis_data.emprise import Emprise, emprise_lonlat
from gis_data.exports import DECIMALES_DEGRES, DECIMALES_METRES
from gis_data.ogc.parametres import Demande
from gis_data.ogc.reperes import Repere
from gis_data.tuiles.service import version


@dataclass(frozen=True)
class Objet:
    """A feature: its row's key, its identifier in addresses, its values in order, its geometry as GeoJSON."""

    rang: int
    identifiant: str
    valeurs: tuple[Any, ...]
    geometrie: str | None


@dataclass(frozen=True)
class Page:
    """Features of a page, how many match in all, whether some come before and after."""

    objets: tuple[Objet, ...]
    total: int
    precede: bool
    suivi: bool


def objets_de(couche: Couche, utilisateur: Any) -> QuerySet[Any]:
    """Rows that this person sees; of a public layer the same for everybody."""
    return couche.objets(None if couche.publique else utilisateur)


def _bornes(demande: Demande, objets: QuerySet[Any]) -> QuerySet[Any]:
    couche = demande.couche
    if demande.hors_zone:
        return objets.none()
    if demande.zone:
        objets = objets.filter(**{f"{couche.geometrie}__intersects": demande.zone})
    if demande.jours and couche.dates:
        debut, fin = (expression(couche.attribut(nom)) for nom in couche.dates)
        objets = objets.annotate(o_debut=debut, o_fin=fin)
        du, au = demande.jours
        if au:
            objets = objets.filter(Q(o_debut__isnull=True) | Q(o_debut__lte=au))
        if du:
            objets = objets.filter(Q(o_fin__isnull=True) | Q(o_fin__gte=du))
    for nom, valeur in demande.filtres.items():
        source = couche.attribut(nom).expression
        if isinstance(source, str):
            # The column itself, which may have an index.
            objets = objets.filter(**{source: valeur})
        else:
            objets = objets.annotate(**{f"o_{nom}": source}).filter(**{f"o_{nom}": valeur})
    return objets


def _geometrie(couche: Couche, repere: Repere) -> Combinable:
    source: Combinable = F(couche.geometrie)
    if repere.srid != settings.TERRITOIRE_SRID:
        source = Func(source, Value(repere.srid), function="ST_Transform", output_field=TextField())
    # RFC 7946 §3.1.6: outer rings counter-clockwise, seen with east to the right.
    source = Func(source, function="ST_ForcePolygonCCW", output_field=TextField())
    if repere.nord_d_abord:
        source = Func(source, function="ST_FlipCoordinates", output_field=TextField())
    decimales = DECIMALES_DEGRES if repere.geographique else DECIMALES_METRES
    return Func(source, Value(decimales), Value(0), function="ST_AsGeoJSON", output_field=TextField())


def _lire(couche: Couche, objets: QuerySet[Any], repere: Repere) -> list[Objet]:
    valeurs = {f"v_{a.nom}": expression(a) for a in couche.attributs}
    cle = F(couche.cle or "pk")
    lignes = objets.annotate(**valeurs, o_cle=cle, o_geojson=_geometrie(couche, repere)).values_list(
        "pk", "o_cle", *valeurs, "o_geojson"
    )
    return [Objet(pk, str(nom), tuple(reste), geom) for pk, nom, *reste, geom in lignes]


def lire_page(demande: Demande, utilisateur: Any) -> Page:
    """The page asked. Rows are taken by their keys: following the links costs the same on every page."""
    couche = demande.couche
    bornes = _bornes(demande, objets_de(couche, utilisateur))
    total = bornes.count() if demande.bornee or not couche.publique else compte(couche)
    # One more than asked says whether there is a next page.
    voulus = demande.limite + 1
    if demande.avant is not None:
        lus = _lire(couche, bornes.filter(pk__lt=demande.avant).order_by("-pk")[:voulus], demande.repere)
        precede = len(lus) > demande.limite
        return Page(tuple(reversed(lus[: demande.limite])), total, precede, suivi=True)
    suite = bornes if demande.apres is None else bornes.filter(pk__gt=demande.apres)
    depart = demande.decalage
    lus = _lire(couche, suite.order_by("pk")[depart : depart + voulus], demande.repere)
    precede = demande.apres is not None or depart > 0
    return Page(tuple(lus[: demande.limite]), total, precede, suivi=len(lus) > demande.limite)


def lire_objet(couche: Couche, utilisateur: Any, identifiant: str, repere: Repere) -> Objet | None:
    """The feature of that identifier, null where there is none to see."""
    cle = couche.cle or "pk"
    objets = objets_de(couche, utilisateur)
    if cle == "pk" and not (identifiant.isascii() and identifiant.isdecimal() and len(identifiant) < 19):
        return None
    trouves = _lire(couche, objets.filter(**{cle: identifiant.replace("\0", " ")}).order_by("pk")[:1], repere)
    return trouves[0] if trouves else None


def propre(valeur: Any) -> Any:
    """A value as JSON writes it."""
    return valeur.isoformat() if isinstance(valeur, datetime.date) else valeur


def en_geojson(couche: Couche, objets: Iterable[Objet]) -> list[str]:
    """Each feature as the text of a GeoJSON object: the geometry is already written by the database."""
    noms = [a.nom for a in couche.attributs]
    return [
        f'{{"type":"Feature","id":{_identifiant(couche, o)},"geometry":{o.geometrie or "null"},"properties":'
        f"{json.dumps(dict(zip(noms, map(propre, o.valeurs), strict=True)), ensure_ascii=False)}}}"
        for o in objets
    ]


def _identifiant(couche: Couche, objet: Objet) -> str:
    return json.dumps(objet.identifiant) if couche.cle else objet.identifiant


_EMPRISES: dict[str, tuple[str, Emprise | None]] = {}
MONDE: Emprise = (-180.0, -90.0, 180.0, 90.0)
# Its objects fill the communes, whose extent is known.
THEME_DU_PLAN = "Plan cadastral"


def emprise_de(couche: Couche, utilisateur: Any) -> Emprise:
    """Extent of a layer in degrees; of a public one it is read again when the version changes."""
    if couche.theme == THEME_DU_PLAN:
        return emprise_lonlat() or MONDE
    if not couche.publique:
        return _emprise_lue(couche, utilisateur) or MONDE
    courante = version(couche.nom)
    connue = _EMPRISES.get(couche.nom)
    if connue is None or connue[0] != courante:
        connue = (courante, _emprise_lue(couche, None))
        _EMPRISES[couche.nom] = connue
    return connue[1] or emprise_lonlat() or MONDE


def _emprise_lue(couche: Couche, utilisateur: Any) -> Emprise | None:
    boite = objets_de(couche, utilisateur).aggregate(boite=Extent(couche.geometrie))["boite"]
    if not boite:
        return None
    cadre = Polygon.from_bbox(boite)
    cadre.srid = settings.TERRITOIRE_SRID
    ouest, sud, est, nord = cadre.transform(4326, clone=True).extent
    return ouest, sud, est, nord
