"""A line along a kerb between two numbers of a street: the axis of the street, moved to their side."""

from __future__ import annotations

import shapely
from shapely.geometry import LineString, Point
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge, substring

# The kerb stands between the axis and the doors; where exactly, the person drags it.
PART_DU_CHEMIN = 0.6
ECART_MIN_M, ECART_MAX_M = 1.0, 6.0
# Under that share of the distance between the doors, the axis known is not that of this stretch.
PART_MIN = 0.6
LONGUEUR_MIN_M = 0.5


class TraceImpossible(ValueError):
    """No line can be drawn; the message is French and says what to do."""


def tracer(
    axe: BaseGeometry | None, depart: Point, arrivee: Point, longueur: float | None = None
) -> LineString:
    """Metres, legal projection: from one number to the other, or ``longueur`` metres about their middle.

    On the side of ``depart``. Without an axis that runs along both, straight from one to the other;
    ``TraceImpossible`` when both are the same place and no length is given.
    """
    morceau = _le_long(axe, depart, arrivee, longueur) if axe is not None and not axe.is_empty else None
    if morceau is None:
        morceau = _couper(LineString([depart, arrivee]), longueur)
        return _prolonger(morceau, longueur)
    return morceau


def _le_long(axe: BaseGeometry, depart: Point, arrivee: Point, longueur: float | None) -> LineString | None:
    entier = linemerge(axe) if axe.geom_type == "MultiLineString" else axe
    lignes = [g for g in shapely.get_parts(entier) if g.length > 0]
    if not lignes:
        return None
    ligne = min(lignes, key=lambda g: g.distance(depart) + g.distance(arrivee))
    a, b = ligne.project(depart), ligne.project(arrivee)
    if abs(a - b) < PART_MIN * depart.distance(arrivee):
        return None
    if longueur is not None:
        milieu = (a + b) / 2
        a, b = _autour(milieu, longueur, ligne.length)
    if abs(b - a) < LONGUEUR_MIN_M:
        raise TraceImpossible(MEME_ENDROIT)
    morceau = substring(ligne, min(a, b), max(a, b))
    ecart = min(max(PART_DU_CHEMIN * ligne.distance(depart), ECART_MIN_M), ECART_MAX_M)
    cote = ecart if _a_gauche(morceau, depart) else -ecart
    decale = shapely.offset_curve(morceau, cote, join_style="mitre", mitre_limit=5)
    if decale.geom_type != "LineString" or decale.is_empty:
        return LineString(morceau)
    return LineString(decale)


MEME_ENDROIT = "Les deux numéros sont au même endroit : donnez aussi la longueur, ou dessinez sur la carte."


def _autour(milieu: float, longueur: float, total: float) -> tuple[float, float]:
    debut = min(max(milieu - longueur / 2, 0.0), max(total - longueur, 0.0))
    return debut, min(debut + longueur, total)


def _a_gauche(ligne: BaseGeometry, point: Point) -> bool:
    (x1, y1), (x2, y2) = ligne.coords[0], ligne.coords[-1]
    return bool((x2 - x1) * (point.y - y1) - (y2 - y1) * (point.x - x1) > 0)


def _couper(droite: LineString, longueur: float | None) -> LineString:
    if droite.length < LONGUEUR_MIN_M:
        raise TraceImpossible(MEME_ENDROIT)
    if longueur is None or longueur >= droite.length:
        return droite
    return LineString(substring(droite, *_autour(droite.length / 2, longueur, droite.length)))


def _prolonger(droite: LineString, longueur: float | None) -> LineString:
    """As long as asked, beyond the doors when they are nearer."""
    if longueur is None or droite.length >= longueur - 0.001:
        return droite
    facteur = longueur / droite.length
    milieu = droite.interpolate(0.5, normalized=True)
    return LineString(
        [(milieu.x + (x - milieu.x) * facteur, milieu.y + (y - milieu.y) * facteur) for x, y in droite.coords]
    )
