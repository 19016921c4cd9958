"""Shapes of a batch of records: of the right kind, in the territory's projection, in three dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyproj
import shapely
from django.conf import settings

from assainissement.regles.tables.raepa import CANALISATIONS
from gis_data.ouverture import FichierRefuse
from gis_data.projections import transformateur, zone_d_emploi

DEGRES = 4326
LIGNE, POINT = 1, 0
ABSENTE, INVALIDE, HORS = "GEOMETRIE_ABSENTE", "GEOMETRIE_INVALIDE", "COORDONNEES_HORS_EMPRISE"


def lire(wkbs: Sequence[bytes | None], points: Sequence[tuple[float, float] | None]) -> Any:
    """Shapes of a batch; ``points`` stand for the shapes that are missing."""
    formes = np.array(shapely.from_wkb(np.array(wkbs, dtype=object), on_invalid="ignore"), dtype=object)
    for rang, point in enumerate(points):
        if formes[rang] is None and point is not None:
            formes[rang] = shapely.Point(point)
    return formes


def preparer(formes: Any, couche: str, epsg: int, nom: str) -> tuple[Any, list[str]]:
    """(shapes as they are kept, fault of each or an empty text).

    ``FichierRefuse`` when most lie out of the territory: the projection is not the one announced.
    """
    attendu = LIGNE if couche == CANALISATIONS else POINT
    fautes = [ABSENTE if f is None else "" for f in formes]
    genres = shapely.get_type_id(formes)
    for rang in np.flatnonzero((genres >= 0) & (genres != attendu)):
        simple = _simple(formes[rang], attendu)
        if simple is None:
            fautes[rang] = INVALIDE
        else:
            formes[rang] = simple
    if attendu == LIGNE:
        for rang in np.flatnonzero(shapely.get_type_id(formes) == LIGNE):
            if shapely.length(formes[rang]) == 0:
                fautes[rang] = INVALIDE
    formes = shapely.force_3d(_projeter(formes, epsg, settings.TERRITOIRE_SRID, nom))
    _situer(formes, fautes, epsg, nom)
    return formes, fautes


def _simple(forme: Any, attendu: int) -> Any:
    """The only part of a shape of several, or the line that its parts make; null otherwise."""
    parties = shapely.get_parts(forme)
    if len(parties) == 1 and shapely.get_type_id(parties[0]) == attendu:
        return parties[0]
    if attendu == LIGNE and shapely.get_type_id(forme) == 5:
        jointe = shapely.line_merge(forme)
        if shapely.get_type_id(jointe) == LIGNE:
            return jointe
    return None


def _projeter(formes: Any, source: int, cible: int, nom: str) -> Any:
    """The shapes in another projection, heights kept."""
    if source == cible:
        return formes
    try:
        outil = transformateur(source, cible)
    except pyproj.exceptions.ProjError as erreur:
        raise FichierRefuse(f"La projection EPSG:{source} de « {nom} » est inconnue.") from erreur
    trois_d = shapely.force_3d(formes)
    coordonnees = shapely.get_coordinates(trois_d, include_z=True)
    if not len(coordonnees):
        return formes
    x, y = outil.transform(coordonnees[:, 0], coordonnees[:, 1])
    return shapely.set_coordinates(trois_d, np.column_stack((x, y, coordonnees[:, 2])))


def _situer(formes: Any, fautes: list[str], epsg: int, nom: str) -> None:
    """Mark those out of the territory; refuse the layer when they are most."""
    rangs = np.flatnonzero(~shapely.is_missing(formes))
    if not len(rangs):
        return
    # A line with one end at the origin of the axes is as lost as one that lies there whole.
    boites = shapely.bounds(formes[rangs])
    ouest, sud, est, nord = zone_d_emploi(settings.TERRITOIRE_SRID)
    dedans = np.ones(len(rangs), dtype=bool)
    for x, y in ((boites[:, 0], boites[:, 1]), (boites[:, 2], boites[:, 3])):
        lon, lat = transformateur(settings.TERRITOIRE_SRID, DEGRES).transform(x, y)
        with np.errstate(invalid="ignore"):
            dedans &= np.isfinite(lon) & np.isfinite(lat)
            dedans &= (lon >= ouest) & (lon <= est) & (lat >= sud) & (lat <= nord)
    dehors = rangs[~dedans]
    if 2 * len(dehors) > len(rangs):
        raise FichierRefuse(
            f"Les coordonnées de « {nom} » tombent hors du territoire : sa projection est sans doute"
            f" une autre que celle qu'il annonce (EPSG:{epsg})."
        )
    for rang in dehors:
        fautes[rang] = fautes[rang] or HORS
        formes[rang] = None
