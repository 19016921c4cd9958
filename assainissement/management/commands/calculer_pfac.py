"""``manage.py calculer_pfac <fichier|->``: see ``assainissement.regles.pfac``."""

from __future__ import annotations

from typing import Any

from assainissement.regles.pfac import calculer_pfac
from mairie.commandes import CommandeLot


class Command(CommandeLot):
    """Contribution to the sewer."""

    help = "Calcule la participation au financement de l'assainissement collectif (liste JSON de cas)."
    nombres_non_finis = True

    def traiter(self, cas: Any) -> dict[str, Any]:
        """See ``assainissement.regles.pfac``."""
        return calculer_pfac(cas)
