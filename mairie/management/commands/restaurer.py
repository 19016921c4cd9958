"""`restaurer`: puts a backup back into an empty database and an empty storage, and proves it."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from mairie.sauvegarde import archive
from mairie.sauvegarde.archive import ErreurSauvegarde, Manifeste
from mairie.sauvegarde.service import meme_cle, restaurer
from mairie.templatetags.charte import nombre


class Command(BaseCommand):
    """``restaurer SAUVEGARDE [--forcer | --verifier]``; the service must be stopped."""

    help = "Restaure une sauvegarde dans une base et un dossier de fichiers vides."
    # The database has no table yet.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which one, and how far."""
        parser.add_argument("sauvegarde", type=Path, help="Dossier d'une sauvegarde.")
        parser.add_argument("--forcer", action="store_true", help="Remplace ce qui se trouve déjà là.")
        parser.add_argument("--verifier", action="store_true", help="Contrôle l'archive sans rien restaurer.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, restore, compare."""
        dossier: Path = options["sauvegarde"].resolve()
        try:
            if options["verifier"]:
                manifeste = Manifeste.lire(dossier)
                archive.verifier(dossier, manifeste)
                self.stdout.write(f"Archive intacte : {_contenu(manifeste)}.")
                return
            manifeste = restaurer(dossier, forcer=options["forcer"], dire=self.stderr.write)
        except (ErreurSauvegarde, DatabaseError, OSError) as e:
            raise CommandError(f"Restauration impossible. {e}") from e
        self.stdout.write(f"Restauré et comparé à l'identique : {_contenu(manifeste)}.")
        if not meme_cle(manifeste):
            self.stderr.write(
                "La clé secrète (SECRET_KEY) n'est plus celle de la sauvegarde : les sessions sont closes, "
                "et ce qu'elle protégeait (seconds facteurs, liens signés) ne sera plus lisible."
            )
        self.stderr.write(
            "Lancez maintenant « manage.py migrate » si le logiciel est plus récent, puis le service."
        )


def _contenu(manifeste: Manifeste) -> str:
    lignes = sum(t.lignes for t in manifeste.tables.values())
    return (
        f"sauvegarde du {manifeste.commencee_le[:16].replace('T', ' à ')} UTC, "
        f"{len(manifeste.tables)} tables, {nombre(lignes)} lignes, {nombre(len(manifeste.fichiers))} fichiers"
    )
