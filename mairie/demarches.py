"""What a citizen may ask for: each trade declares its procedures, the page ``/demarches/`` lists them."""

from __future__ import annotations

from dataclasses import dataclass

from mairie.ouverture import ouverte


@dataclass(frozen=True)
class Demarche:
    """One procedure in the citizen's words. ``theme``: heading under which it stands."""

    code: str
    titre: str
    texte: str
    icone: str
    adresse: str
    ordre: int
    theme: str


_demarches: dict[str, Demarche] = {}


def declarer(*nouvelles: Demarche) -> None:
    """Add procedures, from ``AppConfig.ready``, or replace those of the same code."""
    for demarche in nouvelles:
        _demarches[demarche.code] = demarche


def demarches() -> list[Demarche]:
    """Those whose page answers, in order."""
    return sorted((d for d in _demarches.values() if ouverte(d.adresse)), key=lambda d: (d.ordre, d.titre))


def par_theme() -> list[tuple[str, list[Demarche]]]:
    """The same by theme, themes in the order of their first procedure."""
    sortie: dict[str, list[Demarche]] = {}
    for demarche in demarches():
        sortie.setdefault(demarche.theme, []).append(demarche)
    return list(sortie.items())
