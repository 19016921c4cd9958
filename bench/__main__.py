"""``python -m bench`` (reading, imports), ``departement``, ``carte``, ``bureau``, ``odp``, ``reseau``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench import rapport
from bench.mesure import EchecMesure, machine

FEUILLES = 130
PARTIES = ("lecture", "import", "feuille", "tuiles")
PARTIES_CARTE = ("nginx", "contraintes", "export", "deplacement")


def _dire(debut: float) -> Callable[[str], None]:
    def dire(message: str) -> None:
        print(f"[{time.monotonic() - debut:6.1f} s] {message}", file=sys.stderr, flush=True)

    return dire


def _analyser(arguments: Sequence[str]) -> argparse.Namespace:
    analyse = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    analyse.add_argument(
        "quoi",
        nargs="?",
        choices=("mesures", "departement", "carte", "bureau", "odp", "reseau"),
        default="mesures",
    )
    analyse.add_argument("--feuilles", type=int, default=FEUILLES, help="feuilles importées par « mesures »")
    analyse.add_argument("--repetitions", type=int, default=3)
    analyse.add_argument(
        "--parties", nargs="+", choices=(*PARTIES, *PARTIES_CARTE), default=(*PARTIES, *PARTIES_CARTE)
    )
    analyse.add_argument("--parcelles", type=int, default=0, help="taille du département ou de la carte")
    analyse.add_argument("--dossiers", type=int, default=100_000, help="dossiers de « bureau »")
    analyse.add_argument("--emprises", type=int, default=50_000, help="emprises de « odp »")
    analyse.add_argument("--canalisations", type=int, default=100_000, help="canalisations de « reseau »")
    analyse.add_argument("--terrasses", type=int, default=500, help="terrasses renouvelées par « odp »")
    analyse.add_argument(
        "--generees",
        type=int,
        default=0,
        metavar="N",
        help="feuilles d'une commune fictive de N parcelles seules",
    )
    analyse.add_argument("--reserve", type=Path, default=None, help="dossier des archives du département")
    analyse.add_argument("--migree", default="", metavar="BASE", help="base déjà migrée, copiée telle quelle")
    analyse.add_argument("--sortie", type=Path, default=rapport.DOSSIER, help="dossier du JSON")
    return analyse.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, write; 1 when a measurement failed (an objective missed is only said)."""
    options = _analyser(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.demo")
    import django

    django.setup()
    from django.conf import settings

    from bench.base import Bases

    dire = _dire(time.monotonic())
    document: dict[str, Any] = {"machine": machine()}
    bases = Bases(settings.DATABASES["default"], options.migree)
    document["serveur"] = {"version": bases.version, **bases.reglages}
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as travail:
            if options.quoi == "carte":
                objectifs = _carte(bases, Path(travail), dire, options, document)
            elif options.quoi == "bureau":
                objectifs = _bureau(bases, dire, options, document)
            elif options.quoi == "odp":
                objectifs = _odp(bases, dire, options, document)
            elif options.quoi == "reseau":
                objectifs = _reseau(bases, Path(travail), dire, options, document)
            elif options.quoi == "departement":
                objectifs = _departement(bases, Path(travail), dire, options, document)
            else:
                objectifs = _mesures(bases, Path(travail), dire, options, document)
    except EchecMesure as echec:
        print(echec, file=sys.stderr)
        return 1
    finally:
        bases.fermer()
    document["machine"]["charge_a_la_fin"] = round(os.getloadavg()[0], 2)
    document["objectifs"] = [objectif.document() for objectif in objectifs]
    chemin = rapport.ecrire(options.quoi, document, options.sortie)
    print(rapport.objectifs_en_mots(objectifs))
    print(f"\nTous les chiffres : {chemin}")
    return 0


def _mesures(
    bases: Any,
    travail: Path,
    dire: Callable[[str], None],
    options: argparse.Namespace,
    document: dict[str, Any],
) -> list[rapport.Objectif]:
    from bench import echantillon, feuille, importation, lecture, objectifs, tuiles

    dire("Choix et copie des feuilles")
    choix = echantillon.choisir(travail, generees=options.generees)
    document["echantillon"] = {"provenance": choix.provenance, "feuilles": options.feuilles}
    print(f"Échantillon : {choix.provenance}, repliquées en {options.feuilles}.\n")
    dossier = choix.repliquer(options.feuilles, travail / "feuilles")
    if "lecture" in options.parties:
        dire("Lecture : décompression, lecteur, GDAL")
        document["lecture"] = lecture.mesurer(choix.archives, options.repetitions + 2)
        print(objectifs.table_lecture(document["lecture"]), end="\n\n")
    if "import" in options.parties:
        dire("Import : un et deux travailleurs, ogr2ogr, plancher")
        document["import"] = importation.mesurer(bases, dossier, options.repetitions)
        print(objectifs.table_import(document["import"]), end="\n\n")
    if "feuille" in options.parties:
        dire("Une feuille seule, du premier octet à la validation")
        document["feuille"] = feuille.mesurer(bases, dossier)
    if "tuiles" in options.parties:
        dire("Tuiles par HTTP et par SQL")
        with bases.jetable() as base:
            importation.importer(bases, base, dossier, 2)
            document["tuiles"] = tuiles.mesurer(bases, base, options.repetitions)
        print(objectifs.table_tuiles(document["tuiles"]), end="\n\n")
    return objectifs.mesures(document)


def _reseau(
    bases: Any,
    travail: Path,
    dire: Callable[[str], None],
    options: argparse.Namespace,
    document: dict[str, Any],
) -> list[rapport.Objectif]:
    from bench import reseau

    document["reseau"] = reseau.mesurer(bases, travail, dire, options.canalisations)
    print(reseau.table(document["reseau"]), end="\n\n")
    return reseau.objectifs(document["reseau"])


def _carte(
    bases: Any,
    travail: Path,
    dire: Callable[[str], None],
    options: argparse.Namespace,
    document: dict[str, Any],
) -> list[rapport.Objectif]:
    from bench import carte, echantillon

    choix = echantillon.choisir(travail, generees=options.generees)
    parcelles = options.parcelles or carte.PARCELLES
    document["carte"] = carte.mesurer(bases, choix, travail, dire, parcelles, options.parties)
    print(carte.table(document["carte"]), end="\n\n")
    return carte.objectifs(document["carte"])


def _departement(
    bases: Any,
    travail: Path,
    dire: Callable[[str], None],
    options: argparse.Namespace,
    document: dict[str, Any],
) -> list[rapport.Objectif]:
    from bench import departement, echantillon, objectifs

    dire("Choix des feuilles")
    choix = echantillon.choisir(travail, generees=options.generees, melange=True)
    document["departement"] = departement.mesurer(
        bases,
        choix,
        dire,
        parcelles=options.parcelles or departement.PARCELLES,
        reserve=options.reserve or departement.RESERVE,
    )
    print(objectifs.table_departement(document["departement"]), end="\n\n")
    return objectifs.departement(document["departement"])


def _bureau(
    bases: Any, dire: Callable[[str], None], options: argparse.Namespace, document: dict[str, Any]
) -> list[rapport.Objectif]:
    from bench import bureau, objectifs

    document["bureau"] = bureau.mesurer(bases, dire, options.dossiers)
    print(objectifs.table_bureau(document["bureau"]), end="\n\n")
    return objectifs.bureau(document["bureau"])


def _odp(
    bases: Any, dire: Callable[[str], None], options: argparse.Namespace, document: dict[str, Any]
) -> list[rapport.Objectif]:
    from bench import odp

    document["odp"] = odp.mesurer(bases, dire, options.emprises, options.terrasses)
    print(odp.table(document["odp"]), end="\n\n")
    return odp.objectifs(document["odp"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
