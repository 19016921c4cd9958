"""Draw a declared workflow as text, for the docs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mairie.workflow import dessin, registre

FORMATS = {"mermaid": dessin.mermaid, "dot": dessin.dot}


class Command(BaseCommand):
    """``dessiner_workflow NOM [--format mermaid|dot]``; without a name, lists what is declared."""

    help = "Dessine un workflow déclaré (Mermaid ou Graphviz) ; sans nom, liste les workflows."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name and format."""
        parser.add_argument("nom", nargs="?", help="Code du workflow, par exemple urba.dossier.")
        parser.add_argument("--format", choices=sorted(FORMATS), default="mermaid")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the drawing."""
        if options["nom"] is None:
            for w in registre.tous():
                self.stdout.write(f"{w.code}\t{w.libelle}")
            return
        try:
            workflow = registre.trouver(options["nom"])
        except KeyError as e:
            raise CommandError(str(e.args[0])) from e
        self.stdout.write(FORMATS[options["format"]](workflow), ending="")
