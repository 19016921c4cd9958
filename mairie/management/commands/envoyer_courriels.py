"""Send the mail that waits."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mairie.courriels import envoyer_en_attente
from mairie.models import CourrielSortant


class Command(BaseCommand):
    """``manage.py envoyer_courriels``: safe to run beside the worker and beside itself."""

    help = "Envoie les courriels en attente et dit ce qui reste."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """``--limite``: at most so many mails."""
        parser.add_argument("--limite", type=int, help="nombre de courriels au plus")

    def handle(self, *args: Any, **options: Any) -> None:
        """Send, then count."""
        bilan = envoyer_en_attente(options["limite"])
        attente = CourrielSortant.objects.filter(etat=CourrielSortant.Etat.EN_ATTENTE).count()
        self.stdout.write(
            f"{bilan.envoyes} envoyés, {bilan.reportes} reportés, {bilan.echecs} en échec ;"
            f" {attente} en attente."
        )
        if bilan.panne:
            self.stderr.write(f"Serveur de courriel injoignable : {bilan.panne}")
