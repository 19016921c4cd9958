"""The worker: runs the tasks of the queue until it is stopped."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mairie.taches.ouvrier import Ouvrier


class Command(BaseCommand):
    """``executer_taches [--une-fois] [--limite N] [--intervalle S]``; any number may run at once."""

    help = "Exécute les tâches en attente, jusqu'à SIGTERM ou Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """When to stop, how often to look."""
        parser.add_argument("--une-fois", action="store_true", help="S'arrête dès que rien n'est dû.")
        parser.add_argument("--limite", type=int, help="Nombre de tâches avant l'arrêt.")
        parser.add_argument("--intervalle", type=float, default=1.0, help="Attente entre deux regards (s).")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve; the first signal lets the task in progress reach a place where it may stop."""
        dire = self._dire if options["verbosity"] > 1 else (lambda _: None)
        ouvrier = Ouvrier(options["intervalle"], options["limite"], dire)
        for s in (signal.SIGTERM, signal.SIGINT):
            signal.signal(s, lambda *_: ouvrier.arreter())
        ouvrier.servir(une_fois=options["une_fois"])

    def _dire(self, ligne: str) -> None:
        self.stdout.write(ligne)
        self.stdout.flush()
