"""Deliver waiting domain events; shows or retries those that failed."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from mairie import evenements
from mairie.models import Livraison


class Command(BaseCommand):
    """``livrer_evenements [--limite N] [--relancer-echecs]``; any number may run at once."""

    help = "Livre les événements de domaine en attente et liste les livraisons en échec."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many, and whether failed ones get new tries."""
        parser.add_argument("--limite", type=int, help="Nombre de livraisons au plus.")
        parser.add_argument("--relancer-echecs", action="store_true", help="Redonne trois essais aux échecs.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Deliver, then print what was done and what has failed for good."""
        echecs = Livraison.objects.filter(etat=Livraison.Etat.ECHEC).select_related("evenement")
        if options["relancer_echecs"]:
            self.stdout.write(f"Relancées : {sum(evenements.relancer(e) for e in echecs)}")
        livrees, ratees = evenements.livrer(options["limite"])
        self.stdout.write(f"Livrées : {livrees} ; essais manqués : {ratees}")
        for e in echecs.order_by("evenement_id", "abonne"):
            self.stdout.write(f"En échec : {e.evenement.nom} n° {e.evenement_id} → {e.abonne} : {e.erreur}")
