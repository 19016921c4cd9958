"""How urgent a date is, by calendar days left: the desk, the digest and the feed say the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

# Days before a date on which the digest is sent (urba §9).
RAPPELS = (15, 5, 0)


class Urgence(StrEnum):
    """From the most to the least pressing."""

    RETARD = "retard"
    JOUR = "jour"
    CINQ = "cinq"
    QUINZE = "quinze"
    PLUS_TARD = "plus_tard"


@dataclass(frozen=True)
class Palier:
    """A level as shown: ``jusque`` is the last number of days left that belongs to it (null: no end)."""

    urgence: Urgence
    libelle: str
    jusque: int | None
    ton: str
    icone: str


PALIERS = (
    Palier(Urgence.RETARD, "En retard", -1, "danger", "bi-exclamation-octagon"),
    Palier(Urgence.JOUR, "Aujourd'hui", 0, "danger", "bi-alarm"),
    Palier(Urgence.CINQ, "Dans les cinq jours", 5, "attention", "bi-hourglass-split"),
    Palier(Urgence.QUINZE, "Dans les quinze jours", 15, "bientot", "bi-hourglass-top"),
    Palier(Urgence.PLUS_TARD, "Plus tard", None, "neutre", "bi-calendar3"),
)


def jours_restants(limite: date, aujourdhui: date) -> int:
    """Calendar days from today to the date: 0 on the day itself, negative once it is past."""
    return (limite - aujourdhui).days


def palier(limite: date, aujourdhui: date) -> Palier:
    """The level of a date."""
    reste = jours_restants(limite, aujourdhui)
    return next(p for p in PALIERS if p.jusque is None or reste <= p.jusque)


def urgence(limite: date, aujourdhui: date) -> Urgence:
    """The level's code."""
    return palier(limite, aujourdhui).urgence


def rappel_du(limite: date, aujourdhui: date) -> bool:
    """Whether the digest is sent today for that date."""
    return jours_restants(limite, aujourdhui) in RAPPELS
