"""Reference tables of each app (codes, tariffs, calendars …): declared here, loaded by `charger_references`.

Never in a migration: tests truncate tables, and a table of law changes without any model changing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction


@dataclass(frozen=True)
class Bilan:
    """What loading one table did, in rows."""

    creees: int = 0
    modifiees: int = 0
    inchangees: int = 0


Chargeur = Callable[[], Bilan]
_chargeurs: dict[str, Chargeur] = {}


def declarer(nom: str, chargeur: Chargeur) -> None:
    """Add a table, from AppConfig.ready. `chargeur` must be safe to run again.

    Raises ValueError when another loader already has that name.
    """
    if _chargeurs.setdefault(nom, chargeur) is not chargeur:
        raise ValueError(f"La table de référence « {nom} » est déclarée deux fois.")


def charger() -> dict[str, Bilan]:
    """Load all tables in the order of their declaration, each in a transaction of its own."""
    bilans = {}
    for nom, chargeur in _chargeurs.items():
        with transaction.atomic():
            bilans[nom] = chargeur()
    return bilans
