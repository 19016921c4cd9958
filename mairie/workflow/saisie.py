"""Fields entered with an event, checked and brought to JSON values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

GENRES = ("texte", "date", "entier", "decimal", "booleen", "choix", "json")


@dataclass(frozen=True)
class Champ:
    """A field: ``genre`` among ``GENRES``, ``choix`` the codes allowed for that kind."""

    code: str
    libelle: str
    genre: str = "texte"
    obligatoire: bool = True
    choix: tuple[str, ...] = ()


def en_json(valeur: Any) -> Any:
    """What will be read back from the database: dates as ISO texts, tuples as lists."""
    return json.loads(json.dumps(valeur, cls=DjangoJSONEncoder))


def verifier(champs: Sequence[Champ], donnees: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """JSON values of the fields, and all faults as French sentences; unknown fields are a fault."""
    recues = en_json(dict(donnees))
    fautes = [f"Le champ « {c} » n'est pas prévu." for c in recues if c not in {x.code for x in champs}]
    valeurs = {}
    for champ in champs:
        valeur = recues.get(champ.code)
        if isinstance(valeur, str):
            valeur = valeur.strip()
        if valeur is None or valeur == "":
            if champ.obligatoire:
                fautes.append(f"« {champ.libelle} » est obligatoire.")
            continue
        attendu = _attendu(champ, valeur)
        if attendu:
            fautes.append(f"« {champ.libelle} » : {attendu}.")
        else:
            valeurs[champ.code] = valeur
    return valeurs, fautes


def _attendu(champ: Champ, valeur: Any) -> str:
    """What was expected instead of ``valeur``; empty when it is right."""
    match champ.genre:
        case "texte":
            return "" if isinstance(valeur, str) else "un texte est attendu"
        case "date":
            return "" if _lu(date.fromisoformat, valeur) else "une date (AAAA-MM-JJ) est attendue"
        case "entier":
            juste = isinstance(valeur, int) and not isinstance(valeur, bool)
            return "" if juste else "un nombre entier est attendu"
        case "decimal":
            return "" if _lu(_fini, valeur) else "un nombre est attendu"
        case "booleen":
            return "" if isinstance(valeur, bool) else "oui ou non est attendu"
        case "choix":
            return "" if valeur in champ.choix else "valeur attendue parmi " + ", ".join(champ.choix)
    return ""


def _fini(valeur: str) -> Decimal:
    nombre = Decimal(valeur)
    if not nombre.is_finite():
        raise ValueError
    return nombre


def _lu(lecteur: Any, valeur: Any) -> bool:
    if isinstance(valeur, bool) or not isinstance(valeur, str | int):
        return False
    try:
        lecteur(valeur)
    except (ValueError, TypeError, InvalidOperation):
        return False
    return True
