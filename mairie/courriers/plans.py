"""The map extract of a letter: drawn by whoever holds the plan, to scale, in the territory's projection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from mairie.courriers.champs import Illustration


@dataclass(frozen=True)
class DemandePlan:
    """What to draw: geometry of the dossier, title, size on paper, scale (null: the largest that fits)."""

    emprise: Any
    titre: str
    largeur_mm: float = 160.0
    hauteur_mm: float = 110.0
    denominateur: int | None = None
    # Short texts written at points of the territory's projection: numbers of the parts of the place.
    reperes: Sequence[tuple[str, Any]] = ()


Dessinateur = Callable[[DemandePlan], Illustration | None]
_dessinateurs: list[Dessinateur] = []


def declarer(dessinateur: Dessinateur) -> None:
    """Give the drawer of plans, from ``AppConfig.ready`` (``cadastre``)."""
    if dessinateur not in _dessinateurs:
        _dessinateurs.append(dessinateur)


def dessiner(demande: DemandePlan) -> Illustration | None:
    """The plan; null without geometry, or where no plan is loaded."""
    if demande.emprise is None or demande.emprise.empty:
        return None
    for dessinateur in _dessinateurs:
        plan = dessinateur(demande)
        if plan is not None:
            return plan
    return None
