"""Parameters that come as text: boxes, geometries, lists, days; each refused with its reason."""

from __future__ import annotations

import math
from datetime import date
from functools import cache
from typing import TypeVar

import pyproj
import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Model, Q, QuerySet
from ninja.errors import HttpError

from cadastre.regles.ecritures import FORME_IDU

IDUS_MAX = 200
GEOM_MAX = 100_000
SOMMETS_MAX = 5000
# A straight side in degrees is none in the projection: vertices at most so far apart.
PAS_DEGRES = 0.05
M = TypeVar("M", bound=Model)


@cache
def _domaine(srid: int) -> shapely.Geometry:
    """Where a projection holds, in degrees, with a margin: further away its formulas go astray."""
    utile = pyproj.CRS.from_epsg(srid).area_of_use
    if utile is None:
        return shapely.box(-180, -90, 180, 90)
    return shapely.box(utile.west - 1, utile.south - 1, utile.east + 1, utile.north + 1)


def _territoire(geom: shapely.Geometry) -> GEOSGeometry:
    """What of a geometry in degrees the territory may hold, its sides bent as the projection bends them."""
    srid = settings.TERRITOIRE_SRID
    utile = shapely.segmentize(shapely.intersection(geom, _domaine(srid)), PAS_DEGRES)
    sortie = GEOSGeometry(memoryview(shapely.to_wkb(utile)), srid=4326)
    if not sortie.empty:
        sortie.transform(srid)
    return sortie


def emprise(bbox: str) -> GEOSGeometry:
    """``ouest,sud,est,nord`` in degrees, as a box in the territory's projection."""
    try:
        ouest, sud, est, nord = (float(v) for v in bbox.split(","))
    except ValueError:
        raise HttpError(
            400, "« bbox » : quatre nombres sont attendus, ouest,sud,est,nord en degrés."
        ) from None
    if not all(map(math.isfinite, (ouest, sud, est, nord))):
        raise HttpError(400, "« bbox » : les quatre nombres doivent être finis.")
    if not (-180 <= ouest <= est <= 180 and -90 <= sud <= nord <= 90):
        raise HttpError(400, "« bbox » : ouest ≤ est et sud ≤ nord, en degrés.")
    return _territoire(shapely.box(ouest, sud, est, nord))


def geometrie(texte: str) -> GEOSGeometry:
    """A GeoJSON geometry in degrees, in the territory's projection."""
    if len(texte) > GEOM_MAX:
        raise HttpError(400, f"« geom » : {GEOM_MAX} caractères au plus.")
    try:
        geom = shapely.from_geojson(texte)
    except (shapely.errors.GEOSException, ValueError, TypeError):
        raise HttpError(400, "« geom » : une géométrie GeoJSON en degrés est attendue.") from None
    if geom is None or geom.is_empty or shapely.get_num_coordinates(geom) > SOMMETS_MAX:
        raise HttpError(
            400, f"« geom » : une géométrie non vide de {SOMMETS_MAX} sommets au plus est attendue."
        )
    ouest, sud, est, nord = geom.bounds
    if not (-180 <= ouest <= est <= 180 and -90 <= sud <= nord <= 90):
        raise HttpError(400, "« geom » : des longitudes et latitudes en degrés sont attendues.")
    if not geom.is_valid:
        raise HttpError(400, f"« geom » : géométrie invalide ({shapely.is_valid_reason(geom)}).")
    return _territoire(shapely.force_2d(geom))


def identifiants(texte: str) -> list[str]:
    """Identifiers of 14 characters, separated by commas."""
    idus = [i.strip().upper() for i in texte.split(",") if i.strip()]
    if len(idus) > IDUS_MAX:
        raise HttpError(400, f"« idu » : {IDUS_MAX} identifiants au plus.")
    for idu in idus:
        if not FORME_IDU.fullmatch(idu):
            raise HttpError(400, f"« idu » : « {idu[:40]} » n'a pas 14 caractères comme 25354000AB0012.")
    return idus


def en_vigueur(jour: date | None) -> Q:
    """Versions of a day; of today where none is given."""
    if jour is None:
        return Q(valide_au__isnull=True)
    return Q(valide_du__lte=jour) & (Q(valide_au__isnull=True) | Q(valide_au__gt=jour))


def section(texte: str) -> str:
    """``A`` → ``0A``."""
    return texte.strip().upper().zfill(2)


def dans(lignes: QuerySet[M], bbox: str | None, geom: str | None = None) -> QuerySet[M]:
    """Rows that touch the box and the geometry."""
    zones = [emprise(bbox)] if bbox else []
    zones += [geometrie(geom)] if geom else []
    for zone in zones:
        lignes = lignes.none() if zone.empty else lignes.filter(geom__intersects=zone)
    return lignes
