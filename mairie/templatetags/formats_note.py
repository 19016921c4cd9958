"""Numbers of the note as a French reader expects them."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


def _entier(valeur: float) -> str:
    return f"{round(valeur):,}".replace(",", "\u202f")


@register.filter
def m2_note(valeur: float) -> str:
    """« 1 234 m² »."""
    return f"{_entier(valeur)}\u00a0m²"


@register.filter
def pct_note(valeur: float) -> str:
    """« 12,5 % », without useless decimals."""
    return f"{float(valeur):.1f}".removesuffix(".0").replace(".", ",") + "\u00a0%"


@register.filter
def etendue_note(objet: Any) -> str:
    """Area and share, length, or what is no measure; of a constraint."""
    if objet.mesure is None:
        return pct_note(objet.pct) if objet.pct is not None else "objet ponctuel"
    if objet.genre == "ligne":
        return f"{_entier(objet.mesure)}\u00a0m"
    part = f" ({pct_note(objet.pct)})" if objet.pct is not None else ""
    return m2_note(objet.mesure) + part
