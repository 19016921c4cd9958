"""`mettre_en_service`: all that an installation or an update does in the database and in the static files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """``mettre_en_service [--collectivite CODE:NOM [--administrateur COURRIEL]]``; one process for all."""

    help = "Contrôle les réglages, migre la base, charge les références, rassemble les fichiers statiques."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The first collectivité, where there is none yet."""
        parser.add_argument("--collectivite", default="", metavar="CODE:NOM")
        parser.add_argument("--sans-statiques", action="store_true", help="Ils sont déjà rassemblés.")
        parser.add_argument("--administrateur", default="", metavar="COURRIEL")

    def handle(self, *args: Any, **options: Any) -> None:
        """Each step may run again at will; the first that fails stops all."""
        call_command("check", deploy=True, fail_level="ERROR", stdout=self.stdout, stderr=self.stderr)
        call_command("migrate", interactive=False, verbosity=0)
        call_command("charger_references", stdout=self.stdout)
        if not options["sans_statiques"]:
            call_command("collectstatic", interactive=False, verbosity=0)
        call_command("ecrire_pages_erreur", str(Path(settings.STATIC_ROOT) / "pages"), stdout=self.stdout)
        code, _, nom = options["collectivite"].partition(":")
        if code:
            call_command(
                "preparer_collectivite",
                code,
                nom.strip(),
                administrateur=options["administrateur"],
                stdout=self.stdout,
            )
