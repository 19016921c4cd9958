"""French spaces: what must not break at the end of a line."""

from __future__ import annotations

import re

INSECABLE = "\u00a0"
_AVANT = re.compile(r" +([;:!?»%€])")
_APRES = re.compile(r"(«) +")
_NOMBRE = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")
_UNITE = re.compile(r"(?<=\d) (?=(?:m²|m³|ha|km|cm|mm|m|kg|h|jours?|mois|ans?|euros?)\b)")
# « n° » may end a piece of text: its number is a field that comes after.
_ABREGE = re.compile(r"\b(n°|N°|art\.|article|articles|p\.|M\.|Mme|MM\.|L\.|R\.|D\.|A\.) (?=\S|\Z)")
# « R. 423-24 c »: the letter belongs to its article.
_ALINEA = re.compile(r"([LRDA]\.[ \u00a0]\d[\d-]*) (?=[a-z]\b)")
_MOIS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_JOUR = re.compile(rf"\b(\d{{1,2}}|1er) (?=(?:{_MOIS})\b)")
# Official number of a request: « PC 025 999 26 00012 M01 ».
_DOSSIER = re.compile(r"\b[A-Z]{2} \d\d[0-9AB] \d{3} \d{2} [0-9A-Z]\d{4}(?: [A-Z]{1,5}\d{2})?\b")


def francaise(texte: str) -> str:
    """Ordinary spaces that French typography wants unbreakable; no character is added or lost."""
    texte = _AVANT.sub(INSECABLE + r"\1", texte)
    texte = _APRES.sub(r"\1" + INSECABLE, texte)
    texte = _DOSSIER.sub(lambda m: m[0].replace(" ", INSECABLE), texte)
    texte = _NOMBRE.sub(INSECABLE, texte)
    texte = _UNITE.sub(INSECABLE, texte)
    texte = _JOUR.sub(r"\1" + INSECABLE, texte)
    texte = _ALINEA.sub(r"\1" + INSECABLE, texte)
    return _ABREGE.sub(r"\1" + INSECABLE, texte)
