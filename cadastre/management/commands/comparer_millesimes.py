"""``comparer_millesimes``: what changed in a commune between two dates."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cadastre.models import Parcelle
from cadastre.versions import comparer, etat_au, feuilles_sans_etat


def _jour(texte: str) -> date:
    try:
        return date.fromisoformat(texte)
    except ValueError:
        raise CommandError(f"Date « {texte} » incomprise : écrivez AAAA-MM-JJ.", returncode=2) from None


class Command(BaseCommand):
    """Exit 0, or 2 for a date that is none, dates in the wrong order, an unknown commune."""

    help = "Compare l'état des parcelles d'une commune à deux dates."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--commune", required=True, metavar="INSEE")
        parser.add_argument("--avant", required=True, metavar="AAAA-MM-JJ")
        parser.add_argument("--apres", required=True, metavar="AAAA-MM-JJ")
        parser.add_argument("--json", action="store_true", help="le document complet, en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, then print."""
        commune, avant, apres = options["commune"], _jour(options["avant"]), _jour(options["apres"])
        if avant > apres:
            raise CommandError("La date --avant doit précéder la date --apres.", returncode=2)
        if not Parcelle.objects.filter(commune=commune).exists():
            raise CommandError(f"Aucune parcelle importée pour la commune {commune}.", returncode=2)
        document = comparer(commune, avant, apres)
        inconnues = feuilles_sans_etat(commune, avant, apres)
        if inconnues:
            self.stderr.write(
                f"Sans état connu au {avant:%d/%m/%Y}, donc non comparées : {', '.join(inconnues)}."
            )
        if not etat_au(apres, commune).exists():
            self.stderr.write(
                f"Rien n'est connu de la commune {commune} au {apres:%d/%m/%Y} :"
                " le plan chargé commence plus tard."
            )
        if options["json"]:
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=1))
            return
        self.stdout.write(
            f"Commune {commune}, du {avant:%d/%m/%Y} au {apres:%d/%m/%Y} :"
            f" {len(document['creees'])} créées, {len(document['supprimees'])} supprimées,"
            f" {len(document['modifiees'])} modifiées, {document['inchangees']} inchangées."
        )
        for lien in document["filiation"]:
            self.stdout.write(
                f"{lien['parent']} → {lien['enfant']} :"
                f" {lien['aire_commune_m2']:.0f} m², {lien['part_parent']:.1%} du parent".replace(".", ",")
            )
        for modifiee in document["modifiees"]:
            self.stdout.write(f"{modifiee['idu']} : {', '.join(modifiee['champs'])}")
