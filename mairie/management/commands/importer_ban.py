"""Imports the addresses of the national base."""

from __future__ import annotations

import csv
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mairie.adresses.ban import COLONNES, BilanBan, FichierBanIllisible, importer, ouvrir

REJETS_MONTRES = 20


class Command(BaseCommand):
    """``manage.py importer_ban adresses-25.csv.gz [--insee 25999] [--complet] [--rejets FICHIER]``."""

    help = "Importe le CSV de la Base Adresse Nationale (adresses-XX.csv, tel quel ou .gz)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, the commune, the file of refused lines."""
        parser.add_argument("fichier", type=Path)
        parser.add_argument("--insee", default="", help="cette commune seulement")
        parser.add_argument(
            "--complet", action="store_true", help="retire les adresses de la BAN que le fichier n'a plus"
        )
        parser.add_argument("--rejets", type=Path, help="écrit les lignes refusées dans ce fichier CSV")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, then say what was done, commune by commune, and each refused line."""
        try:
            with ouvrir(options["fichier"]) as flux:
                bilan = importer(flux, insee=options["insee"], complet=options["complet"])
        except FichierBanIllisible as e:
            raise CommandError(str(e)) from e
        self._dire(bilan)
        if options["rejets"] and bilan.rejets:
            with options["rejets"].open("w", encoding="utf-8", newline="") as sortie:
                table = csv.writer(sortie, delimiter=";")
                table.writerow(["ligne", "motif", *COLONNES])
                for r in bilan.rejets:
                    table.writerow([r.ligne, r.motif, *(r.brut.get(c, "") for c in COLONNES)])
        if not bilan.communes:
            raise CommandError("Aucune adresse d'une commune tenue ici dans ce fichier.")

    def _dire(self, bilan: BilanBan) -> None:
        self.stdout.write(
            f"{bilan.lues} lignes lues, {bilan.hors_territoire} d'autres communes,"
            f" {len(bilan.rejets)} refusées."
        )
        for insee, b in bilan.communes.items():
            self.stdout.write(
                f"{insee} : {b.creees} adresses créées, {b.modifiees + b.reactivees} modifiées,"
                f" {b.inchangees} inchangées, {b.retirees} retirées, {b.ecarts_ouverts} écarts à trancher ;"
                f" {b.voies_creees} voies créées."
            )
            for raison, nombre in b.ignores.items():
                self.stdout.write(f"  {nombre} {raison}")
        for r in bilan.rejets[:REJETS_MONTRES]:
            self.stderr.write(f"ligne {r.ligne} : {r.motif}")
        if len(bilan.rejets) > REJETS_MONTRES:
            self.stderr.write(f"… et {len(bilan.rejets) - REJETS_MONTRES} autres (voyez --rejets).")
