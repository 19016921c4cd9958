"""A drawing as text: GeoJSON in degrees, WKT, or coordinates → geometry in the legal projection."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from shapely.errors import GEOSException
from shapely.geometry.base import BaseGeometry

from gis_data.carte.reperes import CoordonneesIllisibles, lire_coordonnees
from gis_data.projections import transformateur, transformer, zone_d_emploi

DEGRES = 4326
TEXTE_MAX = 2_000_000
SOMMETS_MAX = 20_000
FORMES_MAX = 500
_WKT = re.compile(
    r"^\s*(?:SRID=(?P<srid>\d{4,6});)?\s*(?P<wkt>(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\b.*)$", re.I | re.S
)


class DessinRefuse(ValueError):
    """What was drawn or typed cannot be kept, with the reason in words."""


def lire_dessin(texte: str) -> BaseGeometry:
    """Geometry in the legal projection; ``DessinRefuse`` for what is none. Nothing is repaired."""
    if len(texte) > TEXTE_MAX:
        raise DessinRefuse(
            f"Ce dessin est trop lourd : {len(texte) // 1_000_000} Mo pour {TEXTE_MAX // 1_000_000} au plus."
            " Importez-le comme une couche, ou simplifiez-le."
        )
    propre = texte.strip().replace("\0", " ")
    if not propre:
        raise DessinRefuse("Le dessin est vide.")
    if propre.startswith("{"):
        forme, source = _geojson(propre), DEGRES
    elif trouve := _WKT.match(propre):
        forme, source = _wkt(trouve["wkt"]), int(trouve["srid"] or settings.TERRITOIRE_SRID)
    else:
        forme, source = _coordonnees(propre), DEGRES
    return verifier(_vers_legale(forme, source))


def _geojson(texte: str) -> BaseGeometry:
    try:
        contenu = json.loads(texte)
    except (ValueError, RecursionError):
        raise DessinRefuse("Ce texte commence comme du GeoJSON, mais n'en est pas.") from None
    formes = [_forme(g) for g in _geometries(contenu)]
    if not formes:
        raise DessinRefuse("Le dessin est vide.")
    if len(formes) > FORMES_MAX:
        raise DessinRefuse(f"Trop de formes : {len(formes)} pour {FORMES_MAX} au plus.")
    return formes[0] if len(formes) == 1 else reunir(formes)


def _geometries(contenu: Any) -> list[Any]:
    genre = contenu.get("type") if isinstance(contenu, dict) else None
    if genre == "FeatureCollection":
        objets = contenu.get("features")
        if not isinstance(objets, list):
            raise DessinRefuse("Ce GeoJSON n'a pas de liste « features ».")
        return [g for objet in objets for g in _geometries(objet)]
    if genre == "Feature":
        geometrie = contenu.get("geometry")
        return [] if geometrie is None else _geometries(geometrie)
    if genre == "GeometryCollection":
        formes = contenu.get("geometries")
        return list(formes) if isinstance(formes, list) else []
    if isinstance(genre, str):
        return [contenu]
    raise DessinRefuse("Ce GeoJSON n'a pas de « type » connu.")


def _forme(contenu: Any) -> BaseGeometry:
    try:
        forme: BaseGeometry = shapely.from_geojson(json.dumps(contenu))
    except (GEOSException, TypeError, ValueError):
        raise DessinRefuse("Une des formes du GeoJSON n'est pas une géométrie.") from None
    return shapely.force_2d(forme)


def _wkt(texte: str) -> BaseGeometry:
    try:
        forme: BaseGeometry = shapely.from_wkt(texte)
    except (GEOSException, ValueError):
        raise DessinRefuse("Ce WKT ne se lit pas : parenthèses, virgules ou nombres sont à revoir.") from None
    return shapely.force_2d(forme)


def _coordonnees(texte: str) -> BaseGeometry:
    """One place a line: one is a point, several a line, several whose last is the first an area."""
    points = []
    for numero, ligne in enumerate((ligne for ligne in texte.splitlines() if ligne.strip()), 1):
        try:
            lieu = lire_coordonnees(ligne, settings.TERRITOIRE_SRID)[0]
        except CoordonneesIllisibles as erreur:
            raise DessinRefuse(f"Ligne {numero} : {erreur}") from None
        points.append((lieu.lon, lieu.lat))
    if len(points) == 1:
        return shapely.Point(points[0])
    if len(points) >= 4 and points[0] == points[-1]:
        return shapely.Polygon(points)
    return shapely.LineString(points)


def reunir(formes: list[BaseGeometry]) -> BaseGeometry:
    """Shapes of one kind as one multiple shape; ``DessinRefuse`` for a mixture, which no field keeps."""
    simples = [s for f in formes for s in shapely.get_parts(f)]
    genres = {s.geom_type for s in simples}
    if len(genres) > 1:
        raise DessinRefuse("Le dessin mélange points, lignes et surfaces : gardez un seul genre.")
    classe = {
        "Point": shapely.MultiPoint,
        "LineString": shapely.MultiLineString,
        "Polygon": shapely.MultiPolygon,
    }
    return classe[genres.pop()](simples)


def _vers_legale(forme: BaseGeometry, source: int) -> BaseGeometry:
    if source == settings.TERRITOIRE_SRID:
        return forme
    try:
        transformateur(source, settings.TERRITOIRE_SRID)
    except Exception:
        raise DessinRefuse(f"La projection EPSG:{source} n'est pas connue.") from None
    projetee: BaseGeometry = transformer(np.array([forme], dtype=object), source, settings.TERRITOIRE_SRID)[0]
    return projetee


def verifier(forme: BaseGeometry) -> BaseGeometry:
    """The very shape where it is of a kind and a size that is kept and lies in the territory's projection."""
    if forme.is_empty:
        raise DessinRefuse("Le dessin est vide.")
    sommets = int(shapely.get_num_coordinates(forme))
    if sommets > SOMMETS_MAX:
        raise DessinRefuse(f"Trop de sommets : {sommets} pour {SOMMETS_MAX} au plus. Simplifiez le dessin.")
    coordonnees = shapely.get_coordinates(forme)
    ouest, sud, est, nord = zone_d_emploi(settings.TERRITOIRE_SRID)
    dedans = False
    if np.isfinite(coordonnees).all():
        lon, lat = transformateur(settings.TERRITOIRE_SRID, DEGRES).transform(*coordonnees.T)
        dedans = bool(((lon >= ouest) & (lon <= est) & (lat >= sud) & (lat <= nord)).all())
    if not dedans:
        raise DessinRefuse("Le dessin est hors du territoire : vérifiez les coordonnées et leur projection.")
    return forme


def en_geojson(forme: BaseGeometry) -> dict[str, Any]:
    """GeoJSON in degrees, to a millimetre, of a geometry in the legal projection."""
    degres = transformer(np.array([forme], dtype=object), settings.TERRITOIRE_SRID, DEGRES)[0]
    geojson: dict[str, Any] = json.loads(
        shapely.to_geojson(shapely.set_precision(degres, 1e-8, mode="pointwise"))
    )
    return geojson
