"""The scheduler: puts the scheduled tasks in the queue until it is stopped."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mairie.taches.planificateur import Planificateur, planifier


class Command(BaseCommand):
    """``planifier [--une-fois] [--intervalle S]``; of several, one leads."""

    help = "Met en file les tâches programmées, nuits manquées comprises, jusqu'à SIGTERM ou Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Once, or how often to look."""
        parser.add_argument("--une-fois", action="store_true", help="Un seul tour, sans attendre de place.")
        parser.add_argument("--intervalle", type=float, default=5.0, help="Attente entre deux regards (s).")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve, or do one round and say what was queued."""
        if options["une_fois"]:
            self.stdout.write(f"Tâches mises en file : {planifier()}")
            return
        planificateur = Planificateur(options["intervalle"])
        for s in (signal.SIGTERM, signal.SIGINT):
            signal.signal(s, lambda *_: planificateur.arreter())
        planificateur.servir()
