"""``manage.py echeances_anc <fichier|->``: see ``assainissement.regles.echeances``."""

from __future__ import annotations

from typing import Any

from assainissement.regles.echeances import echeances_anc
from mairie.commandes import CommandeLot


class Command(CommandeLot):
    """Due dates after a control."""

    help = "Calcule les échéances après un contrôle d'assainissement non collectif (liste JSON de cas)."
    nombres_non_finis = True

    def traiter(self, cas: Any) -> dict[str, Any]:
        """See ``assainissement.regles.echeances``."""
        return echeances_anc(cas)
