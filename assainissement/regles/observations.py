"""From the answers of a visit to the facts that the classification reads. Pure.

Several questions may set one fact: one answer is enough; otherwise one point not seen leaves it not verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assainissement.regles.tables.points import (
    ELEMENTS_PROBANTS,
    NOMBRES,
    NON,
    NON_VERIFIE,
    OUI,
)


@dataclass(frozen=True)
class Reponse:
    """One answer: fact of its question (empty: none), the answer that sets it, what was answered."""

    fait: str
    attendue: str
    valeur: str


def faits(reponses: Iterable[Reponse]) -> dict[str, bool | None]:
    """Each fact asked: true, false, or null where it was not verified."""
    vus: dict[str, set[bool | None]] = {}
    for r in reponses:
        if not r.fait or not r.valeur:
            continue
        if r.valeur == NON_VERIFIE:
            lu: bool | None = None
        else:
            lu = r.valeur == r.attendue if r.valeur in (OUI, NON) else False
        vus.setdefault(r.fait, set()).add(lu)
    return {fait: True if True in v else None if None in v else False for fait, v in vus.items()}


def cas(
    nature: str, reponses: Iterable[Reponse], nombres: Mapping[str, Any], *, vente: bool
) -> dict[str, Any]:
    """Case of ``classer_anc``; without answer on the existence the rules say what is missing."""
    lus = faits(reponses)
    existe = lus.pop(ELEMENTS_PROBANTS, None)
    sortie: dict[str, Any] = {"nature": nature, **lus}
    if existe is not None:
        sortie[ELEMENTS_PROBANTS] = existe
    sortie.update({code: nombres[code] for code in NOMBRES if nombres.get(code) not in (None, "")})
    if vente:
        sortie["vente"] = True
    return sortie


def manque(cas_: Mapping[str, Any]) -> str:
    """What the form must still say before a conclusion, in French; empty when nothing."""
    if ELEMENTS_PROBANTS not in cas_:
        return "Dites d'abord si des éléments prouvent qu'une installation existe."
    return ""
