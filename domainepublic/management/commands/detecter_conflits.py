"""``manage.py detecter_conflits <fichier|->``: see ``domainepublic.regles.conflits``."""

from __future__ import annotations

from typing import Any

from domainepublic.regles.conflits import detecter_conflits
from mairie.commandes import CommandeLot


class Command(CommandeLot):
    """Detect collisions between occupations."""

    help = "Cherche les conflits entre occupations du domaine public (liste JSON de cas)."
    nombres_non_finis = True

    def traiter(self, cas: Any) -> dict[str, Any]:
        """See ``domainepublic.regles.conflits``."""
        return detecter_conflits(cas)
