"""``ecrire_raepa DOSSIER``: the network of a commune, or of an EPCI, as RAEPA v1.2 files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assainissement.models import Troncon
from assainissement.reseau import exports, territoires
from mairie.demo import INSEE


class Command(BaseCommand):
    """Write the network of a commune, that of the demonstration unless said, or of an EPCI as one."""

    help = "Écrit le réseau d'une commune ou d'un EPCI en fichiers RAEPA 1.2 (Shapefile zippé, GeoPackage)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where, and which commune or EPCI."""
        parser.add_argument("dossier", type=Path)
        qui = parser.add_mutually_exclusive_group()
        qui.add_argument("--commune", default=INSEE, help="code INSEE")
        qui.add_argument("--epci", default="", help="SIREN : ses communes membres, en un seul réseau")

    def handle(self, *args: Any, **options: Any) -> None:
        """Both formats; files already there are replaced."""
        code, dossier = options["epci"] or options["commune"], options["dossier"]
        communes = territoires.membres(code) if options["epci"] else [code]
        if not communes:
            raise CommandError(f"Aucune commune n'est membre de l'EPCI {code} aujourd'hui.")
        if not Troncon.objects.filter(insee__in=communes).exists():
            raise CommandError(f"Aucune canalisation n'est enregistrée à {code}.")
        dossier.mkdir(parents=True, exist_ok=True)
        for format_, extension in (("gpkg", "gpkg"), ("shp", "zip")):
            chemin = dossier / f"RAEPA_{code}.{extension}"
            chemin.unlink(missing_ok=True)
            comptes = exports.ecrire(chemin, communes, format_)
            self.stdout.write(f"{chemin.name} : " + ", ".join(f"{n} {c}" for c, n in comptes.items()))
