"""The sewer network: 100,000 pipes imported with their report, ogr2ogr beside; up and downstream by SQL."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.base import Bases
from bench.mesure import EchecMesure, lancer
from bench.rapport import Objectif, nombre, tableau

CANALISATIONS = 100_000
AVAL_MS, AMONT_S, IMPORT_S = 200, 3, 60


def _reseau(bases: Bases, base: str, *arguments: str) -> dict[str, Any]:
    """What ``bench.reseau_mesures`` answers on a database, in a process of its own."""
    fait = lancer(
        [sys.executable, "-m", "bench.reseau_mesures", *arguments], env=bases.env(base), serveur=bases.serveur
    )
    lu: dict[str, Any] = json.loads(fait.sortie.strip().splitlines()[-1])
    lu["serveur_s"] = fait.cpu_serveur_s
    return lu


def _ogr(bases: Bases, fichier: Path) -> float:
    """Seconds of ``ogr2ogr`` on the same file, by COPY, its indexes made: it reads and copies, no more."""
    ogr2ogr = shutil.which("ogr2ogr")
    if ogr2ogr is None:
        raise EchecMesure("ogr2ogr est absent : installez le paquet gdal-bin.")
    with bases.jetable(migree=False) as base:
        fait = lancer(
            [ogr2ogr, "--config", "PG_USE_COPY", "YES", "-f", "PostgreSQL", bases.ogr(base), str(fichier)],
            serveur=bases.serveur, suivre=False,
        )  # fmt: skip
    return fait.duree_s


def mesurer(
    bases: Bases, travail: Path, dire: Callable[[str], None], canalisations: int = CANALISATIONS
) -> dict[str, Any]:
    """Import, ogr2ogr, then the two tracings on what was imported."""
    fichier = travail / "reseau.gpkg"
    with bases.jetable() as base:
        dire(f"Fichier de {canalisations} canalisations")
        faits = _reseau(bases, base, "ecrire", str(fichier), str(canalisations))
        dire("Import avec rapport")
        importe = _reseau(bases, base, "importer", str(fichier), str(travail / "media"))
        dire("ogr2ogr seul")
        ogr_s = _ogr(bases, fichier)
        dire("Suivi de l'eau")
        suivi = _reseau(bases, base, "suivre", json.dumps(faits["lointaines"]))
    return {"canalisations": canalisations, "import": importe, "ogr_s": ogr_s, "suivi": suivi}


def table(m: dict[str, Any]) -> str:
    """The figures."""
    i, s = m["import"], m["suivi"]
    lignes = [
        ("contrôle, avec rapport par enregistrement", nombre(i["controle_s"]), "s"),
        ("écriture et topologie", nombre(i["ecriture_s"]), "s"),
        (
            "processeur de l'import : nous, puis PostgreSQL",
            f"{nombre(i['cpu_s'])} + {nombre(i['serveur_s'])}",
            "s",
        ),
        ("import entier", nombre(i["controle_s"] + i["ecriture_s"]), "s"),
        ("ogr2ogr seul, du même fichier", nombre(m["ogr_s"]), "s"),
        ("vers l'aval, depuis les 100 plus lointaines (médiane)", nombre(s["aval_ms"]), "ms"),
        ("la même, la plus lente", nombre(s["aval_max_ms"]), "ms"),
        (f"vers l'amont de l'exutoire ({s['amont']} canalisations)", nombre(s["amont_s"]), "s"),
    ]
    return f"Réseau de {m['canalisations']} canalisations\n" + tableau(("", "", ""), lignes)


def objectifs(m: dict[str, Any]) -> list[Objectif]:
    """Issue 7: 200 ms downstream, 3 s upstream of the outlet, 60 s for the import with its report."""
    i, s = m["import"], m["suivi"]
    return [
        Objectif(
            "aval des 100 plus lointaines canalisations (médiane)", s["aval_ms"], AVAL_MS, "ms",
            au_moins=False, raison=f"{nombre(s['profondeur'])} canalisations en moyenne",
        ),
        Objectif(
            "amont de l'exutoire", s["amont_s"], AMONT_S, "s", au_moins=False,
            raison=f"{s['amont']} canalisations",
        ),
        Objectif(
            "import de 100 000 enregistrements, avec rapport", i["controle_s"] + i["ecriture_s"], IMPORT_S,
            "s", au_moins=False, raison=f"ogr2ogr seul : {nombre(m['ogr_s'])} s",
        ),
    ]  # fmt: skip
