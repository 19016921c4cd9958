"""What the contracts share: kinds read in any case, results written with plain JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from mairie.lecture_json import ErreurSaisie, Objet
from urba.regles.types import ALIAS_TYPES, TypeDelai

DATES_DEMESUREES = "Ces dates mènent au-delà de l'an 9999 : vérifiez l'année."


def lire_type(objet: Objet) -> TypeDelai:
    """The mandatory ``type``, in any case; DPMI, DPC and DPLT count as DP."""
    texte = objet.exiger("type")
    code = texte.upper() if isinstance(texte, str) and texte.isascii() else ""
    if code in ALIAS_TYPES:
        return ALIAS_TYPES[code]
    if code not in TypeDelai.__members__:
        possibles = ", ".join([*TypeDelai, *ALIAS_TYPES])
        raise objet.faute("type", f"Type inconnu. Types possibles : {possibles}.")
    return TypeDelai(code)


def pas_avant(objet: Objet, nom: str, jour: date | None, plancher: date | None, quoi: str) -> None:
    """Refuse a date before another one; ``quoi`` names the other in the message."""
    if jour is not None and plancher is not None and jour < plancher:
        raise objet.faute(nom, f"Cette date précède {quoi}.")


def valeur_json(valeur: Any) -> Any:
    """A result as JSON: dates as text, tuples as lists, dataclasses as objects, codes as text."""
    if is_dataclass(valeur) and not isinstance(valeur, type):
        return {f.name: valeur_json(getattr(valeur, f.name)) for f in fields(valeur)}
    if isinstance(valeur, (tuple, list)):
        return [valeur_json(v) for v in valeur]
    if isinstance(valeur, date):
        return valeur.isoformat()
    if isinstance(valeur, Decimal):
        return f"{valeur:.2f}"
    return str(valeur) if isinstance(valeur, str) else valeur


def ecrire(resultat: Any, cles: Sequence[str]) -> dict[str, Any]:
    """The named fields of a result, in that order."""
    return {cle: valeur_json(getattr(resultat, cle)) for cle in cles}


def demesure(champ: str) -> ErreurSaisie:
    """The fault of dates that no calendar holds."""
    return ErreurSaisie(champ, DATES_DEMESUREES)
