"""Figures of the forms of controls, typed with a comma or a dot, as the rules read them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from assainissement.regles.tables.points import Nombre

MAXIMUM, PLAINTES_MAX = 100_000, 9999


def lire_nombre(n: Nombre, brut: str) -> tuple[Any, str]:
    """(value, "") or (null, what is wrong, in French); an empty text is a figure not given."""
    texte = brut.strip().replace(",", ".").replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    if not texte:
        return None, ""
    try:
        valeur = Decimal(texte)
    except InvalidOperation:
        return None, "Écrivez un nombre, comme 12 ou 4,5."
    if not valeur.is_finite() or valeur < 0 or valeur > MAXIMUM:
        return None, "Écrivez un nombre entre 0 et 100 000."
    if n.entier and valeur != valeur.to_integral_value():
        return None, "Écrivez un nombre entier."
    if n.entier and valeur > PLAINTES_MAX:
        return None, "Écrivez un nombre entre 0 et 9 999."
    return (int(valeur) if n.entier else format(valeur, "f")), ""
