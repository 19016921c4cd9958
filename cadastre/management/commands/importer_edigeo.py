"""``importer_edigeo CHEMIN…``: EDIGÉO sheets into the cadastre."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cadastre.imports.identite import departement_valide
from cadastre.imports.moteur import ErreurUsage, Moteur, Options, decouvrir, verifier_territoire

# As a shell reports a process stopped by Ctrl-C.
INTERROMPU = 130


class Command(BaseCommand):
    """Exit 0: all imported or unchanged; 1: a sheet rejected (the others are in); 2: usage, no path."""

    # They load every page of the site, a fifth of the command's start; the server has run them.
    requires_system_checks = ()
    help = "Importe des feuilles EDIGÉO (archives, dossiers, fichiers à côté d'un THF) dans le cadastre."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("chemins", nargs="+", metavar="CHEMIN", type=Path)
        parser.add_argument(
            "--travailleurs", type=int, metavar="N", help="processus (un par processeur, 8 au plus)"
        )
        parser.add_argument(
            "--departement", metavar="NN", help="département des feuilles dont le nom ne le dit pas"
        )
        parser.add_argument("--forcer", action="store_true", help="importer aussi ce qui n'a pas changé")
        parser.add_argument("--json", action="store_true", help="un document JSON sur la sortie standard")
        parser.add_argument("--mesures", action="store_true", help="ajouter au JSON les secondes par étape")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, then say."""
        travailleurs = options["travailleurs"]
        if travailleurs is not None and travailleurs < 1:
            raise CommandError("--travailleurs attend un nombre d'au moins 1.", returncode=2)
        departement = options["departement"]
        if departement is not None:
            departement = departement_valide(departement)
            if departement is None:
                raise CommandError(
                    f"--departement attend un code comme 25, 2A ou 971, pas « {options['departement']} ».",
                    returncode=2,
                )
        try:
            trouvees = decouvrir(options["chemins"])
            verifier_territoire()
        except ErreurUsage as erreur:
            raise CommandError(str(erreur), returncode=2) from erreur
        flux = getattr(self.stderr, "_out", sys.stderr)
        for vide in trouvees.vides:
            flux.write(f"Aucune feuille EDIGÉO dans {vide}.\n")
        moteur = Moteur(
            trouvees,
            Options(travailleurs, departement, options["forcer"]),
            flux,
        )
        try:
            rapport = moteur.executer()
        except KeyboardInterrupt:
            flux.write("Import interrompu. Relancez la même commande : ce qui est importé est gardé.\n")
            sys.exit(INTERROMPU)
        flux.write(f"{rapport.phrase()}\n")
        if moteur.fatale is not None:
            flux.write(f"Import arrêté : {moteur.fatale}\n")
        flux.flush()
        if options["json"]:
            document = rapport.document(mesures=options["mesures"])
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=1))
        if rapport.code_retour:
            sys.exit(rapport.code_retour)
