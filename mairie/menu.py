"""The agents' left rail: each app adds its entries from ``AppConfig.ready``; a person sees hers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from mairie.habilitations import droits_de, est_agent


@dataclass(frozen=True)
class Rubrique:
    """One entry. ``droit`` empty: every agent. ``groupe``: heading under which it stands (empty: on top).

    ``compteur(user)``: a small number beside the label (null: none).
    """

    code: str
    libelle: str
    icone: str
    adresse: str
    ordre: int
    droit: str = ""
    groupe: str = ""
    compteur: Callable[[Any], int | None] | None = None


_rubriques: dict[str, Rubrique] = {}


def ajouter(*nouvelles: Rubrique) -> None:
    """Add entries, or replace those of the same code."""
    for rubrique in nouvelles:
        _rubriques[rubrique.code] = rubrique


def rubriques(utilisateur: Any) -> list[Rubrique]:
    """Entries that this person may open, in order; none for a citizen."""
    if not est_agent(utilisateur):
        return []
    droits = droits_de(utilisateur)
    return sorted(
        (r for r in _rubriques.values() if not r.droit or r.droit in droits),
        key=lambda r: (r.ordre, r.libelle),
    )


def contexte(request: HttpRequest) -> dict[str, Any]:
    """Template context: the rail grouped by heading, read only by pages that show it."""

    def groupes() -> list[tuple[str, list[Rubrique]]]:
        sortie: dict[str, list[Rubrique]] = {}
        for rubrique in rubriques(getattr(request, "user", None)):
            sortie.setdefault(rubrique.groupe, []).append(rubrique)
        return list(sortie.items())

    return {"menu_agent": groupes, "est_agent": lambda: est_agent(getattr(request, "user", None))}
