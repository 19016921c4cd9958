"""Sheets of other territories: the command on a database of their projection, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date

import psycopg2
import pytest
from django.db import connection
from shapely.affinity import translate

from tests import bases
from tests.donnees import donnees_partagees
from tests.lots import P, archive, carre

# One per projection whose sheets are in the variants, then the others by invented sheets.
TERRITOIRES = {2975: ("crs-rgr92utm", "97499000AB01"), 5490: ("crs-rgaf09utm20", "97199000AB01")}


@pytest.fixture(scope="module")
def base_du_territoire(
    base_modele: str, django_db_blocker, request: pytest.FixtureRequest
) -> Iterator[tuple[int, str]]:
    """A database migrated under ``TERRITOIRE_SRID``."""
    srid = request.param
    nom = f"{base_modele}_{srid}"
    with django_db_blocker.unblock():
        bases.creer_base(nom)
        fin = bases.commande("migrate", "-v", "0", base=nom, TERRITOIRE_SRID=str(srid))
        assert fin.returncode == 0, fin.stderr
        yield srid, nom
        bases.supprimer_base(nom)


def lire(nom: str, sql: str) -> list[tuple]:
    reglages = {**connection.get_connection_params(), "dbname": nom}
    reglages.pop("cursor_factory", None)
    lien = psycopg2.connect(**{k: v for k, v in reglages.items() if isinstance(v, str | int)})
    try:
        with lien.cursor() as curseur:
            curseur.execute(sql)
            return curseur.fetchall()
    finally:
        lien.close()


@pytest.mark.parametrize("base_du_territoire", sorted(TERRITOIRES), indirect=True)
def test_une_feuille_d_outre_mer(base_du_territoire):
    srid, nom = base_du_territoire
    dossier, id12 = TERRITOIRES[srid]
    attendus = json.loads((donnees_partagees() / "edigeo" / "variants" / "expected.json").read_text())
    attendu = next(a for a in attendus if a["fichier"].startswith(f"{dossier}/"))
    assert attendu["importee_si_territoire_srid"] == srid
    chemin = donnees_partagees() / "edigeo" / "variants" / attendu["fichier"]
    fait = bases.importer_ailleurs(chemin, base=nom, TERRITOIRE_SRID=str(srid))
    assert fait.code == 0, fait.erreurs
    assert fait.seule["feuille"] == id12
    assert fait.seule["crs"] == f"EPSG:{srid}"
    assert fait.seule["lus"] == fait.seule["ecrits"] == attendu["lus"]
    ((nombre, aire, lu),) = lire(
        nom, "SELECT count(*), sum(surface_geometrique), min(ST_SRID(geom)) FROM cadastre_parcelle"
    )
    assert (nombre, lu) == (attendu["parcelles"], srid)
    assert aire == pytest.approx(attendu["aire_parcelles_m2"], abs=0.1)
    ((ecart,),) = lire(
        nom, "SELECT max(ST_HausdorffDistance(geom_3857, ST_Transform(geom, 3857))) FROM cadastre_parcelle"
    )
    assert ecart < 1e-6


@pytest.mark.parametrize("base_du_territoire", [5490], indirect=True)
def test_une_vieille_projection_de_la_guadeloupe_est_transformee_et_le_dit(base_du_territoire, tmp_path):
    _, nom = base_du_territoire
    carre_local = translate(carre(0, 0, 100), 660_000 - 900_000, 1_790_000 - 6_500_000)
    chemin = archive(
        tmp_path,
        "97199000AC01",
        date(2019, 1, 1),
        [P(1, carre_local)],
        emprise=carre_local,
        crs=("GUAD48UTM20", 2970),
    )
    fait = bases.importer_ailleurs(chemin, base=nom, TERRITOIRE_SRID="5490")
    assert fait.code == 0, fait.erreurs
    assert fait.seule["crs"] == "EPSG:2970"
    assert "CRS_APPROCHE" in {a["code"] for a in fait.seule["anomalies"]}
    ((aire, x, y),) = lire(
        nom,
        "SELECT surface_geometrique, ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom))"
        " FROM cadastre_parcelle WHERE idu = '97199000AC0001'",
    )
    # The area is that of the delivered projection; the place has moved by the datum shift.
    assert aire == 10_000.0
    assert (x - 660_050, y - 1_790_050) == pytest.approx((-423.2, -303.3), abs=1)


@pytest.mark.parametrize("base_du_territoire", [5490], indirect=True)
def test_une_feuille_de_metropole_n_y_entre_pas(base_du_territoire, tmp_path):
    _, nom = base_du_territoire
    chemin = archive(tmp_path, "259990000A01", date(2019, 1, 1), [P(1, carre(0, 0, 100))])
    fait = bases.importer_ailleurs(chemin, base=nom, TERRITOIRE_SRID="5490")
    assert fait.code == 1
    assert fait.seule["erreur"]["code"] == "CRS_HORS_TERRITOIRE"
    assert "EPSG:5490" in fait.seule["erreur"]["message"]


def test_sans_la_grille_la_feuille_entre_et_le_dit(base_imports, tmp_path):
    """The worker's process looks for grids where there are none."""
    chemin = donnees_partagees() / "edigeo" / "variants" / "crs-lamb2" / "edigeo-25354000AB01.tar.bz2"
    code = (
        "import sys, gis_data.projections as p, pathlib\n"
        "p.DOSSIER_GRILLES = pathlib.Path('/nulle/part')\n"
        "from cadastre.imports import interpretation\n"
        "from tests.donnees import lire_archive\n"
        "from gis_data.formats.edigeo.lecteur import lire_lot\n"
        "feuille = lire_lot(lire_archive(pathlib.Path(sys.argv[1])))\n"
        "lue = interpretation.interpreter(feuille, '25354000AB01', 2154)\n"
        "print(sorted({a.code for a in lue.anomalies}), lue.geometrie.territoire[0].centroid.wkt)\n"
    )
    fin = subprocess.run(
        [sys.executable, "-c", code, str(chemin)],
        cwd=bases.RACINE,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "CRS_SANS_GRILLE" in fin.stdout
    avec = bases.importer(chemin)
    assert "CRS_SANS_GRILLE" not in {a["code"] for a in avec.seule["anomalies"]}


def test_une_base_d_un_autre_territoire_est_reconnue(base_imports, tmp_path):
    chemin = archive(tmp_path, "97499000AB01", date(2020, 1, 1), [P(1, carre(0, 0, 10))])
    fin = bases.commande("importer_edigeo", str(chemin), base=base_imports, TERRITOIRE_SRID="2975")
    assert fin.returncode == 2
    assert "La base est en EPSG:2154" in fin.stderr and "TERRITOIRE_SRID=2975" in fin.stderr
    assert "Traceback" not in fin.stderr


def test_une_projection_qui_n_est_d_aucun_territoire(base_imports):
    fin = bases.commande("check", base=base_imports, TERRITOIRE_SRID="3857")
    assert fin.returncode == 1
    assert "urbanisme.E001" in fin.stderr and "2154, 2972" in fin.stderr
