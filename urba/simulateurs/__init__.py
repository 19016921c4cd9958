"""The four public simulators of the permits, on the contracts of the commands."""

from __future__ import annotations

from mairie import simulateurs
from urba.simulateurs import delai, echeances, numero, taxe


def declarer() -> None:
    """Give them to the public pages."""
    simulateurs.declarer(delai.SIMULATEUR, echeances.SIMULATEUR, taxe.SIMULATEUR, numero.SIMULATEUR)
