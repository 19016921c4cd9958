"""The measurements run, on a tiny sample, and what they say is consistent. No time is asserted."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from bench.base import PREFIXE, vivant
from bench.mesure import EchecMesure, lancer, quantile
from bench.rapport import Objectif, nombre, objectifs_en_mots, tableau
from tests import base_migree
from tests.bases import url

RACINE = Path(__file__).parents[2]


def mesurer(nom: str, tmp_path: Path, blocage: Any, *arguments: str) -> tuple[dict[str, Any], str]:
    """``python -m bench`` in a process of its own, on the server of the tests; its JSON and its talk."""
    with blocage.unblock():
        adresse = url(str(connection.settings_dict["NAME"]))
        communs = ("--generees", "80", "--sortie", tmp_path, "--migree", base_migree.preparer())
    fait = lancer(
        [sys.executable, "-m", "bench", nom, *communs, *arguments],
        env={"DATABASE_URL": adresse, "DJANGO_SETTINGS_MODULE": "config.settings.test"},
    )
    (dernier,) = tmp_path.glob("*-dernier.json")
    return json.loads(dernier.read_text()), fait.sortie


def bases_restantes(blocage: Any) -> list[str]:
    """Throw-away databases whose measure is over: those of a measure that runs beside are its own."""
    with blocage.unblock(), connection._nodb_cursor() as curseur:
        curseur.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (PREFIXE + "%",))
        noms = [nom for (nom,) in curseur.fetchall()]
    return [nom for nom in noms if not vivant(nom.removeprefix(PREFIXE + "_").partition("_")[0])]


@pytest.mark.lent
def test_les_mesures_vont_au_bout(base_modele, tmp_path, django_db_blocker):
    document, talk = mesurer("mesures", tmp_path, django_db_blocker, "--feuilles", "3", "--repetitions", "1")
    assert "80 parcelles" not in talk
    medianes = document["import"]["medianes"]
    assert medianes["import_1"]["objets"] == medianes["import_2"]["objets"]
    # ogr2ogr loses all relations but no object that has a geometry; the floor copies every row of ours.
    assert 0 < medianes["ogr_copy"]["lignes"] <= medianes["import_1"]["objets"]
    assert medianes["plancher"]["lignes"] > medianes["import_1"]["objets"]
    assert document["lecture"]["total"]["objets"] > 0
    assert document["tuiles"]["tuiles_par_s_http"] > 0
    assert all(duree > 0 for duree in document["feuille"]["medianes_s"].values())
    noms = [objectif["nom"] for objectif in document["objectifs"]]
    assert len(noms) == len(set(noms)) == 10
    assert not any(math.isnan(objectif["valeur"]) for objectif in document["objectifs"])
    assert all(nom in talk for nom in noms)
    assert bases_restantes(django_db_blocker) == []


@pytest.mark.lent
def test_le_departement_va_au_bout(base_modele, tmp_path, django_db_blocker):
    reserve = tmp_path / "reserve"
    options = ("--parcelles", "150", "--reserve", str(reserve))
    document, talk = mesurer("departement", tmp_path, django_db_blocker, *options)
    mesure = document["departement"]
    assert mesure["import"]["parcelles"] >= 150
    assert mesure["import"]["feuilles"] == mesure["preparation"]["feuilles"]
    assert mesure["import"]["memoire_mio"][0] > 20
    assert set(mesure["latences"]) >= {"recherche_reference", "page_parcelle", "tuile_z15", "tuile_z16"}
    assert {"decompression", "lecture", "interpretation", "serveur"} <= mesure["import"]["etapes"].keys()
    assert "mémoire maximale par processus" in talk
    assert [f.name for f in reserve.iterdir()] and bases_restantes(django_db_blocker) == []


def test_une_commande_qui_echoue_arrete_la_mesure():
    with pytest.raises(EchecMesure, match="perdu"):
        lancer([sys.executable, "-c", "import sys; sys.exit('perdu')"])


def test_le_processeur_d_une_commande_compte_ses_enfants():
    boucle = "import time\nwhile time.process_time() < 0.3: pass"
    fait = lancer(
        [sys.executable, "-c", f"import subprocess, sys; subprocess.run([sys.executable, '-c', {boucle!r}])"]
    )
    assert fait.cpu_s >= 0.3
    assert len(fait.sommets_mio) == 2 and all(sommet > 1 for sommet in fait.sommets_mio)


def test_un_objectif_manque_est_dit_avec_sa_raison():
    atteint = Objectif("vite", 5.0, 4.0)
    manque = Objectif("léger", 600.0, 500.0, "Mio", au_moins=False, raison="trop de feuilles à la fois")
    assert (atteint.atteint, manque.atteint) == (True, False)
    texte = objectifs_en_mots([atteint, manque])
    assert "600 Mio" in texte and "NON ATTEINT" in texte and "léger : trop de feuilles à la fois" in texte
    assert not Objectif("inconnu", math.nan, 1.0).atteint
    assert "Non atteints" not in objectifs_en_mots([atteint])


def test_les_nombres_et_les_tables_se_lisent():
    assert [nombre(v) for v in (0.123, 12.34, 12345.6, math.nan)] == [
        "0,12",
        "12,3",
        "12\u202f346",
        "inconnu",
    ]
    assert tableau(("a", "bb"), [("ccc", "1")]).splitlines() == ["a    bb", "───────", "ccc   1"]
    assert [quantile([3, 1, 2, 4], part) for part in (0.0, 0.5, 0.95)] == [1, 3, 4]


def test_la_commande_dit_son_usage():
    fait = subprocess.run(
        [sys.executable, "-m", "bench", "--help"], cwd=RACINE, capture_output=True, text=True, check=True
    )
    assert "departement" in fait.stdout and "--repetitions" in fait.stdout
