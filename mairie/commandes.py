"""Base of the batch commands: a JSON list of cases in, a JSON list of results out, no database."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from mairie.lecture_json import ErreurSaisie, LotIllisible, lire_lot


class CommandeLot(BaseCommand):
    """``manage.py <commande> <fichier|->``; a subclass says how one case is treated in ``traiter``.

    Exit 0 as soon as the input is a JSON list; 2, with a message on stderr only, otherwise.
    A faulty case gives ``{"erreur": {"champ", "message"}}`` and does not touch the others.
    """

    requires_system_checks = ()
    # True: NaN and Infinity are a fault of their field instead of an unreadable file.
    nombres_non_finis = False

    def traiter(self, cas: Any) -> dict[str, Any]:
        """The result of one case; raises ``ErreurSaisie`` at its first fault."""
        raise NotImplementedError

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The input file."""
        parser.add_argument("fichier", help="Fichier JSON (liste de cas), ou - pour l'entrée standard.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Treat every case in order and print the list of results."""
        fichier = str(options["fichier"])
        try:
            lot = lire_lot(self._octets(fichier), non_finis=self.nombres_non_finis)
        except LotIllisible as e:
            raise CommandError(f"{fichier} : {e}", returncode=2) from e
        except OSError as e:
            raise CommandError(
                f"{fichier} : fichier introuvable ou illisible ({e.strerror or e}).", returncode=2
            ) from e
        self._ecrire([self._resultat(cas) for cas in lot])

    def _octets(self, fichier: str) -> bytes:
        if fichier != "-":
            return Path(fichier).read_bytes()
        flux = getattr(sys.stdin, "buffer", None)
        return flux.read() if flux is not None else sys.stdin.read().encode()

    def _resultat(self, cas: Any) -> dict[str, Any]:
        try:
            return self.traiter(cas)
        except ErreurSaisie as e:
            return {"erreur": {"champ": e.champ, "message": e.message}}

    def _ecrire(self, resultats: list[dict[str, Any]]) -> None:
        texte = json.dumps(resultats, ensure_ascii=False, indent=1)
        try:
            texte.encode(getattr(self.stdout, "encoding", None) or "utf-8")
        except (UnicodeEncodeError, LookupError):
            # A terminal that is not UTF-8, or half a surrogate pair in a field name: same JSON, escaped.
            texte = json.dumps(resultats, indent=1)
        self.stdout.write(texte)
