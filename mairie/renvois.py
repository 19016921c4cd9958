"""From a record of one trade to a record of another, by its number: trades never import each other.

Each trade says here, from ``AppConfig.ready``, how one of its numbers is read for a person.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from mairie.models import Tiers


@dataclass(frozen=True)
class Renvoi:
    """A record that this person may read: its number as kept and as written, its page, who holds it.

    ``idus``: its parcels. ``debut``: first day of its works, where it is known.
    """

    numero: str
    libelle: str
    adresse: str
    etat: str = ""
    titulaire: Tiers | None = None
    executant: Tiers | None = None
    idus: tuple[str, ...] = ()
    debut: date | None = None


Resolveur = Callable[[str, Any], Renvoi | None]
_resolveurs: dict[str, Resolveur] = {}


def declarer(metier: str, resoudre: Resolveur) -> None:
    """How trade ``metier`` finds ``(number, user)``: null for what is unknown or may not be read."""
    _resolveurs[metier] = resoudre


def trouver(metier: str, numero: str, utilisateur: Any) -> Renvoi | None:
    """The record behind a number; null where that trade is not there."""
    resoudre = _resolveurs.get(metier)
    return resoudre(numero, utilisateur) if resoudre is not None and numero.strip() else None
