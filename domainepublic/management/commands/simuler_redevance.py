"""``manage.py simuler_redevance <fichier|->``: fee of each occupation, with its detail."""

from __future__ import annotations

from typing import Any

from domainepublic.regles.redevance import simuler_redevance
from mairie.commandes import CommandeLot


class Command(CommandeLot):
    """Simulate the fee of public-domain occupations."""

    help = "Calcule la redevance d'occupations du domaine public (liste JSON de cas)."
    nombres_non_finis = True

    def traiter(self, cas: Any) -> dict[str, Any]:
        """See ``domainepublic.regles.redevance``."""
        return simuler_redevance(cas)
