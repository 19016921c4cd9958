"""``exporter_couche``: a layer of the map as GeoJSON, GeoPackage or CSV."""

from __future__ import annotations

import datetime
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from cadastre.models import Feuille
from gis_data.couches import CoucheInconnue, couche, couches
from gis_data.exports import FORMATS, Demande, ExportImpossible, exporter, format_de


class Command(BaseCommand):
    """Exit code 0, or 2 when what is asked does not exist."""

    help = "Exporte une couche de la carte en GeoJSON, GeoPackage ou CSV."

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the contract."""
        parser.add_argument(
            "couche", metavar="COUCHE", help="nom de la couche ; un nom inconnu donne la liste"
        )
        parser.add_argument(
            "--sortie", required=True, metavar="FICHIER", help="fichier, ou « - » (sortie standard)"
        )
        parser.add_argument("--format", choices=FORMATS, help="sinon d'après l'extension du fichier")
        parser.add_argument("--commune", metavar="INSEE", help="objets de cette commune")
        parser.add_argument("--feuille", metavar="ID12", help="objets de cette feuille")
        parser.add_argument("--section", metavar="XX", help="objets de cette section (0A ou A)")
        parser.add_argument(
            "--millesime",
            metavar="DATE",
            type=self.date,
            help="état à cette date (AAAA-MM-JJ) au lieu d'aujourd'hui",
        )
        parser.add_argument(
            "--srid", type=int, default=settings.TERRITOIRE_SRID, metavar="N", help="code EPSG de la sortie"
        )

    @staticmethod
    def date(texte: str) -> datetime.date:
        """A date as AAAA-MM-JJ; a usage error otherwise."""
        try:
            return datetime.date.fromisoformat(texte)
        except ValueError:
            raise ArgumentTypeError(f"date « {texte} » incomprise, écrivez AAAA-MM-JJ") from None

    def handle(self, *args: Any, **options: Any) -> None:
        """Export, then say on standard error how many objects were written."""
        try:
            demandee = couche(options["couche"])
            if not demandee.publique:
                raise CoucheInconnue(options["couche"])
        except CoucheInconnue:
            noms = "\n".join(f"  {c.nom:24} {c.libelle}" for c in couches() if c.publique)
            raise CommandError(
                f"La couche « {options['couche']} » n'existe pas. Couches :\n{noms}", returncode=2
            ) from None
        section = options["section"]
        sortie = options["sortie"]
        try:
            demande = Demande(
                couche=demandee,
                format=format_de(sortie, options["format"]),
                commune=options["commune"],
                feuille=options["feuille"],
                section=section.upper().rjust(2, "0") if section else None,
                jour=options["millesime"],
                srid=options["srid"],
            )
            if sortie == "-":
                nombre = exporter(demande, sys.stdout.buffer)
                sys.stdout.buffer.flush()
            else:
                nombre = exporter(demande, Path(sortie))
        except ExportImpossible as erreur:
            raise CommandError(str(erreur), returncode=2) from None
        except BrokenPipeError:
            # The reader (head, less) has had enough.
            sys.stderr.close()
            raise SystemExit(0) from None
        except OSError as erreur:
            raison = erreur.strerror or erreur
            raise CommandError(f"Écriture impossible de {sortie} : {raison}") from None
        if demande.jour and not demandee.versionnee:
            self.stderr.write(
                f"Les versions de la couche {demandee.nom} ne sont pas gardées : état d'aujourd'hui exporté."
            )
        if not nombre:
            self._dire_ce_qui_manque(demande)
        self.stderr.write(f"{nombre} objets de la couche {demandee.nom} exportés ({demande.format}).")

    def _dire_ce_qui_manque(self, demande: Demande) -> None:
        """« Nothing there » and « not loaded » are two things."""
        chargees = Feuille.objects.filter(version__isnull=False)
        if demande.commune and not chargees.filter(commune=demande.commune).exists():
            self.stderr.write(f"Le plan de la commune {demande.commune} n'est pas chargé.")
        elif demande.feuille and not chargees.filter(id12=demande.feuille).exists():
            self.stderr.write(f"La feuille {demande.feuille} n'est pas chargée.")
