"""What the commands ``importer_plu`` and ``importer_sup`` share."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError

from gis_data.contraintes.imports.base import ImportRefuse, Rapport
from gis_data.ouverture import Limites
from gis_data.ouverture.garde import MIO

# On the command line the operator knows what she brings in.
LIMITES = Limites(octets=4096 * MIO, decompresse=4096 * MIO, membres=20_000, duree_s=3600, cpu_s=3000)
NOMS = {"plu": "Document d'urbanisme", "sup": "Servitudes"}


class CommandeImport(BaseCommand):
    """``manage.py importer_… CHEMIN [CHEMIN…] [--json]``; exit 1 when one is refused, the others are done."""

    genre: ClassVar[str]
    importer: ClassVar[Callable[..., Rapport]]

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Paths and what a package may fail to say."""
        parser.add_argument(
            "chemins", nargs="+", type=Path, metavar="CHEMIN", help="zip, GeoPackage ou dossier"
        )
        parser.add_argument("--json", action="store_true", help="le rapport en JSON sur la sortie standard")
        parser.add_argument("--srid", type=int, help="projection (EPSG) d'un paquet qui n'en dit pas")
        parser.add_argument("--territoire", default="", help="code du territoire, si le paquet ne le dit pas")
        parser.add_argument(
            "--date", type=date.fromisoformat, help="date (AAAA-MM-JJ), si le paquet n'en dit pas"
        )

    def handle(self, **options: Any) -> None:
        """Import each package in turn."""
        rapports = [self._un(chemin, options) for chemin in options["chemins"]]
        if options["json"]:
            self.stdout.write(json.dumps([r.en_json() for r in rapports], ensure_ascii=False, indent=1))
        else:
            for rapport in rapports:
                self._dire(rapport)
        if any(r.statut != "importe" for r in rapports):
            raise CommandError("Un paquet au moins n'a pas été importé.", returncode=1)

    def _un(self, chemin: Path, options: dict[str, Any]) -> Rapport:
        if not chemin.exists():
            rapport = Rapport(self.genre, chemin.name)
            rapport.motif = f"« {chemin} » n'existe pas."
            return rapport
        try:
            return type(self).importer(
                chemin,
                chemin.name,
                srid=options["srid"],
                territoire=options["territoire"],
                jour=options["date"],
                limites=LIMITES,
            )
        except ImportRefuse as refus:
            return refus.rapport or Rapport(self.genre, chemin.name, motif=str(refus))

    def _dire(self, rapport: Rapport) -> None:
        if rapport.statut != "importe":
            self.stderr.write(f"{rapport.source} : refusé. {rapport.motif}")
        for document in rapport.documents:
            self.stdout.write(
                f"{NOMS[self.genre]} {document['identifiant']} : en vigueur du {document['valide_du']}"
                + (f" au {document['valide_au']}" if document["valide_au"] else "")
            )
            for effet in document["effets"]:
                self.stdout.write(f"  {effet}")
        for couche, nombre in rapport.ecrits.items():
            self.stdout.write(f"  {couche} : {rapport.lus[couche]} lus, {nombre} écrits")
        for code, nombre in rapport.par_code().items():
            premiere = next(a for a in rapport.anomalies if a.code == code)
            self.stdout.write(f"  {code} × {nombre} : {premiere.message}")
