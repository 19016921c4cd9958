"""``manage.py generer_regles_navigateur``: writes the rules of the phone form from the Python table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from assainissement.regles.en_javascript import FICHIER, module


class Command(BaseCommand):
    """Write the module again; a test refuses one that is not up to date."""

    help = "Écrit les règles de classement du formulaire de terrain d'après la table Python."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file."""
        chemin = Path(__file__).parents[3] / FICHIER
        chemin.write_text(module(), encoding="utf-8")
        self.stdout.write(str(FICHIER))
