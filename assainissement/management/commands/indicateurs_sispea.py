"""``manage.py indicateurs_sispea <fichier|->``: see ``assainissement.regles.sispea``."""

from __future__ import annotations

from typing import Any

from assainissement.regles.sispea import indicateurs_sispea
from mairie.commandes import CommandeLot


class Command(CommandeLot):
    """Yearly national indicators."""

    help = "Calcule les indicateurs nationaux des services d'assainissement (liste JSON de cas)."
    nombres_non_finis = True

    def traiter(self, cas: Any) -> dict[str, Any]:
        """See ``assainissement.regles.sispea``."""
        return indicateurs_sispea(cas)
