"""Public simulators of the public domain, on the contracts of the commands."""

from __future__ import annotations

from domainepublic.simulateurs import conflits, dialog, echeances, nature, redevance
from mairie import simulateurs


def declarer() -> None:
    """Give them to the public pages."""
    simulateurs.declarer(
        redevance.SIMULATEUR,
        nature.SIMULATEUR,
        echeances.SIMULATEUR,
        conflits.SIMULATEUR,
        dialog.SIMULATEUR,
    )
