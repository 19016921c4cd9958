"""``ecrire_raepa DOSSIER``: the network of a commune as RAEPA v1.2 files, Shapefile and GeoPackage."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assainissement.models import Troncon
from assainissement.reseau import exports
from mairie.demo import INSEE


class Command(BaseCommand):
    """Write the network of a commune, that of the demonstration unless said."""

    help = "Écrit le réseau d'une commune en fichiers RAEPA 1.2 (Shapefile en zip, GeoPackage)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where, and which commune."""
        parser.add_argument("dossier", type=Path)
        parser.add_argument("--commune", default=INSEE)

    def handle(self, *args: Any, **options: Any) -> None:
        """Both formats; files already there are replaced."""
        insee, dossier = options["commune"], options["dossier"]
        if not Troncon.objects.filter(insee=insee).exists():
            raise CommandError(f"Aucune canalisation n'est enregistrée à {insee}.")
        dossier.mkdir(parents=True, exist_ok=True)
        for format_, extension in (("gpkg", "gpkg"), ("shp", "zip")):
            chemin = dossier / f"RAEPA_{insee}.{extension}"
            chemin.unlink(missing_ok=True)
            comptes = exports.ecrire(chemin, [insee], format_)
            self.stdout.write(f"{chemin.name} : " + ", ".join(f"{n} {c}" for c, n in comptes.items()))
