"""Addresses of the map, built in one place."""

from __future__ import annotations

import math
from urllib.parse import urlencode

Boite = tuple[float, float, float, float]

# Zooms count worlds of 512 pixels; a place must show whole on a phone.
MONDE_PX = 512
LARGEUR_PX, HAUTEUR_PX = 340, 400
ZOOM_MIN, ZOOM_MAX = 8, 18


def _mercator(latitude: float) -> float:
    """Part of the world's height, 0 at the north."""
    sinus = math.sin(math.radians(max(-85.0, min(85.0, latitude))))
    return 0.5 - math.log((1 + sinus) / (1 - sinus)) / (4 * math.pi)


def zoom_pour(bbox: Boite) -> float:
    """Largest half zoom at which the box shows whole on a phone."""
    ouest, sud, est, nord = bbox
    part_x = max((est - ouest) / 360, 1e-9)
    part_y = max(_mercator(sud) - _mercator(nord), 1e-9)
    zoom = min(math.log2(LARGEUR_PX / MONDE_PX / part_x), math.log2(HAUTEUR_PX / MONDE_PX / part_y))
    return max(ZOOM_MIN, min(ZOOM_MAX, math.floor(zoom * 2) / 2))


def adresse_carte(*, parcelle: str | None = None, bbox: Boite | None = None) -> str:
    """The map on a parcel (``idu``) or on a box (west, south, east, north, degrees)."""
    if parcelle:
        return f"/carte/?{urlencode({'parcelle': parcelle})}"
    if bbox is None:
        return "/carte/"
    longitude, latitude = (bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2
    return f"/carte/?lat={latitude:.5f}&lon={longitude:.5f}&z={zoom_pour(bbox):g}"
