"""Erases persons whom no dossier keeps any more."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from mairie.tiers.droits import purger


class Command(BaseCommand):
    """``manage.py purger_tiers [--essai]``."""

    help = "Efface les personnes que plus aucun dossier ne garde, passé TIERS_CONSERVATION_ANS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Dry run."""
        parser.add_argument("--essai", action="store_true", help="compte sans effacer")

    def handle(self, *args: Any, **options: Any) -> None:
        """Erase, and say how many."""
        nombre = len(purger(timezone.localdate(), essai=options["essai"]))
        verbe = "à effacer" if options["essai"] else "effacée" + ("s" if nombre > 1 else "")
        self.stdout.write(f"{nombre} personne{'s' if nombre > 1 else ''} {verbe}.")
