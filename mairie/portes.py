"""The doors of the home page: what a citizen can do here today. A trade adds its own when it works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Porte:
    """One door: what it is for in the citizen's words, and where it leads."""

    titre: str
    texte: str
    icone: str
    adresse: str
    ordre: int


_portes: dict[str, Porte] = {}


def ouvrir(code: str, porte: Porte) -> None:
    """Add door ``code``, or replace it."""
    _portes[code] = porte


def portes() -> list[Porte]:
    """Doors in their order."""
    return sorted(_portes.values(), key=lambda p: p.ordre)


ouvrir(
    "terrain",
    Porte("Voir mon terrain", "Le plan autour de vous, parcelle par parcelle.", "bi-map", "/carte/", 10),
)
ouvrir(
    "recherche",
    Porte(
        "Retrouver une parcelle",
        "Par sa référence, son adresse, un lieu-dit, ou toute une liste.",
        "bi-search",
        "/recherche/",
        20,
    ),
)
