"""The plan to scale of what a file takes, for its pages."""

from __future__ import annotations

from collections.abc import Sequence

import shapely
from django.utils.safestring import SafeString, mark_safe

from cadastre import plan
from domainepublic.models import Emprise


def plan_du_sol(insee: str, emprises: Sequence[Emprise]) -> SafeString | None:
    """SVG of the ground on the cadastral plan; null where nothing is taken."""
    if not emprises:
        return None
    sol = shapely.union_all([shapely.from_wkb(bytes(e.surface.wkb)) for e in emprises])
    texte, _ = plan.dessiner(sol, "", "", insee)
    return mark_safe(texte)  # noqa: S308 - drawn by us, texts escaped
