"""Codes of sheets and parcels: id12 from the names of files, idu of 14, its number for the database."""

from __future__ import annotations

import re
from collections.abc import Iterable

_ID12 = re.compile(r"(?=([0-9][0-9AB][0-9]{3}[0-9A-Z]{5}[0-9]{2}))")
_CODE10 = re.compile(r"[0-9]{3}[0-9A-Z]{5}[0-9]{2}")
_IDU12 = re.compile(r"[0-9A-Z]{3}[0-9]{3}[0-9A-Z]{2}[0-9]{4}")
_DEPARTEMENT = re.compile(r"(2[AB]|[0-9]{2})[0-9]?")
UTILES = frozenset({"THF", "VEC", "GEN", "GEO", "QAL", "DIC", "SCD"})


def cles_feuille(noms: Iterable[str]) -> tuple[str, ...]:
    """Every id12 that the names may hold, in the order given, then from left to right."""
    trouves: dict[str, None] = {}
    for nom in noms:
        trouves.update(dict.fromkeys(_ID12.findall(nom.upper())))
    return tuple(trouves)


def utile(nom: str) -> bool:
    """Whether a file is part of an EDIGÉO lot, by its extension."""
    return nom.rpartition(".")[2].upper() in UTILES


def meneur(nom: str) -> bool:
    """Whether a file is the THF, that leads the others."""
    return nom.upper().endswith(".THF")


def id12(code10: str, cles: tuple[str, ...], departement: str | None) -> tuple[str | None, bool]:
    """Sheet of a SUBDSECT code: (id12, whether the name agrees). ``None``: no département is known.

    The code of the file wins over the name, which gives the département.
    """
    if not _CODE10.fullmatch(code10):
        return None, False
    for cle in cles:
        if cle[2:] == code10:
            return cle, True
    if cles:
        return cles[0][:2] + code10, False
    valide = departement_valide(departement) if departement else None
    return (valide + code10, True) if valide else (None, False)


def departement_valide(texte: str) -> str | None:
    """The two characters that begin an INSEE code: of « 25 », « 2a » or « 971 »; ``None`` if none of them."""
    lu = _DEPARTEMENT.fullmatch(texte.strip().upper())
    return lu[1] if lu and (len(lu[0]) == 2 or lu[1] == "97") else None


def idu12_valide(texte: str | None) -> bool:
    """Whether a parcel's own identifier has the form that the law gives it."""
    return texte is not None and _IDU12.fullmatch(texte) is not None


def cle_idu(idu: str) -> int:
    """One number for each idu of 14: commune in base 36, préfixe, section in base 36, number (< 2⁶³)."""
    return ((int(idu[:5], 36) * 1000 + int(idu[5:8])) * 1296 + int(idu[8:10], 36)) * 10_000 + int(idu[10:])
