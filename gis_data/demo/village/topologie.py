"""Exact ground: all limits noded together on the centimetre grid, then the faces they enclose.

Parcels, sheets, sections, water and roads are unions of the same faces: they share their vertices,
T-junctions included, without gap or overlap, in whatever projection the plan is placed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gis_data.demo.village import courbes
from gis_data.demo.village.parcellaire import Parcellaire

Placement = Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]
HORS = -1


@dataclass
class Sol:
    """Faces of the ground (m, 0.01 m grid) and what each one is; ``HORS`` where it is not.

    ``parcelle``: number of the parcel. ``ilot``: of the cell. ``route``: rank of the road. ``eau``: boolean.
    """

    faces: npt.NDArray[Any]
    parcelle: npt.NDArray[np.int64]
    ilot: npt.NDArray[np.int64]
    eau: npt.NDArray[np.bool_]
    route: npt.NDArray[np.int64]


def en_centimetres(geometries: Any, placer: Placement) -> Any:
    """Geometries of the plan placed on the ground, in centimetres, not yet rounded.

    Rounding is left to the noding: a limit that ends on another one is still on it, then.
    """
    return shapely.transform(geometries, lambda c: placer(c) * 100.0)


def en_metres(geometries: Any) -> Any:
    """Whole centimetres to metres, each number the nearest double to its two decimals."""
    return shapely.transform(geometries, lambda c: np.round(c / 100.0, 2))


def assembler(plan: Parcellaire, placer: Placement) -> Sol:
    """Nodes all limits of the plan and names the faces. Raises ``ValueError`` if a parcel is lost."""
    trame = plan.trame
    bandes = _bandes_de_route(plan)
    routes = [p for _, p in bandes]
    formes = [t.forme for t in plan.terrains]
    cellules = [i.cellule for i in trame.ilots]
    limites = [
        trame.commune,
        *formes,
        *cellules,
        *courbes.polygones(plan.riviere),
        *routes,
    ]
    lignes = en_centimetres(shapely.boundary(np.array(limites)), placer)
    noeuds = shapely.union_all(lignes, grid_size=1.0)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(noeuds)))
    faces = faces[np.lexsort(shapely.get_coordinates(shapely.point_on_surface(faces)).T)]
    points = shapely.point_on_surface(faces)
    dedans = _dans(points, [trame.commune], placer) == 0
    faces, points = faces[dedans], points[dedans]
    sol = Sol(
        faces,
        _dans(points, formes, placer),
        _dans(points, cellules, placer),
        _dans(points, courbes.polygones(plan.riviere), placer) >= 0,
        _dans(points, routes, placer),
    )
    sol.route = np.array([rang for rang, _ in bandes] + [HORS])[sol.route]
    sol.ilot = _completer(points, sol.ilot)
    sol.parcelle[sol.eau] = HORS
    manquent = sorted(set(range(len(formes))) - set(sol.parcelle.tolist()))
    if manquent:
        raise ValueError(f"Parcelles sans surface après arrondi : {manquent}")
    return sol


def _bandes_de_route(plan: Parcellaire) -> list[tuple[int, Any]]:
    """Ground of each road, by rank; a crossing belongs to the first road only."""
    libre = shapely.difference(plan.public, plan.riviere)
    bandes = []
    for rang, axe in enumerate(a for a in plan.trame.axes if a.genre == "route"):
        bande = shapely.intersection(libre, axe.ligne.buffer(axe.largeur / 2 + 2.0, cap_style="flat"))
        bandes += [(rang, p) for p in courbes.polygones(bande, 1.0)]
        libre = shapely.difference(libre, bande)
    return bandes


def _dans(points: Any, formes: list[Any], placer: Placement) -> npt.NDArray[np.int64]:
    """Number of the shape that holds each point."""
    places = shapely.transform(np.array(formes), lambda c: placer(c) * 100.0)
    p, f = shapely.STRtree(places).query(points, predicate="within")
    resultat = np.full(len(points), HORS, dtype=np.int64)
    resultat[p[::-1]] = f[::-1]
    return resultat


def _completer(points: Any, numeros: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Gives the few faces of no cell (slivers of rounding) the cell of the nearest other face."""
    perdus = np.flatnonzero(numeros == HORS)
    if len(perdus):
        connus = np.flatnonzero(numeros != HORS)
        _, proche = shapely.STRtree(points[connus]).query_nearest(points[perdus], all_matches=False)
        numeros[perdus] = numeros[connus[proche]]
    return numeros


def unir(faces: Any) -> Any:
    """Union of faces that share their vertices; polygon or multipolygon, centimetres."""
    return shapely.normalize(shapely.coverage_union_all(faces))


def par_numero(sol: Sol, numeros: npt.NDArray[np.int64]) -> dict[int, Any]:
    """Union of the faces (m) of each number, ``HORS`` left out."""
    ordre = np.argsort(numeros, kind="stable")
    tries = numeros[ordre]
    valeurs, debuts = np.unique(tries, return_index=True)
    groupes = np.split(ordre, debuts[1:])
    return {int(v): en_metres(unir(sol.faces[g])) for v, g in zip(valeurs, groupes, strict=True) if v != HORS}
