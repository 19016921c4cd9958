"""Names of the plan, written in capitals without apostrophes, as a person writes them."""

from __future__ import annotations

import re

_PETITS = frozenset(
    ["de", "du", "des", "d", "la", "le", "les", "l", "sur", "sous", "en", "et", "au", "aux", "lès", "à"]
)
_ARTICLES = frozenset(("LE", "LA", "LES"))


def _mot(mot: str, premier: bool) -> str:
    bas = mot.lower()
    if bas in _PETITS and not premier:
        return bas
    return bas[:1].upper() + bas[1:]


def nom_commune(nom: str) -> str:
    """« L ALBENC » → « L'Albenc », « SAINT LO » → « Saint-Lo » (accents are not in the file)."""
    mots = nom.strip().split()
    if not mots:
        return nom
    tete = ""
    if mots[0].upper() == "L" and len(mots) > 1:
        tete, mots = "L'", mots[1:]
    elif mots[0].upper() in _ARTICLES and len(mots) > 1:
        tete, mots = mots[0].capitalize() + " ", mots[1:]
    parties: list[str] = []
    for rang, mot in enumerate(mots):
        segments = mot.split("-")
        parties.append("-".join(_apostrophes(s, rang == 0 and i == 0) for i, s in enumerate(segments)))
    texte = "-".join(parties)
    # A figure is an arrondissement, not part of the name.
    texte = re.sub(r"-(?=\d)", " ", texte)
    return tete + re.sub(r"\b([dDlL])-(?=\w)", r"\1'", texte)


def _apostrophes(mot: str, premier: bool) -> str:
    if "'" in mot:
        debut, fin = mot.split("'", 1)
        return f"{_mot(debut, premier)}'{_mot(fin, True)}"
    return _mot(mot, premier)


def nom_lieu(nom: str) -> str:
    """« RUE DU MOULIN » → « Rue du Moulin »; a name that has small letters is left alone."""
    if nom != nom.upper():
        return nom
    mots = [_apostrophes(mot, rang == 0) for rang, mot in enumerate(nom.split())]
    texte = " ".join("-".join(_mot(s, True) for s in m.split("-")) if "-" in m else m for m in mots)
    return re.sub(r"\b([dDlL]) (?=[A-ZÀ-Ý])", r"\1'", texte)


def a_commune(nom: str) -> str:
    """« à Luxiol », « au Val », « aux Bois »."""
    if nom.startswith("Le "):
        return f"au {nom[3:]}"
    if nom.startswith("Les "):
        return f"aux {nom[4:]}"
    return f"à {nom}"
