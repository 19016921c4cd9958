"""What ``attendu.json`` says is what our reader and GDAL find; the same seed gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pytest
import shapely

from gis_data.demo import attendu, feuilles
from gis_data.demo.generer import Demande, generer
from gis_data.formats.edigeo.comparaison import differences
from gis_data.formats.edigeo.ecrivain import ecrire_lot
from gis_data.formats.edigeo.textes import nombre
from tests.gis_data.edigeo.mesures import lire_par_gdal
from tests.gis_data.edigeo.test_oracle_gdal import ecarts

from .communes import commune, relues

RACINE = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def sortie(tmp_path_factory) -> Path:
    dossier = tmp_path_factory.mktemp("commune")
    generer(Demande(parcelles=150, graine=5), dossier)
    return dossier


def test_forme_du_document(sortie):
    document = json.loads((sortie / "attendu.json").read_text())
    assert list(document) == ["insee", "graine", "millesime", "feuilles", "parcelles", "majic", "orphelines"]
    assert (document["insee"], document["graine"]) == ("25999", 5)
    assert len(document["parcelles"]) == 150
    une = document["parcelles"][min(document["parcelles"])]
    assert set(une) == {"aire_m2", "contenance", "trous", "numeros", "titulaires"}
    assert any(p["trous"] == 2 for p in document["parcelles"].values())
    assert any(p["numeros"] for p in document["parcelles"].values())
    assert {p.name for p in (sortie / "edigeo").iterdir()} == {
        f"edigeo-{id12}.tar.bz2" for id12 in document["feuilles"]
    }


def test_notre_lecteur_trouve_ce_qui_est_attendu(sortie):
    document = json.loads((sortie / "attendu.json").read_text())
    for id12, feuille in relues().items():
        fiche = document["feuilles"][id12]
        lue = attendu.de_la_feuille(feuille)
        for cle in ("lus", "relations", "contenance_m2"):
            assert lue[cle] == fiche[cle]
        for cle in ("aire_parcelles_m2", "aire_batiments_m2"):
            assert lue[cle] == pytest.approx(fiche[cle], abs=0.01)
        assert feuille.anomalies == ()
        parcelles = feuille.objets["PARCELLE"]
        for idu, supf, geom in zip(
            parcelles.attributs["IDU"], parcelles.attributs["SUPF"], parcelles.geom, strict=True
        ):
            dite = document["parcelles"][id12[:2] + idu]
            assert dite["aire_m2"] == pytest.approx(geom.area, abs=0.01)
            assert dite["contenance"] == nombre(supf)
            assert dite["trous"] == len(geom.interiors)


def test_aller_et_retour_sans_perte():
    for id12, feuille in feuilles.construire(commune()).items():
        assert differences(feuille, relues()[id12]) == []


@pytest.mark.parametrize("rang", range(4))
def test_gdal_trouve_ce_qui_est_attendu(sortie, tmp_path, rang):
    document = json.loads((sortie / "attendu.json").read_text())
    id12 = sorted(document["feuilles"])[rang]
    with tarfile.open(sortie / "edigeo" / f"edigeo-{id12}.tar.bz2") as archive:
        fichiers = {m.name: archive.extractfile(m).read() for m in archive.getmembers()}
    par_gdal = lire_par_gdal(fichiers, tmp_path)
    nombres = {
        "ECRITURE" if nom == "ID_S_OBJ_Z_1_2_2" else nom.removesuffix("_id"): len(geoms)
        for nom, (_, geoms) in par_gdal.items()
    }
    fiche = document["feuilles"][id12]
    assert nombres == fiche["lus"]
    for type_, cle in (("PARCELLE", "aire_parcelles_m2"), ("BATIMENT", "aire_batiments_m2")):
        aires = shapely.area(par_gdal[f"{type_}_id"][1]) if f"{type_}_id" in par_gdal else np.zeros(1)
        assert aires.sum() == pytest.approx(fiche[cle], abs=0.01)
    assert ecarts(relues()[id12], par_gdal) == {}


def test_lignes_de_80_octets_au_plus_et_fins_crlf():
    for feuille in feuilles.construire(commune()).values():
        for contenu in ecrire_lot(feuille).values():
            lignes = contenu.split(b"\r\n")
            assert max(map(len, lignes)) <= 80
            assert b"\n" not in b"".join(lignes)


def test_meme_graine_memes_octets_quel_que_soit_le_processus(sortie, tmp_path):
    programme = (
        "import sys; from pathlib import Path; from gis_data.demo.generer import Demande, generer;"
        "generer(Demande(parcelles=150, graine=5), Path(sys.argv[1]))"
    )
    for hasard in ("0", "12345"):
        dossier = tmp_path / hasard
        env = {**os.environ, "PYTHONHASHSEED": hasard, "PYTHONPATH": str(RACINE)}
        subprocess.run([sys.executable, "-c", programme, str(dossier)], env=env, check=True, cwd=RACINE)
        assert empreintes(dossier) == empreintes(sortie)


def test_une_autre_graine_donne_un_autre_village(sortie, tmp_path):
    generer(Demande(parcelles=150, graine=6), tmp_path)
    assert empreintes(tmp_path) != empreintes(sortie)


def test_une_seconde_generation_remplace_les_feuilles(tmp_path):
    generer(Demande(parcelles=300, graine=1, sections=6), tmp_path)
    generer(Demande(parcelles=60, graine=1), tmp_path)
    document = json.loads((tmp_path / "attendu.json").read_text())
    assert len(list((tmp_path / "edigeo").iterdir())) == len(document["feuilles"])


def empreintes(dossier: Path) -> dict[str, str]:
    return {
        str(p.relative_to(dossier)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(dossier.rglob("*"))
        if p.is_file()
    }
