"""Data of the demonstration: each app declares its steps, ``charger_demo`` runs them in order.

Steps go through the services, as a person would, on the fictional commune. Invented people are plainly so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

INSEE = "25999"
# One password for all accounts of the demonstration, which listens on this machine only.
MOT_DE_PASSE = "demonstration-2026"


@dataclass(frozen=True)
class Etape:
    """One step: ``jouer(today)`` may run again at will, and says in one line what it made."""

    code: str
    libelle: str
    ordre: int
    jouer: Callable[[date], str]


@dataclass(frozen=True)
class CompteDemo:
    """An account that ``make demo`` prints: roles as (trade, role)."""

    email: str
    nom: str
    roles: tuple[tuple[str, str], ...]
    phrase: str


_etapes: dict[str, Etape] = {}
_comptes: dict[str, CompteDemo] = {}


def declarer_etape(etape: Etape) -> None:
    """Add a step, or replace that of the same code."""
    _etapes[etape.code] = etape


def declarer_comptes(*comptes: CompteDemo) -> None:
    """Add accounts; a trade may widen one of another app by declaring its roles under the same address."""
    for compte in comptes:
        connu = _comptes.get(compte.email)
        roles = dict.fromkeys((*(connu.roles if connu else ()), *compte.roles))
        base = connu or compte
        _comptes[compte.email] = CompteDemo(base.email, base.nom, tuple(roles), base.phrase)


def etapes() -> list[Etape]:
    """Steps in their order."""
    return sorted(_etapes.values(), key=lambda e: (e.ordre, e.code))


def comptes() -> list[CompteDemo]:
    """Accounts in the order of their declaration."""
    return list(_comptes.values())
