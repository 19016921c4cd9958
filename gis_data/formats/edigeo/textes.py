"""Meaning of attribute texts: numbers, dates, names in several words, angle of a writing."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date

ATTRIBUTS_NOM = ("TEX", *(f"TEX{n}" for n in range(2, 11)))


def nombre(texte: str | None) -> float | None:
    """Number of a text such as ``+2250.`` or ``+0,5``; ``None`` when there is none."""
    if texte is None:
        return None
    try:
        valeur = float(texte.strip().replace(",", "."))
    except ValueError:
        return None
    return valeur if math.isfinite(valeur) else None


def libelle(attributs: Mapping[str, Sequence[str | None]], rang: int) -> str:
    """Name of an object: the words of TEX…TEX10 in order, stripped, joined by one space."""
    mots = (attributs[nom][rang] for nom in ATTRIBUTS_NOM if nom in attributs)
    return " ".join(mot for mot in ((texte or "").strip() for texte in mots) if mot)


def date_texte(texte: str | None) -> date | None:
    """Date written JJ/MM/AAAA; ``None`` for « Absent », a blank or an impossible day."""
    if texte is None:
        return None
    trouve = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", texte.strip())
    if not trouve:
        return None
    jour, mois, annee = map(int, trouve.groups())
    try:
        return date(annee, mois, jour)
    except ValueError:
        return None


def date_compacte(texte: str | None) -> date | None:
    """Date written AAAAMMJJ; ``None`` when there is none."""
    if texte is None or len(texte) != 8 or not texte.isdecimal():
        return None
    try:
        return date(int(texte[:4]), int(texte[4:6]), int(texte[6:]))
    except ValueError:
        return None


def angle(di3: str | None, di4: str | None) -> float | None:
    """Angle of a writing in degrees, counter-clockwise from east, from its base vector."""
    x, y = nombre(di3), nombre(di4)
    if x is None or y is None:
        return None
    return math.degrees(math.atan2(y, x))
