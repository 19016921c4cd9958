"""All geometries of a sheet at once: right kind for their table, territory projection, Web Mercator."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gis_data.projections import transformer, vers_mercator

Geometries = npt.NDArray[Any]

SURFACE, LIGNE, POINT, LIBRE = range(4)
_POINT, _LIGNE, _POLYGONE, _MULTIPOINT, _MULTILIGNE, _MULTIPOLYGONE = 0, 1, 3, 4, 5, 6
_SIMPLE = {SURFACE: _POLYGONE, LIGNE: _LIGNE}
_MULTIPLE = {SURFACE: _MULTIPOLYGONE, LIGNE: _MULTILIGNE}


@dataclass(eq=False)
class Geometrie:
    """Columns numbered as the objects of the lot. ``livree`` keeps the delivered projection."""

    livree: Geometries
    territoire: Geometries
    mercator: Geometries
    reparees: list[int] = field(default_factory=list)  # by the change of projection
    mauvaises: list[int] = field(default_factory=list)  # of a kind that their table cannot hold


def preparer(
    geometries: Geometries, sortes: npt.NDArray[np.int8], tuiles: npt.NDArray[np.bool_], epsg: int, srid: int
) -> Geometrie:
    """Geometries of the kinds asked for (areas, lines as multi), projected; ``tuiles`` = wanted in 3857."""
    livree = geometries.copy()
    types = shapely.get_type_id(livree)
    for sorte in (SURFACE, LIGNE):
        simples = (sortes == sorte) & (types == _SIMPLE[sorte])
        if simples.any():
            construire = shapely.multipolygons if sorte == SURFACE else shapely.multilinestrings
            livree[simples] = construire(livree[simples], indices=np.arange(simples.sum()))
            types[simples] = _MULTIPLE[sorte]
    plusieurs = (sortes == POINT) & (types == _MULTIPOINT)
    attendus = np.choose(sortes, [_MULTIPOLYGONE, _MULTILIGNE, _POINT, -2])
    mauvaises = (types >= 0) & (attendus != -2) & (types != attendus)
    livree[mauvaises] = None
    # An object drawn by several points is placed on the first: said with the others.
    livree[plusieurs] = shapely.get_geometry(geometries[plusieurs], 0)

    territoire = transformer(livree, epsg, srid)
    reparees: list[int] = []
    if territoire is not livree:
        surfaces = np.flatnonzero(shapely.get_type_id(territoire) == _MULTIPOLYGONE)
        for i in surfaces[~shapely.is_valid(territoire[surfaces])].tolist():
            territoire[i] = _partie_surfacique(shapely.make_valid(territoire[i]))
            reparees.append(i)
    mercator = np.full(len(livree), None, dtype=object)
    if tuiles.any():
        mercator[tuiles] = vers_mercator(territoire[tuiles], srid)
    return Geometrie(livree, territoire, mercator, reparees, np.flatnonzero(mauvaises).tolist())


def _partie_surfacique(geometrie: shapely.Geometry) -> shapely.Geometry:
    parties = shapely.get_parts(shapely.get_parts(geometrie))
    return shapely.multipolygons(parties[shapely.get_type_id(parties) == _POLYGONE])


def surfaces_m2(geometries: Geometries) -> list[float | None]:
    """Planar areas to the square millimetre; ``None`` without geometry."""
    aires = np.round(shapely.area(geometries), 3).tolist()
    return [
        None if absente else aire
        for aire, absente in zip(aires, shapely.is_missing(geometries).tolist(), strict=True)
    ]
