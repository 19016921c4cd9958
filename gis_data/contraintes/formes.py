"""A shape drawn by a person, as a ground: GeoJSON in degrees, checked and brought to the legal projection."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.utils import timezone
from shapely.geometry import shape

from gis_data.contraintes.calcul import contraintes
from gis_data.contraintes.imports.lecture import DateIllisible, lire_date
from gis_data.contraintes.resultat import Resultat
from gis_data.projections import transformer, zone_d_emploi

SOMMETS_MAX = 20_000
AIRE_MAX_M2 = 25_000_000.0


class FormeRefusee(ValueError):
    """A shape that is not answered for; the French message says why."""


def lire_forme(geojson: Any) -> Any:
    """Shapely geometry in the legal projection from a GeoJSON geometry, feature or collection in degrees.

    ``FormeRefusee`` when it is none, too large or outside the territory's projection.
    """
    try:
        formes = _geometries(geojson)
        forme = shapely.force_2d(formes[0] if len(formes) == 1 else shapely.GeometryCollection(formes))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError) as erreur:
        raise FormeRefusee("Ce n'est pas une géométrie GeoJSON.") from erreur
    coordonnees = shapely.get_coordinates(forme)
    if not len(coordonnees):
        raise FormeRefusee("La forme est vide.")
    if len(coordonnees) > SOMMETS_MAX:
        raise FormeRefusee(f"La forme a plus de {SOMMETS_MAX} sommets : simplifiez-la.")
    ouest, sud, est, nord = zone_d_emploi(settings.TERRITOIRE_SRID)
    dedans = np.isfinite(coordonnees).all() and bool(
        ((coordonnees >= (ouest, sud)) & (coordonnees <= (est, nord))).all()
    )
    if not dedans:
        raise FormeRefusee("La forme sort du territoire : donnez des degrés, longitude puis latitude.")
    (legale,) = transformer(np.array([forme], dtype=object), 4326, settings.TERRITOIRE_SRID)
    if legale.geom_type == "GeometryCollection":
        legale = shapely.union_all(list(legale.geoms))
    if legale.area > AIRE_MAX_M2:
        raise FormeRefusee("La forme couvre plus de 25 km² : dessinez un terrain.")
    return legale


def _geometries(objet: Any) -> list[Any]:
    genre = objet["type"]
    if genre == "FeatureCollection":
        return [g for o in objet["features"][:500] for g in _geometries(o)]
    if genre == "Feature":
        return [shape(objet["geometry"])]
    return [shape(objet)]


def pour_la_forme(geojson: Any, jour: Any, utilisateur: Any) -> Resultat:
    """Constraints of a GeoJSON shape. ``FormeRefusee``; ``jour`` null: today."""
    try:
        quand = lire_date(jour) or timezone.localdate()
    except DateIllisible as erreur:
        raise FormeRefusee(f"Date illisible : « {erreur} ». Écrivez AAAA-MM-JJ.") from erreur
    try:
        return contraintes(lire_forme(geojson), quand, utilisateur)
    except ValueError as erreur:
        raise FormeRefusee(str(erreur)) from erreur
