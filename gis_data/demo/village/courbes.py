"""Curves and shapes of the invented ground: bends, ribbons of varying width, uneven outlines.

Plain numpy and shapely; metres, x to the east of the plan, before it is turned and placed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString, Point, Polygon

Points = npt.NDArray[np.float64]


def lisser(points: Points | Sequence[Sequence[float]], pas: float) -> Points:
    """Catmull-Rom curve through the points, one vertex about every ``pas`` metres."""
    p = np.asarray(points, dtype=float)
    if len(p) < 3:
        return p
    p = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    morceaux: list[Points] = []
    for a, b, c, d in zip(p[:-3], p[1:-2], p[2:-1], p[3:], strict=True):
        n = max(1, round(float(np.hypot(*(c - b))) / pas))
        t = (np.arange(n) / n)[:, None]
        morceaux.append(
            0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        )
    morceaux.append(p[-2:-1])
    return np.vstack(morceaux)


def briser(points: Points, ampleur: float, niveaux: int, rng: np.random.Generator) -> Points:
    """Moves the middle of each segment sideways, ``niveaux`` times, by ``ampleur`` of its length."""
    for _ in range(niveaux):
        a, b = points[:-1], points[1:]
        d = b - a
        normale = np.column_stack([-d[:, 1], d[:, 0]])
        milieux = (a + b) / 2 + normale * rng.normal(0, ampleur, len(d))[:, None]
        milieux += d * rng.uniform(-0.12, 0.12, len(d))[:, None]
        suite = np.empty((2 * len(a) + 1, 2))
        suite[0::2], suite[1::2] = points, milieux
        points = suite
    return points


def contour(
    rng: np.random.Generator,
    rayon: float,
    sommets: int,
    rugosite: float,
    allongement: float = 1.0,
    niveaux: int = 0,
    centre: tuple[float, float] = (0.0, 0.0),
) -> Polygon:
    """Uneven closed outline about ``centre``: mean radius ``rayon``, stretched along x."""
    pas = 2 * np.pi / sommets
    angles = np.arange(sommets) * pas + rng.uniform(-0.28, 0.28, sommets) * pas
    bruit = rng.normal(0, 1, sommets)
    bruit = 0.6 * bruit + 0.4 * np.roll(bruit, 1)
    rayons = rayon * np.clip(1 + rugosite * bruit, 0.72, 1.34)
    k = np.sqrt(allongement)
    p = np.column_stack([np.cos(angles) * rayons * k, np.sin(angles) * rayons / k])
    p = np.vstack([p, p[:1]])
    if niveaux:
        p = briser(p, rugosite * 0.45, niveaux, rng)
    forme = Polygon(p + np.asarray(centre))
    return forme if forme.is_valid else Polygon(forme.buffer(0).convex_hull)


def ruban(axe: Points, largeurs: npt.NDArray[np.float64] | float) -> Polygon:
    """Strip about an axis, its width given at each vertex (m)."""
    largeurs = np.broadcast_to(np.asarray(largeurs, dtype=float), (len(axe),))
    disques = [
        shapely.MultiPoint([a, b]).convex_hull.buffer(0)
        if np.allclose(a, b)
        else trapeze(a, b, la / 2, lb / 2)
        for a, b, la, lb in zip(axe[:-1], axe[1:], largeurs[:-1], largeurs[1:], strict=True)
    ]
    joints = [Point(p).buffer(la / 2, quad_segs=3) for p, la in zip(axe, largeurs, strict=True)]
    forme = shapely.union_all([*disques, *joints])
    return plus_grand(forme.simplify(0.08))


def trapeze(a: Points, b: Points, da: float, db: float) -> Polygon:
    """Quadrilateral about segment ab, ``da`` and ``db`` metres to each side at its ends."""
    d = (b - a) / np.hypot(*(b - a))
    n = np.array([-d[1], d[0]])
    return Polygon([a + n * da, b + n * db, b - n * db, a - n * da])


def rectangle(centre: Sequence[float] | Points, angle: float, longueur: float, largeur: float) -> Polygon:
    """Rectangle about its centre, ``longueur`` along ``angle`` (radians)."""
    u = np.array([np.cos(angle), np.sin(angle)]) * longueur / 2
    v = np.array([-np.sin(angle), np.cos(angle)]) * largeur / 2
    c = np.asarray(centre, dtype=float)
    return Polygon([c - u - v, c + u - v, c + u + v, c - u + v])


def plus_grand(forme: Any) -> Polygon:
    """The largest polygon of a geometry; an empty one where there is none."""
    parts = [p for p in shapely.get_parts(forme) if p.geom_type == "Polygon"]
    return max(parts, key=lambda p: p.area) if parts else Polygon()


def polygones(forme: Any, aire_min: float = 0.0) -> list[Polygon]:
    """All polygons of a geometry of more than ``aire_min`` m²."""
    return [p for p in shapely.get_parts(forme) if p.geom_type == "Polygon" and p.area > aire_min]


def grand_axe(forme: Polygon) -> tuple[Points, Points, float, float]:
    """Centre, unit vector along the longer side, length and width of the smallest rectangle."""
    boite = shapely.oriented_envelope(forme)
    if boite.geom_type != "Polygon":
        c = np.asarray(forme.centroid.coords[0])
        return c, np.array([1.0, 0.0]), 0.0, 0.0
    p = np.asarray(boite.exterior.coords)[:4]
    u, v = p[1] - p[0], p[2] - p[1]
    lu, lv = float(np.hypot(*u)), float(np.hypot(*v))
    if lv > lu:
        u, lu, lv = v, lv, lu
    return p.mean(axis=0), u / max(lu, 1e-9), lu, lv


def direction(ligne: LineString, s: float, portee: float = 3.0) -> Points:
    """Unit tangent of a line at the curvilinear abscissa ``s`` (m)."""
    a = ligne.interpolate(max(0.0, s - portee))
    b = ligne.interpolate(min(ligne.length, s + portee))
    d = np.array([b.x - a.x, b.y - a.y])
    n = float(np.hypot(*d))
    return d / n if n > 1e-9 else np.array([1.0, 0.0])


def errance(
    rng: np.random.Generator, depart: Points, cap: float, longueur: float, pas: float, trouble: float
) -> Points:
    """A road that leaves ``depart`` towards ``cap`` (radians) and wanders about that heading."""
    points, angle = [np.asarray(depart, dtype=float)], cap
    n = max(2, int(np.ceil(longueur / pas)))
    for _ in range(n):
        angle = cap + 0.55 * (angle - cap) + rng.normal(0, trouble)
        points.append(points[-1] + pas * np.array([np.cos(angle), np.sin(angle)]))
    return lisser(np.array(points), max(6.0, pas / 7))
