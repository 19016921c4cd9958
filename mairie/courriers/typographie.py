"""French spaces: what must not break at the end of a line."""

from __future__ import annotations

import re

INSECABLE = "\u00a0"
_AVANT = re.compile(r" +([;:!?»%€])")
_APRES = re.compile(r"(«) +")
_NOMBRE = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_UNITE = re.compile(r"(?<=\d) (?=(?:m²|m³|ha|km|cm|mm|m|kg|h|jours?|mois|ans?|euros?)\b)")
_ABREGE = re.compile(r"\b(n°|N°|art\.|article|articles|p\.|M\.|Mme|MM\.|L\.|R\.|D\.) (?=\S)")


def francaise(texte: str) -> str:
    """Ordinary spaces that French typography wants unbreakable; no character is added or lost."""
    texte = _AVANT.sub(INSECABLE + r"\1", texte)
    texte = _APRES.sub(r"\1" + INSECABLE, texte)
    texte = _NOMBRE.sub(INSECABLE, texte)
    texte = _UNITE.sub(INSECABLE, texte)
    return _ABREGE.sub(r"\1" + INSECABLE, texte)
