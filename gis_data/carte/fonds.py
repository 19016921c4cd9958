"""Base maps offered under the plan: none unless the settings allow the IGN's."""

from __future__ import annotations

from typing import Any

from django.conf import settings

_WMTS = (
    "?SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetTile&STYLE=normal&TILEMATRIXSET=PM"
    "&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
)


def fonds_de_carte() -> list[dict[str, Any]]:
    """Base maps besides the plan alone; ``theme`` is the drawing of the plan over them."""
    if not settings.FONDS_DE_CARTE_IGN:
        return []
    adresse = settings.IGN_WMTS_URL + _WMTS
    return [
        {
            "nom": "photo",
            "libelle": "Photographies aériennes (IGN)",
            "url": f"{adresse}&LAYER=ORTHOIMAGERY.ORTHOPHOTOS&FORMAT=image/jpeg",
            "theme": "photo",
            "zoom_max": 19,
            "attribution": "© IGN",
        },
        {
            "nom": "plan-ign",
            "libelle": "Plan IGN",
            "url": f"{adresse}&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2&FORMAT=image/png",
            "theme": "clair",
            "zoom_max": 19,
            "attribution": "© IGN",
        },
    ]
