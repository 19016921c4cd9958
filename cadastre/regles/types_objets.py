"""The plan's classes of objects, in words, in the order of a report."""

from __future__ import annotations

LIBELLES: dict[str, str] = {
    "COMMUNE": "Commune",
    "SECTION": "Section",
    "SUBDSECT": "Feuille",
    "PARCELLE": "Parcelles",
    "SUBDFISC": "Subdivisions fiscales",
    "CHARGE": "Charges",
    "BATIMENT": "Bâtiments",
    "LIEUDIT": "Lieux-dits",
    "VOIEP": "Ensembles immobiliers",
    "NUMVOIE": "Numéros de voirie",
    "ZONCOMMUNI": "Axes de voies",
    "TRONROUTE": "Tronçons de route",
    "TRONFLUV": "Cours d'eau",
    "PTCANV": "Points de canevas",
    "BORNE": "Bornes",
    "BOULON": "Boulons",
    "CROIX": "Croix",
    "SYMBLIM": "Symboles de limite",
    "TPOINT": "Détails ponctuels",
    "TLINE": "Détails linéaires",
    "TSURF": "Détails surfaciques",
    "ECRITURE": "Écritures",
}
_RANG = {code: rang for rang, code in enumerate(LIBELLES)}


def libelle(code: str) -> str:
    """Label of a class; a class unknown to the standard keeps its code."""
    return LIBELLES.get(code, f"Classe {code}")


def trier(codes: set[str]) -> list[str]:
    """Classes in the order of a report, the unknown ones last."""
    return sorted(codes, key=lambda code: (_RANG.get(code, len(_RANG)), code))
