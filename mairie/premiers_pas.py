"""What a new installation needs before it serves: steps with their real state, declared by each app.

A step is never ticked by hand: its state is read from the data each time the page is shown.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from mairie.ouverture import ouverte

journal = logging.getLogger(__name__)


class Avancement(Enum):
    """How far a step is: word shown, tone of its badge."""

    FAIT = ("Fait", "bien")
    EN_PARTIE = ("En partie", "attention")
    A_FAIRE = ("À faire", "neutre")
    FACULTATIF = ("Facultatif", "neutre")
    EN_PANNE = ("En panne", "danger")

    @property
    def mot(self) -> str:
        """The word of the badge."""
        return self.value[0]

    @property
    def ton(self) -> str:
        """A tone of the house style."""
        return self.value[1]


@dataclass(frozen=True)
class Etat:
    """State of a step, and one sentence that says what there is."""

    avancement: Avancement
    phrase: str


@dataclass(frozen=True)
class Etape:
    """One step. ``etat(codes)``: for the collectivités that the reader administers.

    ``adresse`` empty: it is done on the machine; ``aide`` says how, ``commande`` what to type.
    """

    code: str
    libelle: str
    ordre: int
    etat: Callable[[frozenset[str]], Etat]
    adresse: str = ""
    aide: str = ""
    commande: str = ""


@dataclass(frozen=True)
class EtapeVue:
    """A step as shown: ``lien`` empty where there is no page of it yet."""

    etape: Etape
    etat: Etat
    lien: str


_etapes: dict[str, Etape] = {}


def declarer(*nouvelles: Etape) -> None:
    """Add steps, from ``AppConfig.ready``, or replace those of the same code."""
    for etape in nouvelles:
        _etapes[etape.code] = etape


def etapes(codes: frozenset[str]) -> list[EtapeVue]:
    """Steps in order with their state; one whose state can't be read is shown as such, the others stay."""
    return [
        EtapeVue(e, _lire(e, codes), e.adresse if e.adresse and ouverte(e.adresse) else "")
        for e in sorted(_etapes.values(), key=lambda e: (e.ordre, e.code))
    ]


def _lire(etape: Etape, codes: frozenset[str]) -> Etat:
    try:
        return etape.etat(codes)
    except Exception:
        journal.exception("Premiers pas : état de « %s »", etape.code)
        return Etat(Avancement.EN_PANNE, "Cet état n'a pas pu être lu ; le journal du service dit pourquoi.")
