"""Public simulators at ``/simulateurs/``: each trade declares its own, on the contract of its command."""

from __future__ import annotations

from mairie.simulateurs.modele import Champ, Etape, Fait, Groupe, Outil, Resultat, Simulateur, Tableau

_simulateurs: dict[str, Simulateur] = {}


def declarer(*nouveaux: Simulateur) -> None:
    """Add simulators, from ``AppConfig.ready``, or replace those of the same code."""
    for simulateur in nouveaux:
        _simulateurs[simulateur.code] = simulateur


def simulateur(code: str) -> Simulateur | None:
    """The one at ``/simulateurs/<code>/``."""
    return _simulateurs.get(code)


def par_theme() -> list[tuple[str, list[Simulateur]]]:
    """All of them by theme, themes in the order of their first one."""
    sortie: dict[str, list[Simulateur]] = {}
    for un in sorted(_simulateurs.values(), key=lambda s: (s.ordre, s.titre)):
        sortie.setdefault(un.theme, []).append(un)
    return list(sortie.items())


__all__ = [
    "Champ",
    "Etape",
    "Fait",
    "Groupe",
    "Outil",
    "Resultat",
    "Simulateur",
    "Tableau",
    "declarer",
    "par_theme",
    "simulateur",
]
