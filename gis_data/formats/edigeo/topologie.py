"""Faces, arcs and nodes of polygons and lines, as VEC files hold them. Coordinates in whole centimetres."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import shapely

from .modele import Geometries

Point = tuple[int, int]
DEHORS = 0


@dataclass(eq=False)
class Arc:
    """A broken line with the faces on its left and right; ``None`` = no link is written."""

    sommets: list[Point]
    gauche: int | None = None
    droite: int | None = None


@dataclass(eq=False)
class Couche:
    """Primitives of one sub-set. Faces are numbered from 1 (0 = outside), arcs by their place.

    ``faces``, ``lignes`` and ``points`` give what each object (its rank in the sub-set) is made of.
    """

    topologique: bool
    arcs: list[Arc] = field(default_factory=list)
    nombre_faces: int = 0
    faces: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    lignes: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    points: dict[int, list[Point]] = field(default_factory=lambda: defaultdict(list))


def centimetres(geom: shapely.Geometry) -> list[Point]:
    """Vertices of a line or ring, rounded to the centimetre."""
    arrondis = np.rint(shapely.get_coordinates(geom) * 100).astype(np.int64)
    return [(x, y) for x, y in arrondis.tolist()]


def primitives(geoms: Geometries | Sequence[shapely.Geometry | None], *, topologique: bool) -> Couche:
    """Primitives of the objects of one sub-set, in their order. Geometry collections: ``ValueError``."""
    couche = Couche(topologique)
    surfaces: list[list[list[Point]]] = []
    for objet, geom in enumerate(geoms):
        if geom is None or shapely.is_empty(geom):
            continue
        for partie in shapely.get_parts(geom):
            genre = partie.geom_type
            if genre == "Polygon":
                couche.nombre_faces += 1
                couche.faces[objet].append(couche.nombre_faces)
                surfaces.append(_anneaux(partie))
            elif genre in ("LineString", "LinearRing"):
                couche.lignes[objet].append(len(couche.arcs))
                couche.arcs.append(Arc(centimetres(partie)))
            elif genre == "Point":
                couche.points[objet] += centimetres(partie)
            else:
                raise ValueError(f"géométrie {genre} : EDIGÉO n'a que des surfaces, des lignes et des points")
    if topologique:
        _partager(couche, surfaces)
    else:
        for face, anneaux in enumerate(surfaces, 1):
            couche.arcs += [Arc(anneau, gauche=face) for anneau in anneaux]
    return couche


def _anneaux(polygone: shapely.Polygon) -> list[list[Point]]:
    """Rings with the face on their left (outer counter-clockwise, holes clockwise), no point repeated."""
    oriente = shapely.orient_polygons(polygone)
    anneaux = []
    for anneau in shapely.get_rings(oriente):
        points = centimetres(anneau)
        anneaux.append([points[0], *(b for a, b in pairwise(points) if a != b)])
    return anneaux


def _cote(a: Point, b: Point) -> tuple[tuple[Point, Point], int]:
    """Key of a segment whatever its direction, and 0 when it runs along the key, 1 against it."""
    return ((a, b), 0) if a < b else ((b, a), 1)


def _partager(couche: Couche, surfaces: Iterable[list[list[Point]]]) -> None:
    """Cut the borders into arcs shared by neighbours, each with one face on the left and one on the right.

    A face that overlaps one already placed cannot share its border: it gets arcs of its own.
    """
    cotes: dict[tuple[Point, Point], list[int]] = {}
    for face, anneaux in enumerate(surfaces, 1):
        bords = [_cote(a, b) for anneau in anneaux for a, b in pairwise(anneau)]
        libres = len(set(bords)) == len(bords) and len({cle for cle, _ in bords}) == len(bords)
        if not libres or any(cle in cotes and cotes[cle][cote] != DEHORS for cle, cote in bords):
            couche.arcs += [Arc(anneau, face, DEHORS) for anneau in anneaux]
            continue
        for cle, cote in bords:
            cotes.setdefault(cle, [DEHORS, DEHORS])[cote] = face

    voisins: dict[Point, list[Point]] = defaultdict(list)
    for a, b in cotes:
        voisins[a].append(b)
        voisins[b].append(a)

    def faces(a: Point, b: Point) -> tuple[int, int]:
        cle, cote = _cote(a, b)
        gauche, droite = cotes[cle]
        return (droite, gauche) if cote else (gauche, droite)

    noeuds = {
        point
        for point, autres in voisins.items()
        if len(autres) != 2 or faces(autres[0], point) != faces(point, autres[1])
    }
    faits: set[tuple[Point, Point]] = set()

    def suivre(a: Point, b: Point) -> None:
        if _cote(a, b)[0] in faits:
            return
        depart, chaine, (gauche, droite) = a, [a], faces(a, b)
        while True:
            faits.add(_cote(a, b)[0])
            chaine.append(b)
            if b in noeuds or b == depart:
                break
            suivants = voisins[b]
            a, b = b, suivants[1] if suivants[0] == a else suivants[0]
        couche.arcs.append(Arc(chaine, gauche, droite))

    for a, b in cotes:
        if a in noeuds:
            suivre(a, b)
        elif b in noeuds:
            suivre(b, a)
    for a, b in cotes:
        suivre(a, b)
