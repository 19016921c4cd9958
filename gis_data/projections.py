"""Changes of projection of shapely arrays, exact as PostGIS: NTF by its grid, Web Mercator for tiles.

The PROJ inside the pyproj wheel has no grid and ignores ``PROJ_DATA``: the system's folder is appended.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import pyproj.datadir
import shapely

Geometries = npt.NDArray[Any]

DOSSIER_GRILLES = Path("/usr/share/proj")
MERCATOR = 3857

# NTF (Paris) Lambert II (700000, 250000) in Lambert 93, by the grid ntf_r93.gsb; the three-parameter
# shift is 0.9 m away (cadastre.md §5).
_TEMOIN_NTF = (27562, (700000.0, 250000.0), (749737.002, 6682639.232))
_TOLERANCE_M = 0.01


@lru_cache(maxsize=1)
def _ajouter_grilles() -> None:
    if DOSSIER_GRILLES.is_dir():
        pyproj.datadir.append_data_dir(str(DOSSIER_GRILLES))


@lru_cache(maxsize=32)
def transformateur(source: int, cible: int) -> pyproj.Transformer:
    """Transformer between two EPSG codes, x east and y north."""
    _ajouter_grilles()
    return pyproj.Transformer.from_crs(source, cible, always_xy=True)


@lru_cache(maxsize=1)
def grille_ntf_presente() -> bool:
    """Whether NTF coordinates come out right to the centimetre here (self-test on a known point)."""
    source, depart, arrivee = _TEMOIN_NTF
    x, y = transformateur(source, 2154).transform(*depart)
    return abs(x - arrivee[0]) < _TOLERANCE_M and abs(y - arrivee[1]) < _TOLERANCE_M


def transformer(geometries: Geometries, source: int, cible: int) -> Geometries:
    """The geometries (``None`` kept) in another projection; the very array when nothing changes."""
    if source == cible or not len(geometries):
        return geometries
    coordonnees = shapely.get_coordinates(geometries)
    if not len(coordonnees):
        return geometries
    x, y = transformateur(source, cible).transform(coordonnees[:, 0], coordonnees[:, 1])
    return shapely.set_coordinates(geometries.copy(), np.column_stack((x, y)))


def vers_mercator(geometries: Geometries, srid: int) -> Geometries:
    """The geometries in Web Mercator, as ``ST_Transform(geom, 3857)`` gives them to the tiles."""
    return transformer(geometries, srid, MERCATOR)


@lru_cache(maxsize=8)
def zone_d_emploi(srid: int) -> tuple[float, float, float, float]:
    """Where a projection is made for: west, south, east, north in degrees."""
    zone = pyproj.CRS.from_epsg(srid).area_of_use
    if zone is None:
        return -180.0, -90.0, 180.0, 90.0
    return zone.west, zone.south, zone.east, zone.north
