"""``manage.py echeances_odp <fichier|->``: see ``domainepublic.regles.echeances``."""

from __future__ import annotations

from typing import Any

from domainepublic.regles.echeances import echeances_odp
from mairie.commandes import CommandeLot


class Command(CommandeLot):
    """Compute the legal clocks of the public domain."""

    help = "Calcule les échéances légales du domaine public (liste JSON de cas)."
    nombres_non_finis = True

    def traiter(self, cas: Any) -> dict[str, Any]:
        """See ``domainepublic.regles.echeances``."""
        return echeances_odp(cas)
