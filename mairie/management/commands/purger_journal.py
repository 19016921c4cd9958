"""Delete the lines of the audit log that are older than the settings keep."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from mairie.taches.maison import purger_journal


class Command(BaseCommand):
    """``purger_journal``: the nightly task, now; monthly counts stay, the purge itself is noted."""

    help = "Efface du journal ce qui a dépassé sa durée de conservation ; les totaux mensuels restent."

    def handle(self, *args: Any, **options: Any) -> None:
        """Purge and say how many lines of each nature."""
        with transaction.atomic():
            effacees = purger_journal.call()
        self.stdout.write("Lignes effacées – " + ", ".join(f"{n} : {v}" for n, v in effacees.items()))
