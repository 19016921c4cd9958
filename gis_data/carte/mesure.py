"""Lengths and areas of what is drawn on the map, in the territory's legal projection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from django.conf import settings

from gis_data.projections import transformateur

POINTS_MAX = 500
LONLAT = 4326


class MesureImpossible(ValueError):
    """The points asked make no measurable line or area, with the reason in words."""


@dataclass(frozen=True)
class Mesure:
    """``longueur``: of the line, or round the area, m. ``aire``: m², null for a line."""

    longueur: float
    aire: float | None
    troncons: tuple[float, ...]
    croisee: bool = False


def lire_points(texte: str) -> list[tuple[float, float]]:
    """``lon,lat;lon,lat;…`` in degrees; ``MesureImpossible`` says what is wrong with it."""
    points = []
    morceaux = [m for m in texte.split(";") if m.strip()]
    if len(morceaux) > POINTS_MAX:
        raise MesureImpossible(f"Trop de points : {len(morceaux)} pour {POINTS_MAX} au plus.")
    for morceau in morceaux:
        try:
            lon, lat = (float(v) for v in morceau.split(","))
        except ValueError:
            raise MesureImpossible(f"« {morceau[:40]} » n'est pas un point « longitude,latitude ».") from None
        if not (-180 <= lon <= 180 and -85 <= lat <= 85):
            raise MesureImpossible(f"Le point « {morceau[:40]} » est hors du monde.")
        points.append((lon, lat))
    return points


def vers_legale(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Degrees to metres of the legal projection; ``MesureImpossible`` where it has no sense."""
    vers = transformateur(LONLAT, settings.TERRITOIRE_SRID)
    xs, ys = vers.transform([p[0] for p in points], [p[1] for p in points])
    if not np.isfinite([*xs, *ys]).all():
        raise MesureImpossible("Un des points est trop loin du territoire pour être mesuré.")
    return list(zip(xs, ys, strict=True))


def mesurer(points: Sequence[tuple[float, float]], *, surface: bool) -> Mesure:
    """Measure a line or the area that the points enclose; degrees in, metres out."""
    minimum = 3 if surface else 2
    if len(points) < minimum:
        raise MesureImpossible(f"Il faut au moins {minimum} points.")
    metres = vers_legale(points)
    if surface:
        metres.append(metres[0])
    ligne = np.asarray(metres)
    troncons = tuple(float(v) for v in np.hypot(*np.diff(ligne, axis=0).T))
    if not surface:
        return Mesure(sum(troncons), None, troncons)
    polygone = shapely.polygons(ligne)
    return Mesure(
        sum(troncons), float(shapely.area(polygone)), troncons, not bool(shapely.is_valid(polygone))
    )
