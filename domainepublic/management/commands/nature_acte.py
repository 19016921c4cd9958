"""``manage.py nature_acte <fichier|->``: see ``domainepublic.regles.nature_acte``."""

from __future__ import annotations

from typing import Any

from domainepublic.regles.nature_acte import nature_acte
from mairie.commandes import CommandeLot


class Command(CommandeLot):
    """Determine act, authority and publicity of an occupation."""

    help = "Détermine l'acte, l'autorité et la publicité d'une occupation (liste JSON de cas)."
    nombres_non_finis = True

    def traiter(self, cas: Any) -> dict[str, Any]:
        """See ``domainepublic.regles.nature_acte``."""
        return nature_acte(cas)
