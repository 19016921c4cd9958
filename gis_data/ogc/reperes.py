"""Coordinate systems of the service (OGC 18-058 §6): their URI, their EPSG code, the order of their axes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyproj
import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry

from gis_data.projections import transformateur, zone_d_emploi

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
# Half the side of the world in Web Mercator, in metres.
MERCATOR_MAX = 20_037_508.342789244
# A straight side in degrees is none in the projection: vertices at most so far apart.
PAS_DEGRES = 0.05


@dataclass(frozen=True)
class Repere:
    """A coordinate system. ``nord_d_abord``: its authority writes latitude (northing) before longitude."""

    uri: str
    srid: int
    nord_d_abord: bool
    geographique: bool


def _epsg(code: int) -> Repere:
    crs = pyproj.CRS.from_epsg(code)
    return Repere(f"{EPSG}{code}", code, crs.axis_info[0].direction == "north", crs.is_geographic)


@lru_cache(maxsize=8)
def reperes(legal: int) -> dict[str, Repere]:
    """Systems by URI, the default one first; ``legal`` is the projection that the data are stored in."""
    connus = [Repere(CRS84, 4326, False, True), *map(_epsg, (4326, legal, 3857))]
    return {repere.uri: repere for repere in connus}


def tous() -> dict[str, Repere]:
    """Systems of this territory."""
    return reperes(settings.TERRITOIRE_SRID)


def de_stockage() -> Repere:
    """The legal projection, in which nothing is lost."""
    return tous()[f"{EPSG}{settings.TERRITOIRE_SRID}"]


def zone(repere: Repere, valeurs: tuple[float, float, float, float]) -> GEOSGeometry | None:
    """A box (west, south, east, north in ``repere``) as an area of the legal projection.

    Null where the projection does not reach: nothing lies there. The whole world is a box as any other.
    """
    legal = settings.TERRITOIRE_SRID
    if repere.srid == legal:
        return _geos(shapely.box(*valeurs))
    ouest, sud, est, nord = valeurs
    if not repere.geographique:
        # The world in Web Mercator, and further: clamped before the formulas run away.
        ouest, sud, est, nord = (max(-MERCATOR_MAX, min(MERCATOR_MAX, v)) for v in valeurs)
        (ouest, est), (sud, nord) = transformateur(repere.srid, 4326).transform((ouest, est), (sud, nord))
    utile = zone_d_emploi(legal)
    cadre = shapely.box(utile[0] - 1, utile[1] - 1, utile[2] + 1, utile[3] + 1)
    degres = shapely.intersection(shapely.box(ouest, sud, est, nord), cadre)
    if degres.is_empty:
        return None
    suivie = shapely.segmentize(degres, PAS_DEGRES)
    x, y = transformateur(4326, legal).transform(*shapely.get_coordinates(suivie).T)
    return _geos(shapely.set_coordinates(suivie, np.column_stack((x, y))))


def _geos(forme: shapely.Geometry) -> GEOSGeometry:
    return GEOSGeometry(memoryview(shapely.to_wkb(forme)), srid=settings.TERRITOIRE_SRID)
