"""GeoJSON geometries of a case, and the ground that an occupation takes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from domainepublic.regles.lecture import Objet, lire_nombre

QUADRANT = 16  # segments a quarter of circle
MITRE_LIMITE = 5.0
PROFONDEURS = {
    "Point": 0,
    "MultiPoint": 1,
    "LineString": 1,
    "MultiLineString": 2,
    "Polygon": 2,
    "MultiPolygon": 3,
}
POINTS, LIGNES = ("Point", "MultiPoint"), ("LineString", "MultiLineString")
# Lowest and highest x and y that a coordinate may have: what is outside was typed in another system.
BORNES_LAMBERT_93 = (-400_000.0, 6_000_000.0, 1_400_000.0, 7_300_000.0)
BORNES_DEGRES = (-180.0, -90.0, 180.0, 90.0)
LAMBERT_93 = 2154

Bornes = tuple[float, float, float, float]


class _CoordonneesInvalides(Exception):
    """Coordinates that do not have the shape of their type."""


def lire_geometrie(objet: Objet, nom: str, bornes: Bornes | None) -> BaseGeometry:
    """Valid, not empty geometry in x, y; inside ``bornes`` (x min, y min, x max, y max) when given."""
    brut = objet.objet(nom)
    genre = brut.brut("type")
    if not isinstance(genre, str) or genre not in PROFONDEURS:
        raise objet.faute(nom, f"Géométrie GeoJSON attendue, de type {', '.join(PROFONDEURS)}.")
    try:
        geometrie = _construire(genre, brut.brut("coordinates"))
    except (_CoordonneesInvalides, ShapelyError, ValueError, TypeError) as erreur:
        message = f"Les coordonnées ne forment pas un objet {genre} : redessinez-le."
        raise objet.faute(nom, message) from erreur
    if geometrie.is_empty:
        raise objet.faute(nom, "La géométrie est vide : dessinez-la.")
    if bornes is not None:
        x_min, y_min, x_max, y_max = geometrie.bounds
        if x_min < bornes[0] or y_min < bornes[1] or x_max > bornes[2] or y_max > bornes[3]:
            raise objet.faute(nom, _hors_bornes(bornes))
    if not geometrie.is_valid:
        raison = shapely.is_valid_reason(geometrie)
        raise objet.faute(nom, f"La géométrie est invalide ({raison}) : corrigez-la.")
    return geometrie


def _hors_bornes(bornes: Bornes) -> str:
    if bornes == BORNES_DEGRES:
        return "Coordonnées hors du monde : donnez une longitude puis une latitude, en degrés."
    return "Coordonnées hors de France en Lambert-93 : donnez des mètres (EPSG:2154), pas des degrés."


def _construire(genre: str, coordonnees: Any) -> BaseGeometry:
    points = _positions(coordonnees, PROFONDEURS[genre])
    if genre == "Point":
        return shapely.Point(points)
    if genre == "MultiPoint":
        return shapely.MultiPoint(points)
    if genre == "LineString":
        return shapely.LineString(points)
    if genre == "MultiLineString":
        return shapely.MultiLineString(points)
    if genre == "Polygon":
        return shapely.Polygon(points[0], points[1:])
    return shapely.MultiPolygon([shapely.Polygon(anneaux[0], anneaux[1:]) for anneaux in points])


def _positions(valeur: Any, profondeur: int) -> Any:
    """Nested lists of (x, y), heights dropped; an empty list or a bad number anywhere is refused."""
    if not isinstance(valeur, list) or not valeur:
        raise _CoordonneesInvalides
    if profondeur:
        return [_positions(element, profondeur - 1) for element in valeur]
    nombres = [lire_nombre(element) for element in valeur]
    if len(nombres) < 2 or any(nombre is None for nombre in nombres):
        raise _CoordonneesInvalides
    x, y = (float(nombre) for nombre in nombres[:2] if nombre is not None)
    if not (math.isfinite(x) and math.isfinite(y)):
        raise _CoordonneesInvalides
    return (x, y)


def disque(points: BaseGeometry, rayon: float) -> BaseGeometry:
    """Ground of a point (crane, terminal…): metres around it."""
    return shapely.buffer(points, rayon, quad_segs=QUADRANT)


def bande(lignes: BaseGeometry, largeur: float, cote: str = "axe") -> BaseGeometry:
    """Ground of a line: ``largeur`` m astride it, or all on its left or right in drawing direction."""
    options: dict[str, Any] = {
        "quad_segs": QUADRANT,
        "cap_style": "flat",
        "join_style": "mitre",
        "mitre_limit": MITRE_LIMITE,
    }
    if cote == "axe":
        return shapely.buffer(lignes, largeur / 2, **options)
    distance = largeur if cote == "gauche" else -largeur
    parts = np.asarray(shapely.get_parts(lignes))
    return shapely.union_all(shapely.buffer(parts, distance, single_sided=True, **options))
