"""Replay the log of every dossier and compare with what is stored."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mairie.workflow import registre
from mairie.workflow.controle import controler


class Command(BaseCommand):
    """``rejouer_dossiers [--workflow CODE]``; exit code 1 when one dossier differs."""

    help = "Rejoue le journal de chaque dossier et signale ce qui diffère de l'état enregistré."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which workflow."""
        parser.add_argument("--workflow", default="", help="Un seul workflow (par défaut : tous).")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each difference, then the count."""
        connus = [w.code for w in registre.tous()]
        if options["workflow"] and options["workflow"] not in connus:
            raise CommandError(
                f"Workflow « {options['workflow']} » inconnu. Workflows : {', '.join(connus) or 'aucun'}."
            )
        rapport = controler(options["workflow"])
        for e in rapport.ecarts:
            self.stdout.write(f"{e.workflow} {e.libelle} : {e.erreur or 'diffère'}")
            for colonne, (garde, attendu) in e.colonnes.items():
                self.stdout.write(f"  {colonne} : enregistré {_texte(garde)} ; rejoué {_texte(attendu)}")
        self.stdout.write(f"Dossiers rejoués : {rapport.dossiers} ; écarts : {len(rapport.ecarts)}")
        if rapport.ecarts:
            raise CommandError("Des dossiers ne concordent pas avec leur journal.", returncode=1)


def _texte(valeur: Any) -> str:
    texte = valeur if isinstance(valeur, str) else json.dumps(valeur, ensure_ascii=False, default=str)
    return texte if len(texte) <= 300 else f"{texte[:297]}…"
