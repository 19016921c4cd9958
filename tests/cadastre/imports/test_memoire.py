"""Memory of the import: it does not grow with the number of sheets."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from cadastre.models import Feuille, Parcelle
from gis_data.formats.edigeo.ecrivain import ecrire_lot
from tests import bases
from tests.lots import P, carre, feuille, tar, zip_

FEUILLES = 500
MEMOIRE_MAX_MO = 400
# Runs the command and prints the largest memory of it and of its workers, in kB.
MESURE = """
import json, resource, subprocess, sys
fin = subprocess.run([sys.executable, "manage.py", *sys.argv[1:]], capture_output=True, text=True)
memoire = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(json.dumps([fin.returncode, memoire, json.loads(fin.stdout)["total"], fin.stderr]))
"""


def repliquer(chemin: Path) -> None:
    """A zip of ``FEUILLES`` sheets of as many communes, all alike but for their code."""
    parcelles = [P(i + 1, carre(20 * (i % 10), 20 * (i // 10), 20), 400) for i in range(40)]
    points = [(f"E{i}", {"ATR": "TEX"}, carre(20 * i, 0, 10).centroid) for i in range(10)]
    modele = ecrire_lot(feuille("250010000A01", date(2020, 1, 1), parcelles, autres={"ECRITURE": points}))
    archives = {}
    for rang in range(FEUILLES):
        code = f"{rang + 1:03d}".encode()
        copie = {
            nom: octets.replace(b"0010000A", code + b"0000A").replace(b"ATVST03:001", b"ATVST03:" + code)
            for nom, octets in modele.items()
        }
        archives[f"25/edigeo-25{code.decode()}0000A01.tar.bz2"] = tar(copie)
    chemin.write_bytes(zip_(archives))


@pytest.mark.lent
def test_cinq_cents_feuilles_dans_quatre_cents_megaoctets(base_imports, tmp_path):
    repliquer(tmp_path / "dep25.zip")
    fin = subprocess.run(
        [sys.executable, "-c", MESURE, "importer_edigeo", str(tmp_path / "dep25.zip"), "--json"],
        cwd=bases.RACINE,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "DATABASE_URL": bases.url(base_imports),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    code, memoire_ko, total, erreurs = json.loads(fin.stdout)
    assert code == 0, erreurs
    assert total["importees"] == FEUILLES
    assert memoire_ko < MEMOIRE_MAX_MO * 1024
    assert Feuille.objects.count() == FEUILLES
    assert Parcelle.objects.count() == FEUILLES * 40
