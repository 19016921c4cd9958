"""Layers of the planning documents: tiles, identify, legend, exports, only the version in force."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO

import pyogrio
import pytest
from django.core.management import call_command

from gis_data.contraintes.imports import importer_plu, importer_sup
from gis_data.couches import couche
from tests.gis_data.contraintes import plans
from tests.gis_data.test_tuiles import lire
from tests.plan_factice import lonlat

pytestmark = pytest.mark.django_db
NOMS = ["plu_zones", "plu_prescriptions", "plu_informations", "sup_assiettes"]


@pytest.fixture
def plu(tmp_path, plan):
    for jour in (date(2010, 5, 1), plans.JOUR):
        importer_plu(chemin := plans.ecrire(tmp_path, plans.plan(jour)), chemin.name)
    importer_sup(chemin := plans.ecrire_sup(tmp_path, "AC1"), chemin.name)


def identifier(client, noms: str, x: float, y: float) -> dict:
    lon, lat = lonlat(x, y)
    return client.get("/carte/identifier", {"lon": lon, "lat": lat, "zoom": 17, "couches": noms}).json()


def test_la_tuile_des_zones_porte_type_et_nom_une_seule_fois_chacun(plu, client):
    tuile = lire(client, "plu_zones", 15, 100, 100)
    assert sorted(tuile["plu_zones"]["libelle"]) == ["A", "N", "UA", "UB"]
    assert set(tuile["plu_zones"]["famille"]) == {"U", "A", "N"}
    assert sorted(tuile["plu_zones_noms"]["libelle"]) == ["A", "N", "UA", "UB"]
    assert set(tuile["plu_zones"]) - {"geom", "mvt_id"} == {"libelle", "typezone", "famille"}


def test_surfaces_lignes_et_points_ont_leurs_elements(plu, client):
    tuile = lire(client, "plu_prescriptions", 15, 100, 100)
    assert {n: list(t["type_code"]) for n, t in tuile.items()} == {
        "plu_prescriptions": ["01"],
        "plu_prescriptions_lignes": ["22"],
        "plu_prescriptions_points": ["07"],
    }


def test_sous_le_premier_zoom_il_n_y_a_rien(plu, client):
    assert lire(client, "plu_zones", 10) == {}
    assert lire(client, "plu_prescriptions", 12) == {}


def test_un_clic_dit_la_zone_sa_regle_et_son_document(plu, client):
    (zone,) = identifier(client, "plu_zones", 50, 50)["objets"]
    assert zone["titre"] == "Zone A"
    assert zone["attributs"]["document"] == "25999_PLU_20240115"
    assert zone["url"].startswith("/carte/pieces/")
    (sup,) = identifier(client, "sup_assiettes", 50, 50)["objets"]
    assert sup["attributs"]["categorie"] == "AC1"
    assert {"libelle": "Catégorie", "valeur": "AC1 : Monument historique et ses abords"} in sup["lignes"]


def test_une_couche_vide_est_dite_non_chargee(plan, client):
    reponse = identifier(client, ",".join(NOMS), 50, 50)
    assert reponse["objets"] == [] and set(reponse["non_chargees"]) == set(NOMS)


def test_la_version_d_une_couche_change_avec_un_import(plu, tmp_path):
    avant = couche("plu_zones").version()
    importer_plu(chemin := plans.ecrire(tmp_path, plans.plan(date(2025, 1, 1))), chemin.name)
    assert couche("plu_zones").version() != avant


@pytest.mark.parametrize("nom", NOMS)
@pytest.mark.parametrize("format_", ["geojson", "gpkg", "csv"])
def test_chaque_couche_s_exporte(plu, tmp_path, nom, format_):
    fichier = tmp_path / f"{nom}.{format_}"
    call_command("exporter_couche", nom, sortie=str(fichier), stderr=StringIO())
    nombre = couche(nom).objets(None).count()
    assert nombre >= 1
    if format_ == "geojson":
        assert len(json.loads(fichier.read_text())["features"]) == nombre
    elif format_ == "gpkg":
        assert pyogrio.read_info(fichier)["features"] == nombre
    else:
        assert len(fichier.read_text().splitlines()) >= nombre + 1


def test_les_paquets_ecrits_ont_les_champs_du_standard(tmp_path):
    """Read back by GDAL alone: names and widths of the 2024 standard."""
    import zipfile

    from gis_data.formats.cnig.champs import PLU

    with zipfile.ZipFile(plans.ecrire(tmp_path)) as archive:
        archive.extractall(tmp_path / "d")
    for table in ("ZONE_URBA", "PRESCRIPTION_SURF", "PRESCRIPTION_LIN", "PRESCRIPTION_PCT", "INFO_SURF"):
        (chemin,) = (tmp_path / "d").rglob(f"*_{table}_20240115.shp")
        famille = table.rpartition("_")[0] if table != "ZONE_URBA" else table
        infos = pyogrio.read_info(chemin)
        assert list(infos["fields"]) == [nom for nom, _ in PLU["2024"][famille]]
        assert infos["crs"] == "EPSG:2154"


def test_la_legende_donne_les_zones_et_les_hachures(plu, client):
    couches = {c["nom"]: c for c in client.get("/carte/couches.json").json()["couches"]}
    mots = {ligne["libelle"] for ligne in couches["plu_zones"]["legende"]}
    assert {"Zone urbaine (U)", "Zone agricole (A)", "Zone naturelle (N)", "Limite de zone"} <= mots
    er = next(x for x in couches["plu_prescriptions"]["legende"] if x["libelle"] == "Emplacement réservé")
    assert "<pattern" in er["svg"]
    assert couches["plu_zones"]["objets"] == 4
