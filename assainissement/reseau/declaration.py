"""What the network adds to the registries, from ``AppConfig.ready``."""

from __future__ import annotations

from assainissement.reseau.ecriture import ANNULE, IMPORTE
from mairie.journal import Action
from mairie.journal import declarer as declarer_actions


def declarer() -> None:
    """Actions of the log, and what follows."""
    declarer_actions(
        Action(IMPORTE, "Réseau d'assainissement importé"),
        Action(ANNULE, "Import du réseau d'assainissement annulé"),
    )
