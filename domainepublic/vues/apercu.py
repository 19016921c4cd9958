"""Small drawings of an emprise, before and after a repair: SVG made by us, without any style."""

from __future__ import annotations

from typing import Any

import shapely
from django.utils.safestring import SafeString, mark_safe
from shapely.geometry.base import BaseGeometry

COTE = 200.0
MARGE = 12.0


def avant_apres(avant: Any, apres: Any) -> tuple[SafeString, SafeString] | None:
    """Two drawings at the same scale; null where nothing was repaired."""
    if avant is None or apres is None:
        return None
    a, b = (shapely.from_wkb(bytes(g.wkb)) for g in (avant, apres))
    return dessiner(a, a.bounds, "Contour dessiné"), dessiner(b, a.bounds, "Contour réparé")


def dessiner(forme: BaseGeometry, bornes: tuple[float, float, float, float], nom: str) -> SafeString:
    """One shape within the given bounds, north up."""
    x0, y0, x1, y1 = bornes
    echelle = (COTE - 2 * MARGE) / max(x1 - x0, y1 - y0, 0.1)
    traits = []
    for partie in shapely.get_parts(forme):
        anneaux = [partie.exterior, *partie.interiors] if partie.geom_type == "Polygon" else [partie]
        trace = " ".join(_anneau(shapely.get_coordinates(r), x0, y1, echelle) for r in anneaux)
        traits.append(f'<path d="{trace}" class="odp-trace"/>')
    return mark_safe(  # noqa: S308 - numbers only
        f'<svg viewBox="0 0 {COTE:.0f} {COTE:.0f}" role="img" aria-label="{nom}">{"".join(traits)}</svg>'
    )


def _anneau(points: Any, x0: float, y1: float, echelle: float) -> str:
    ecrits = [f"{MARGE + (x - x0) * echelle:.1f},{MARGE + (y1 - y) * echelle:.1f}" for x, y in points]
    return "M" + " L".join(ecrits)
