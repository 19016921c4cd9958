"""``manage.py lire_numero <fichier|->``: JSON list of cases in, list of results out, no database."""

from __future__ import annotations

from typing import Any

from mairie.commandes import CommandeLot
from urba.contrats.numero import traiter


class Command(CommandeLot):
    """One case, one result (contract in ``urba.contrats.numero``)."""

    help = "Lecture du numéro de dossier de chaque cas."

    def traiter(self, cas: Any) -> dict[str, Any]:
        """The result of one case."""
        return traiter(cas)
