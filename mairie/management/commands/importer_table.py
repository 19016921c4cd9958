"""Fill a declared table from a CSV or XLSX file: a dry run, then for good."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.management.base import BaseCommand, CommandError

from mairie.ecrans import registre
from mairie.ecrans.declaration import ActionImpossible
from mairie.ecrans.imports import correspondance, service
from mairie.ecrans.imports.lecture import FichierRefuse
from mairie.models import Utilisateur


class Command(BaseCommand):
    """``importer_table [CODE FICHIER --par COURRIEL [--appliquer] [--rejets CHEMIN]]``; alone: the list."""

    help = "Importe un fichier CSV ou XLSX dans une table déclarée ; sans --appliquer, dit ce qui changerait."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which table, which file, who, and whether it is for good."""
        parser.add_argument("code", nargs="?", help="Table ; sans elle, la liste de celles qui s'importent.")
        parser.add_argument("fichier", nargs="?", type=Path)
        parser.add_argument("--par", metavar="COURRIEL", help="Compte au nom de qui l'import est fait.")
        parser.add_argument("--appliquer", action="store_true", help="Écrit ; sinon, essai à blanc.")
        parser.add_argument("--rejets", type=Path, metavar="CHEMIN", help="Où écrire les lignes refusées.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 1 when the file, the table or the person is not right; refused lines are no failure."""
        if not options["code"]:
            for i in registre.imports():
                self.stdout.write(f"{i.code} : {i.titre}")
            return
        declaration = registre.import_(options["code"])
        if declaration is None:
            raise CommandError(f"« {options['code']} » ne s'importe pas. Sans argument : la liste.")
        if options["fichier"] is None or not options["par"]:
            raise CommandError("Donnez le fichier, et --par : le compte au nom de qui l'import est fait.")
        personne = Utilisateur.objects.filter(email__iexact=options["par"], is_active=True).first()
        if personne is None or not personne.has_perm(declaration.droit):
            raise CommandError(f"« {options['par']} » n'a pas le droit d'importer dans cette table.")
        try:
            with options["fichier"].open("rb") as flux:
                ligne = service.deposer(declaration, File(flux), options["fichier"].name, personne)
        except OSError as e:
            raise CommandError(f"{options['fichier']} : fichier introuvable ou illisible.") from e
        except FichierRefuse as e:
            raise CommandError(str(e)) from e
        try:
            self._passer(declaration, ligne, personne, options)
        finally:
            if not options["appliquer"]:
                ligne.fichier.delete(save=False)
                ligne.rejets.delete(save=False)
                ligne.delete()

    def _passer(self, declaration: Any, ligne: Any, personne: Any, options: dict[str, Any]) -> None:
        table = service.table_de(ligne)
        fixes = tuple(declaration.fixes(personne)) if declaration.fixes else ()
        if fautes := correspondance.fautes(declaration, ligne.correspondance, fixes):
            raise CommandError(" ".join(fautes) + f" Titres lus : {', '.join(table.titres)}.")
        try:
            bilan = service.passer(declaration, ligne, appliquer=options["appliquer"])
        except ActionImpossible as e:
            raise CommandError(str(e)) from e
        self.stdout.write("Écrit :" if options["appliquer"] else "Essai à blanc, rien n'est écrit :")
        for mot, nombre in bilan.comptes().items():
            self.stdout.write(f"  {mot} : {nombre}")
        for motif, nombre in bilan.motifs()[:10]:
            self.stdout.write(f"  {nombre} × {motif}")
        if options["rejets"] and ligne.rejets:
            with ligne.rejets.open("rb") as source:
                options["rejets"].write_bytes(source.read())
            self.stdout.write(f"Lignes refusées : {options['rejets']}")
