"""Public simulators of sanitation, on the contracts of the commands."""

from __future__ import annotations

from assainissement.simulateurs import classement, echeances, pfac
from mairie import simulateurs


def declarer() -> None:
    """Give them to the public pages."""
    simulateurs.declarer(classement.SIMULATEUR, echeances.SIMULATEUR, pfac.SIMULATEUR)
