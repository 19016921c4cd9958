"""`charger_demo`: the demonstration's data of all apps, as often as wanted."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from mairie import demo


class Command(BaseCommand):
    """One line a step. Only for a demonstration: it makes accounts whose password is known to all."""

    help = "Charge les données de démonstration sur la commune fictive (jamais en production)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Play the steps in order."""
        jour = timezone.localdate()
        for etape in demo.etapes():
            self.stdout.write(f"{etape.libelle} : {etape.jouer(jour)}")
        self.stdout.write(f"\nComptes de la démonstration (mot de passe : {demo.MOT_DE_PASSE})")
        for compte in demo.comptes():
            self.stdout.write(f"  {compte.email:<28} {compte.phrase}")
