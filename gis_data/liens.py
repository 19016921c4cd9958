"""Addresses of the map, built in one place."""

from __future__ import annotations

from urllib.parse import urlencode

Boite = tuple[float, float, float, float]


def adresse_carte(*, parcelle: str | None = None, bbox: Boite | None = None) -> str:
    """The map on a parcel (``idu``) or on a box (west, south, east, north, degrees)."""
    parametres: dict[str, str] = {}
    if parcelle:
        parametres["parcelle"] = parcelle
    elif bbox:
        parametres["bbox"] = ",".join(f"{v:.6f}" for v in bbox)
    return f"/carte/?{urlencode(parametres, safe=',')}" if parametres else "/carte/"
