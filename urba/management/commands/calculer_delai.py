"""``manage.py calculer_delai <fichier|->``: JSON list of cases in, list of results out, no database."""

from __future__ import annotations

from typing import Any

from mairie.commandes import CommandeLot
from urba.contrats.delai import traiter


class Command(CommandeLot):
    """One case, one result (contract in ``urba.contrats.delai``)."""

    help = "Délai d'instruction, sens du silence et explication de chaque cas."

    def traiter(self, cas: Any) -> dict[str, Any]:
        """The result of one case."""
        return traiter(cas)
