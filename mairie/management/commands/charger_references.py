"""`charger_references`: the reference tables of all apps, as often as wanted."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from mairie import references


class Command(BaseCommand):
    """One line a table; nothing is written twice."""

    help = "Charge les tables de référence de toutes les applications (peut être relancée sans risque)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, then say."""
        for nom, bilan in references.charger().items():
            self.stdout.write(
                f"{nom} : {bilan.creees} créées, {bilan.modifiees} modifiées, {bilan.inchangees} inchangées"
            )
