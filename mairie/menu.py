"""The agents' left rail: each app adds its entries from ``AppConfig.ready``; a person sees hers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest

from mairie import communes
from mairie.habilitations import droits_de, est_agent
from mairie.notifications import Notification, notifications
from mairie.ouverture import ouverte

journal = logging.getLogger(__name__)


@dataclass(frozen=True)
class Rubrique:
    """One entry. ``droit`` empty: every agent. ``groupe``: heading under which it stands (empty: on top).

    ``compteur(user)``: a small number beside the label (null: none). ``touche``: letter that goes there after
    « g ». ``depuis_parcelle``: words of the link that the map offers on a parcel (``adresse?idu=…``).
    """

    code: str
    libelle: str
    icone: str
    adresse: str
    ordre: int
    droit: str = ""
    groupe: str = ""
    compteur: Callable[[Any], int | None] | None = None
    touche: str = ""
    depuis_parcelle: str = ""


@dataclass(frozen=True)
class Entree:
    """An entry as shown: ``courante`` where the page belongs to it, ``nombre`` beside its label."""

    rubrique: Rubrique
    courante: bool
    nombre: int | None


_rubriques: dict[str, Rubrique] = {}


def ajouter(*nouvelles: Rubrique) -> None:
    """Add entries, or replace those of the same code."""
    for rubrique in nouvelles:
        _rubriques[rubrique.code] = rubrique


def rubriques(utilisateur: Any) -> list[Rubrique]:
    """Entries that this person may open, in order; none for a citizen, none that leads nowhere."""
    if not est_agent(utilisateur):
        return []
    droits = droits_de(utilisateur)
    return sorted(
        (r for r in _rubriques.values() if (not r.droit or r.droit in droits) and ouverte(r.adresse)),
        key=lambda r: (r.ordre, r.libelle),
    )


def entrees(utilisateur: Any, chemin: str) -> list[tuple[str, list[Entree]]]:
    """The rail grouped by heading; the entry of the longest address that begins the path is current."""
    offertes = rubriques(utilisateur)
    miennes = [r.adresse for r in offertes if chemin.startswith(r.adresse)]
    ici = max(miennes, key=len, default=None)
    sortie: dict[str, list[Entree]] = {}
    for r in offertes:
        sortie.setdefault(r.groupe, []).append(Entree(r, r.adresse == ici, _compter(r, utilisateur)))
    # Those without heading come first, whatever their order among the others.
    return sorted(sortie.items(), key=lambda g: g[0] != "")


def _compter(rubrique: Rubrique, utilisateur: Any) -> int | None:
    """The number beside the label; a counter that fails must not take the page with it."""
    if rubrique.compteur is None:
        return None
    try:
        return rubrique.compteur(utilisateur)
    except Exception:
        journal.exception("Compteur de la rubrique « %s »", rubrique.code)
        return None


def contexte(request: HttpRequest) -> dict[str, Any]:
    """Template context: rail, communes and bell of the agent's frame, read only by pages that show them."""

    @cache
    def agent() -> bool:
        try:
            return est_agent(getattr(request, "user", None))
        except DatabaseError:
            # An error page must show even with the database away.
            return False

    @cache
    def menu() -> list[tuple[str, list[Entree]]]:
        return entrees(request.user, request.path) if agent() else []

    @cache
    def attente() -> list[Notification]:
        return notifications(request.user) if agent() else []

    return {
        "menu_agent": menu,
        "est_agent": agent,
        "communes_agent": lambda: communes.offertes(request.user) if agent() else (),
        "commune_courante": lambda: communes.courante(request) if agent() else None,
        "notifications": attente,
    }
