"""`sauvegarder`: the database, the files and their manifest, in one dated folder."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from mairie.models import Sauvegarde
from mairie.sauvegarde.archive import ErreurSauvegarde
from mairie.sauvegarde.service import Bilan, sauvegarder
from mairie.templatetags.charte import nombre


class Command(BaseCommand):
    """``sauvegarder [DOSSIER] [--garder N]``; exit code 1 with the reason when it could not be made."""

    help = "Sauvegarde la base et les fichiers dans un dossier daté, avec les empreintes de tout."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to, how many to keep."""
        parser.add_argument(
            "dossier", nargs="?", type=Path, help="Où ranger les sauvegardes (SAUVEGARDES_DOSSIER à défaut)."
        )
        parser.add_argument(
            "--garder", type=int, default=0, help="Nombre de sauvegardes gardées (0 : toutes)."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, and note it in the database, a failure too."""
        destination: Path = (options["dossier"] or Path(settings.SAUVEGARDES_DOSSIER)).resolve()
        if options["garder"] < 0:
            raise CommandError("--garder demande un nombre positif.")
        debut = timezone.now()
        dire = self.stderr.write if options["verbosity"] > 1 else (lambda _: None)
        try:
            bilan = sauvegarder(destination, garder=options["garder"], dire=dire)
        except (ErreurSauvegarde, DatabaseError, OSError) as e:
            self._noter_echec(debut, str(e))
            raise CommandError(f"Sauvegarde impossible. {e}") from e
        Sauvegarde.objects.create(
            commencee_le=debut,
            reussie=True,
            dossier=str(bilan.dossier),
            octets=bilan.octets_base + bilan.octets_fichiers,
            fichiers=bilan.fichiers,
        )
        self.stdout.write(_phrase(bilan))

    def _noter_echec(self, debut: Any, raison: str) -> None:
        try:
            Sauvegarde.objects.create(commencee_le=debut, reussie=False, message=raison[:2000] or "échec")
        except DatabaseError:
            self.stderr.write("L'échec n'a pas pu être noté dans la base.")


def _phrase(bilan: Bilan) -> str:
    lignes = [
        f"Sauvegarde faite : {bilan.dossier}",
        f"  base : {nombre(bilan.octets_base / 1e6, 1)} Mo, {bilan.tables} tables, "
        f"{nombre(bilan.lignes)} lignes",
        f"  fichiers : {nombre(bilan.fichiers)}, {nombre(bilan.octets_fichiers / 1e6, 1)} Mo",
    ]
    lignes += [f"  effacée : {nom}" for nom in bilan.effacees]
    return "\n".join(lignes)
