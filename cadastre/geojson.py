"""Objects of the plan as GeoJSON (RFC 7946: longitude and latitude, 9 decimals)."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.contrib.gis.geos import GEOSGeometry

from cadastre.models import Parcelle

DECIMALES = 9


def _arrondir(valeur: Any) -> Any:
    if isinstance(valeur, float):
        return round(valeur, DECIMALES)
    return [_arrondir(v) for v in valeur] if isinstance(valeur, list) else valeur


def geometrie(geom: GEOSGeometry | None) -> dict[str, Any] | None:
    """Geometry member, of the type stored: always a MultiPolygon for a parcel."""
    if geom is None or geom.empty:
        return None
    degres = geom.transform(4326, clone=True)
    lu: dict[str, Any] = json.loads(degres.geojson)
    return {"type": lu["type"], "coordinates": _arrondir(lu["coordinates"])}


def _jour(jour: date | None) -> str | None:
    return jour.isoformat() if jour else None


def proprietes_parcelle(p: Parcelle) -> dict[str, Any]:
    """Public attributes of a version of a parcel: a closed list."""
    return {
        "idu": p.idu,
        "commune": p.commune,
        "prefixe": p.prefixe,
        "section": p.section,
        "numero": p.numero,
        "contenance": p.contenance,
        "surface_geometrique": p.surface_geometrique,
        "arpentee": p.arpentee,
        "figuree": p.figuree,
        "feuille": p.feuille.id12,
        "valide_du": _jour(p.valide_du),
        "valide_au": _jour(p.valide_au),
        "date_maj": _jour(p.date_maj),
    }


def parcelle_en_geojson(p: Parcelle) -> dict[str, Any]:
    """One feature; geometry null where the plan draws none."""
    return {
        "type": "Feature",
        "id": p.idu,
        "geometry": geometrie(p.geom),
        "properties": proprietes_parcelle(p),
    }
