"""The agent's desk: under the deadlines, her open dossiers of each trade, declared from AppConfig.ready."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from mairie.habilitations import droits_de

trace = logging.getLogger(__name__)

# Dossiers shown for each trade; the link leads to all of them.
PAR_METIER = 8


@dataclass(frozen=True)
class Dossier:
    """One open dossier as the desk shows it; ``prochaine``: its next date, if any. No person's name."""

    reference: str
    etat: str
    adresse: str
    prochaine: date | None = None
    objet: str = ""
    ton: str = "neutre"


@dataclass(frozen=True)
class MesDossiers:
    """What a trade shows: ``lister(user, commune, limit)`` gives (rows, how many in all) of the user's own.

    Two queries at most. ``commune``: INSEE code chosen in the top bar, empty for all. ``adresse``: the list.
    """

    code: str
    libelle: str
    droit: str
    icone: str
    adresse: str
    lister: Callable[[Any, str, int], tuple[Iterable[Dossier], int]]


@dataclass(frozen=True)
class Bloc:
    """A trade's dossiers as shown."""

    source: MesDossiers
    dossiers: list[Dossier]
    nombre: int


_sources: dict[str, MesDossiers] = {}


def declarer_dossiers(source: MesDossiers) -> None:
    """Add a trade's dossiers to the desk, or replace those of the same code."""
    _sources[source.code] = source


def mes_dossiers(utilisateur: Any, commune: str = "") -> list[Bloc]:
    """The person's open dossiers by trade, empty trades left out; one that fails leaves the others."""
    droits = droits_de(utilisateur)
    sortie = []
    for source in _sources.values():
        if source.droit not in droits:
            continue
        try:
            lignes, nombre = source.lister(utilisateur, commune, PAR_METIER)
            if nombre:
                sortie.append(Bloc(source, list(lignes), nombre))
        except Exception:
            trace.exception("Bureau : dossiers « %s »", source.code)
    return sortie
