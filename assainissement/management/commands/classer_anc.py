"""``manage.py classer_anc <fichier|->``: see ``assainissement.regles.classement``."""

from __future__ import annotations

from typing import Any

from assainissement.regles.classement import classer_anc
from mairie.commandes import CommandeLot


class Command(CommandeLot):
    """Conclusion on existing installations."""

    help = "Classe une installation d'assainissement non collectif existante (liste JSON de cas)."
    nombres_non_finis = True

    def traiter(self, cas: Any) -> dict[str, Any]:
        """See ``assainissement.regles.classement``."""
        return classer_anc(cas)
