"""``manage.py charge_dialog <fichier|->``: see ``domainepublic.regles.dialog``."""

from __future__ import annotations

from typing import Any

from domainepublic.regles.dialog import charge_dialog
from mairie.commandes import CommandeLot


class Command(CommandeLot):
    """Build the DiaLog payload of a traffic order."""

    help = "Prépare la charge DiaLog d'un arrêté de circulation (liste JSON de cas)."
    nombres_non_finis = True

    def traiter(self, cas: Any) -> dict[str, Any]:
        """See ``domainepublic.regles.dialog``."""
        return charge_dialog(cas)
