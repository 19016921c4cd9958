"""Clock of a consultation: when the answer is due, when silence speaks, when to remind. Pure.

Delays run from the day the service received the request (urba §3, R.423-59 and following of the code de
l'urbanisme); until that day is known they are shown from the sending and marked as not certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from mairie.calendrier import plus_mois


class Unite(StrEnum):
    """Unit of a delay."""

    JOURS = "jours"
    MOIS = "mois"


class Effet(StrEnum):
    """What the silence of a service means at the end of its delay."""

    FAVORABLE = "favorable"
    DEFAVORABLE = "defavorable"
    SANS_AVIS = "sans_avis"


class Avancement(StrEnum):
    """Where a consultation stands on a day."""

    A_ENVOYER = "a_envoyer"
    EN_ATTENTE = "en_attente"
    RENDUE = "rendue"
    TACITE = "tacite"
    CLOSE = "close"


@dataclass(frozen=True)
class Limite:
    """Last day to answer; ``certaine`` false while the receipt is not known."""

    jour: date
    certaine: bool
    regle: str


def limite(envoyee_le: date | None, recue_le: date | None, valeur: int, unite: Unite) -> Limite | None:
    """Last day of the delay, included; null before the sending. ``ValueError`` for a delay that is not."""
    if valeur < 1:
        raise ValueError("Le délai d'une consultation est d'au moins un jour ou un mois.")
    depart = recue_le or envoyee_le
    if depart is None:
        return None
    fin = plus_mois(depart, valeur) if unite == Unite.MOIS else depart + timedelta(days=valeur)
    mot = "la réception" if recue_le else "l'envoi"
    return Limite(fin, recue_le is not None, f"{valeur} {unite.value} depuis {mot}")


def silence_acquis(fin: Limite | None, jour: date) -> bool:
    """Silence speaks the day after the last day, and only when the receipt is certain."""
    return fin is not None and fin.certaine and jour > fin.jour


def en_retard(fin: Limite | None, jour: date) -> bool:
    """The expected day is past, certain or not."""
    return fin is not None and jour > fin.jour


def relance_due(
    fin: Limite | None, jour: date, faites: Sequence[date], ecarts: Sequence[int] = (-5, 1)
) -> int | None:
    """Offset in days (from the last day) of the reminder to send today; null when none is.

    Only the latest that is due counts: nights without work do not make two reminders of one morning.
    """
    if fin is None:
        return None
    dus = [e for e in sorted(ecarts) if jour >= fin.jour + timedelta(days=e)]
    if not dus:
        return None
    dernier = dus[-1]
    deja = any(f >= fin.jour + timedelta(days=dernier) for f in faites)
    return None if deja else dernier
