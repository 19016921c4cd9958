"""Writes the pages that the front server shows by itself when no web worker answers."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.template.loader import render_to_string

PAGES = ("413.html", "503.html")


class Command(BaseCommand):
    """``manage.py ecrire_pages_erreur DOSSIER``; asks nothing of the database."""

    help = "Écrit les pages d'erreur que le serveur frontal montre de lui-même."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument("dossier", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Write each page whole or not at all."""
        dossier: Path = options["dossier"]
        dossier.mkdir(parents=True, exist_ok=True)
        for nom in PAGES:
            provisoire = dossier / f".{nom}"
            provisoire.write_text(render_to_string(nom))
            provisoire.replace(dossier / nom)
        self.stdout.write(f"{len(PAGES)} pages d'erreur : {dossier}")
