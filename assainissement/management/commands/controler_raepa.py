"""``manage.py controler_raepa <fichier|->``: see ``assainissement.regles.raepa``."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from assainissement.regles.raepa import controler_raepa
from mairie.commandes import CommandeLot


class Command(CommandeLot):
    """Quality control of RAEPA records; the current year stands for an absent year of reference."""

    help = "Contrôle la qualité de données de réseaux au format RAEPA (liste JSON de cas)."
    nombres_non_finis = True

    def traiter(self, cas: Any) -> dict[str, Any]:
        """See ``assainissement.regles.raepa``."""
        return controler_raepa(cas, timezone.localdate().year)
