"""The doors of the home page: what a citizen can do here. A trade opens its own when it works.

Four are always there, open or not: who comes learns what exists and what will. The others show once open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gis_data.couches.registre import couches
from mairie.demarches import demarches
from mairie.ouverture import ouverte
from mairie.simulateurs import par_theme


@dataclass(frozen=True)
class Porte:
    """One door: what it is for in the citizen's words, and where it leads.

    ``principale``: one of the four. ``en_attendant``: said while nothing answers at ``adresse``, or while
    ``condition`` is false.
    """

    titre: str
    texte: str
    icone: str
    adresse: str
    ordre: int
    principale: bool = False
    en_attendant: str = ""
    condition: Callable[[], bool] | None = None

    @property
    def est_ouverte(self) -> bool:
        """Whether it leads somewhere today."""
        return ouverte(self.adresse) and (self.condition is None or self.condition())


_portes: dict[str, Porte] = {}


def ouvrir(code: str, porte: Porte) -> None:
    """Add door ``code``, or replace it."""
    _portes[code] = porte


def portes() -> list[Porte]:
    """The four, open or not, in their order."""
    return sorted((p for p in _portes.values() if p.principale), key=lambda p: p.ordre)


def autres_portes() -> list[Porte]:
    """The open ones beside the four."""
    secondaires = (p for p in _portes.values() if not p.principale and p.est_ouverte)
    return sorted(secondaires, key=lambda p: p.ordre)


def couches_du_voisinage() -> list[str]:
    """Public layers of what goes on around a citizen."""
    return [c.nom for c in couches() if c.publique and c.voisinage]


ouvrir(
    "terrain",
    Porte(
        "Voir mon terrain",
        "Le plan autour de vous, parcelle par parcelle.",
        "bi-map",
        "/carte/",
        10,
        principale=True,
    ),
)
ouvrir(
    "demande",
    Porte(
        "Faire une demande",
        "Construire, aménager, occuper la rue, se raccorder : choisissez votre démarche.",
        "bi-pencil-square",
        "/demarches/",
        20,
        principale=True,
        en_attendant="Les demandes en ligne ne sont pas encore ouvertes : adressez-vous à la mairie.",
        condition=lambda: bool(demarches()),
    ),
)
# Trades replace this one when their follow-up works.
ouvrir(
    "suivi",
    Porte(
        "Suivre ma demande",
        "Où en est votre dossier, ce qui manque, la prochaine date.",
        "bi-signpost",
        "/suivi/",
        30,
        principale=True,
        en_attendant="Ouvrira avec les demandes en ligne. La mairie vous renseigne d'ici là.",
    ),
)
ouvrir(
    "autour",
    Porte(
        "Travaux et permis autour de moi",
        "Les chantiers, les rues occupées et les permis affichés près de chez vous.",
        "bi-cone-striped",
        "/autour/",
        40,
        principale=True,
        en_attendant="Les permis et les occupations de la rue seront sur la carte dès leur publication.",
        condition=lambda: bool(couches_du_voisinage()),
    ),
)
ouvrir(
    "recherche",
    Porte(
        "Retrouver une parcelle",
        "Par sa référence, son adresse, un lieu-dit, ou toute une liste.",
        "bi-search",
        "/recherche/",
        60,
    ),
)
ouvrir(
    "simulateurs",
    Porte(
        "Simuler un délai, une taxe",
        "Combien de temps, jusqu'à quand, combien : le calcul expliqué, sans engagement.",
        "bi-calculator",
        "/simulateurs/",
        70,
        condition=lambda: bool(par_theme()),
    ),
)
