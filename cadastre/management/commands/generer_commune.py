"""Command ``generer_commune``: an invented commune written as EDIGÉO archives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from gis_data.demo.defauts import CODES
from gis_data.demo.generer import Demande, generer
from gis_data.formats.edigeo.projections import EPSG_PAR_CODE

_INSEE = re.compile(r"[0-9][0-9AB][0-9]{3}")


class Command(BaseCommand):
    help = (
        "Écrit une commune inventée en archives EDIGÉO (edigeo/edigeo-<feuille>.tar.bz2) avec les chiffres "
        "attendus (attendu.json). La même graine donne les mêmes octets. Les fichiers MAJIC et topo.csv ne "
        "sont pas encore produits : titulaires, majic et orphelines restent vides dans attendu.json."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--insee", default="25999", help="code de la commune (défaut : 25999)")
        parser.add_argument("--parcelles", type=int, default=400, help="nombre de parcelles, 60 au moins")
        parser.add_argument("--graine", type=int, default=7, help="graine du tirage (défaut : 7)")
        parser.add_argument("--sortie", required=True, type=Path, metavar="DOSSIER", help="dossier à remplir")
        parser.add_argument("--sections", type=int, default=3, help="nombre de sections, 3 au moins")
        parser.add_argument(
            "--millesime",
            type=int,
            default=1,
            help="rang du millésime : 1, puis 2 et suivants avec la comparaison",
        )
        parser.add_argument(
            "--crs",
            choices=sorted(EPSG_PAR_CODE),
            help="projection (défaut : celle en usage dans la commune)",
        )
        parser.add_argument(
            "--defauts",
            nargs="*",
            choices=CODES,
            metavar="CODE",
            help="écrit aussi les entrées fautives nommées, toutes sans code, dans defauts/ : "
            + ", ".join(CODES),
        )

    def handle(self, **options: Any) -> None:
        insee = str(options["insee"]).upper()
        if not _INSEE.fullmatch(insee):
            raise CommandError(
                f"Code de commune invalide : {insee}. Attendu : cinq caractères.", returncode=2
            )
        defauts = options["defauts"]
        demande = Demande(
            insee=insee,
            parcelles=options["parcelles"],
            graine=options["graine"],
            sections=options["sections"],
            millesime=options["millesime"],
            crs=options["crs"] or "",
            defauts=() if defauts is None else tuple(defauts) or CODES,
        )
        dire = self.stderr.write if options["verbosity"] > 1 else (lambda _: None)
        try:
            bilan = generer(demande, options["sortie"], dire)
        except ValueError as e:
            raise CommandError(str(e), returncode=2) from e
        except OSError as e:
            raise CommandError(f"Écriture impossible dans {options['sortie']} : {e.strerror}") from e
        suite = f", {bilan.defauts} défauts" if bilan.defauts else ""
        self.stdout.write(
            f"{bilan.feuilles} feuilles, {bilan.parcelles} parcelles, {bilan.objets} objets{suite} : "
            f"{options['sortie']}"
        )
