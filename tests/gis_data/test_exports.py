"""exporter_couche: content, formats, filters, states at a date, errors; real sheets against their figures."""

from __future__ import annotations

import csv
import datetime
import io
import json
import math
import sqlite3
import tracemalloc
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from django.core.management import CommandError, call_command, execute_from_command_line
from django.db import connection

from cadastre.models import LieuDit, Parcelle, VersionFeuille
from gis_data import exports
from gis_data.couches import couche, couches
from gis_data.exports import cellule
from tests.donnees import donnees_partagees
from tests.plan_factice import X0, Y0

# The layers that the tiny plan fills; others bring their own tests.
PUBLIQUES = [c.nom for c in couches() if c.publique and c.theme == "Plan cadastral"]
COUCHE_DE = {
    "COMMUNE": "communes",
    "SECTION": "sections",
    "SUBDSECT": "feuilles",
    "PARCELLE": "parcelles",
    "SUBDFISC": "subdivisions_fiscales",
    "VOIEP": "ensembles_immobiliers",
    "NUMVOIE": "numeros_voirie",
    "LIEUDIT": "lieuxdits",
    "BATIMENT": "batiments",
    "ZONCOMMUNI": "voies",
    "TRONROUTE": "troncons_route",
    "TRONFLUV": "cours_eau",
    "PTCANV": "points_canevas",
    "BORNE": "bornes",
    "BOULON": "boulons",
    "CROIX": "croix",
    "SYMBLIM": "symboles_limite",
    "TPOINT": "details_ponctuels",
    "TLINE": "details_lineaires",
    "TSURF": "details_surfaciques",
    "ECRITURE": "ecritures",
}


def geojson(tmp_path: Path, nom: str, **options) -> dict:
    fichier = tmp_path / f"{nom}.geojson"
    call_command("exporter_couche", nom, sortie=str(fichier), stderr=io.StringIO(), **options)
    return json.loads(fichier.read_text())


def proprietes(collection: dict) -> list[dict]:
    return [f["properties"] for f in collection["features"]]


@pytest.mark.parametrize("nom", PUBLIQUES)
def test_chaque_couche_exporte_ses_objets_avec_ses_proprietes(plan, tmp_path, nom):
    collection = geojson(tmp_path, nom)
    assert collection["type"] == "FeatureCollection" and collection["name"] == nom
    assert len(collection["features"]) == couche(nom).objets(None).count() >= 1
    for objet in collection["features"]:
        assert list(objet["properties"]) == [a.nom for a in couche(nom).attributs]
        assert objet["properties"]["commune"] == "25999"
        assert objet["properties"]["feuille"] == "25999000AB01"
        assert objet["properties"]["millesime"] == "2025-01-15"


def test_le_geojson_dit_sa_projection_et_garde_ses_decimales(plan, tmp_path):
    Parcelle.objects.filter(numero=2).delete()
    collection = geojson(tmp_path, "numeros_voirie")
    assert collection["crs"]["properties"]["name"] == "urn:ogc:def:crs:EPSG::2154"
    assert collection["features"][0]["geometry"] == {"type": "Point", "coordinates": [X0 + 15, Y0 + 29]}
    assert collection["features"][0]["properties"]["parcelles"] == "25999000AB0001"
    assert collection["features"][0]["properties"]["voie"] == "Rue du Lavoir"

    degres = geojson(tmp_path, "numeros_voirie", srid=4326)
    assert degres["crs"]["properties"]["name"] == "urn:ogc:def:crs:OGC:1.3:CRS84"
    lon, lat = degres["features"][0]["geometry"]["coordinates"]
    assert 5 < lon < 7 and 46 < lat < 48
    assert len(str(lon).split(".")[1]) >= 8


def test_une_parcelle_sans_dessin_a_une_geometrie_nulle_partout(plan, tmp_path):
    objets = geojson(tmp_path, "parcelles")["features"]
    assert [o["properties"]["numero"] for o in objets if o["geometry"] is None] == [9001]
    call_command("exporter_couche", "parcelles", sortie=str(tmp_path / "p.csv"), stderr=io.StringIO())
    lignes = list(csv.DictReader((tmp_path / "p.csv").open(encoding="utf-8", newline=""), delimiter=";"))
    assert [ligne["numero"] for ligne in lignes if not ligne["wkt"]] == ["9001"]
    call_command("exporter_couche", "parcelles", sortie=str(tmp_path / "p.gpkg"), stderr=io.StringIO())
    meta, _, geometries, champs = pyogrio.raw.read(tmp_path / "p.gpkg")
    numeros = champs[list(meta["fields"]).index("numero")]
    assert numeros[[g is None for g in geometries]].tolist() == [9001]


def test_les_trois_formats_disent_la_meme_chose(plan, tmp_path):
    Parcelle.objects.filter(numero=5).update(contenance=None)
    objets = geojson(tmp_path, "parcelles")["features"]
    for extension in ("csv", "gpkg"):
        call_command(
            "exporter_couche", "parcelles", sortie=str(tmp_path / f"p.{extension}"), stderr=io.StringIO()
        )
    lignes = list(csv.DictReader((tmp_path / "p.csv").open(encoding="utf-8", newline=""), delimiter=";"))
    meta, _, geometries, champs = pyogrio.raw.read(tmp_path / "p.gpkg")
    colonnes = dict(zip(meta["fields"], champs, strict=True))
    assert meta["crs"] == "EPSG:2154" and meta["geometry_type"] == "MultiPolygon"
    for i, objet in enumerate(objets):
        p = objet["properties"]
        assert lignes[i]["idu"] == colonnes["idu"][i] == p["idu"]
        assert lignes[i]["arpentee"] == str(p["arpentee"]).lower()
        assert bool(colonnes["arpentee"][i]) is p["arpentee"]
        assert lignes[i]["valide_du"] == str(colonnes["valide_du"][i])[:10] == p["valide_du"]
        assert lignes[i]["contenance"] == ("" if p["contenance"] is None else str(p["contenance"]))
        if p["contenance"] is None:
            assert math.isnan(colonnes["contenance"][i])
        else:
            assert colonnes["contenance"][i] == p["contenance"]
        if objet["geometry"]:
            dessin = shapely.geometry.shape(objet["geometry"])
            assert dessin.equals(shapely.from_wkt(lignes[i]["wkt"]))
            assert dessin.equals(shapely.from_wkb(geometries[i]))


@pytest.mark.parametrize("debut", ["=", "+", "-", "@", "\t", "\r"])
def test_une_cellule_ne_devient_pas_une_formule(plan, tmp_path, debut):
    LieuDit.objects.update(nom=f"{debut}1+1")
    call_command("exporter_couche", "lieuxdits", sortie=str(tmp_path / "l.csv"), stderr=io.StringIO())
    ligne = next(csv.DictReader((tmp_path / "l.csv").open(encoding="utf-8", newline=""), delimiter=";"))
    assert ligne["nom"] == f"'{debut}1+1"
    assert cellule(-12) == "-12"


def test_un_nom_avec_separateur_et_guillemets_reste_entier(plan, tmp_path):
    LieuDit.objects.update(nom='Le « Grand »; "Pré"\nà l\'Est')
    call_command("exporter_couche", "lieuxdits", sortie=str(tmp_path / "l.csv"), stderr=io.StringIO())
    ligne = next(csv.DictReader((tmp_path / "l.csv").open(encoding="utf-8", newline=""), delimiter=";"))
    assert ligne["nom"] == 'Le « Grand »; "Pré"\nà l\'Est'
    assert proprietes(geojson(tmp_path, "lieuxdits"))[0]["nom"] == 'Le « Grand »; "Pré"\nà l\'Est'


def test_les_filtres_bornent_l_export(plan, tmp_path):
    for filtres, nombre in (
        ({"commune": "25999"}, 13),
        ({"commune": "25001"}, 0),
        ({"feuille": "25999000AB01"}, 13),
        ({"section": "ab"}, 13),
        ({"section": "A"}, 0),
    ):
        assert len(geojson(tmp_path, "parcelles", **filtres)["features"]) == nombre
    Parcelle.objects.filter(numero=1).update(section="0A")
    assert len(geojson(tmp_path, "parcelles", section="A")["features"]) == 1


def test_l_etat_a_une_date_suit_les_versions(plan, tmp_path):
    ancienne = Parcelle.objects.get(numero=1)
    Parcelle.objects.filter(pk=ancienne.pk).update(valide_au="2026-03-01")
    nouvelle = Parcelle.objects.get(pk=ancienne.pk)
    nouvelle.pk, nouvelle.contenance = None, 777
    nouvelle.valide_du, nouvelle.valide_au = datetime.date(2026, 3, 1), None
    nouvelle.save()
    version = VersionFeuille.objects.create(
        feuille=plan.feuille, millesime="2026-03-01", empreinte="1" * 64, crs_declare="LAMB93", epsg=2154
    )
    plan.feuille.version = version
    plan.feuille.save()

    def contenance(**options) -> list[tuple[int, str]]:
        objets = proprietes(geojson(tmp_path, "parcelles", **options))
        return [(p["contenance"], p["millesime"]) for p in objets if p["numero"] == 1]

    assert contenance() == [(777, "2026-03-01")]
    assert contenance(millesime=datetime.date(2026, 3, 1)) == [(777, "2026-03-01")]
    assert contenance(millesime=datetime.date(2026, 2, 28)) == [(900, "2025-01-15")]
    assert contenance(millesime=datetime.date(2025, 1, 14)) == []


def test_une_couche_sans_versions_le_dit(plan, tmp_path):
    paroles = io.StringIO()
    call_command(
        "exporter_couche",
        "batiments",
        sortie=str(tmp_path / "b.geojson"),
        millesime=datetime.date(2026, 1, 1),
        stderr=paroles,
    )
    assert "ne sont pas gardées" in paroles.getvalue()


def test_la_sortie_standard_porte_le_document_seul(plan, capfdbinary):
    call_command("exporter_couche", "communes", sortie="-")
    sortie, erreurs = capfdbinary.readouterr()
    assert len(json.loads(sortie)["features"]) == 1
    assert b"1 objets" in erreurs
    call_command("exporter_couche", "communes", sortie="-", format="gpkg")
    assert capfdbinary.readouterr().out.startswith(b"SQLite format 3\0")


@pytest.mark.parametrize(
    ("nom", "options", "mots"),
    [
        ("nulle_part", {"sortie": "x.geojson"}, ["nulle_part", "numeros_voirie", "Numéros de voirie"]),
        ("parcelles", {"sortie": "x.shp"}, ["--format geojson|gpkg|csv"]),
        ("parcelles", {"sortie": "x.csv", "srid": 999999}, ["EPSG:999999"]),
        ("communes", {"sortie": "x.csv", "section": "AB"}, ["communes", "--section"]),
    ],
)
def test_une_demande_impossible_sort_avec_le_code_2(plan, tmp_path, nom, options, mots):
    options["sortie"] = str(tmp_path / options["sortie"])
    with pytest.raises(CommandError) as refus:
        call_command("exporter_couche", nom, **options)
    assert refus.value.returncode == 2
    for mot in mots:
        assert mot in str(refus.value)
    assert list(tmp_path.iterdir()) == []


def test_un_export_interrompu_ne_laisse_ni_ne_remplace_rien(plan, tmp_path, monkeypatch):
    """The file of before stays whole when the new one fails half-way."""
    fichier = tmp_path / "parcelles.geojson"
    geojson(tmp_path, "parcelles")
    avant = fichier.read_bytes()

    def panne(valeur):
        raise OSError(28, "disque plein")

    monkeypatch.setattr(exports, "_valeur_json", panne)
    with pytest.raises(CommandError, match="disque plein"):
        call_command("exporter_couche", "parcelles", sortie=str(fichier))
    assert fichier.read_bytes() == avant
    assert list(tmp_path.iterdir()) == [fichier]


def test_une_couche_vide_donne_un_document_vide_et_valide(db, tmp_path):
    assert geojson(tmp_path, "parcelles")["features"] == []
    call_command("exporter_couche", "parcelles", sortie=str(tmp_path / "p.csv"), stderr=io.StringIO())
    assert (tmp_path / "p.csv").read_text().strip().startswith("idu;prefixe;")
    call_command("exporter_couche", "parcelles", sortie=str(tmp_path / "p.gpkg"), stderr=io.StringIO())
    assert pyogrio.read_info(tmp_path / "p.gpkg")["features"] == 0
    with sqlite3.connect(tmp_path / "p.gpkg") as base:
        assert base.execute("SELECT geometry_type_name FROM gpkg_geometry_columns").fetchone() == (
            "MULTIPOLYGON",
        )


def test_la_memoire_ne_croit_pas_avec_le_nombre_de_parcelles(plan, tmp_path, monkeypatch):
    """12,000 parcels take no more than 3,000 do, but for a margin."""
    monkeypatch.setattr(exports, "LOT_GPKG", 1_000)
    with connection.cursor() as curseur:

        def ajouter(debut: int, nombre: int) -> None:
            curseur.execute(
                """INSERT INTO cadastre_parcelle (idu, cle_idu, idu_lu, commune, prefixe, section, numero,
                     feuille_id, sous_ensemble, rid, valide_du, arpentee, figuree, geom)
                   SELECT NULL, NULL, '', '25999', '000', 'ZZ', n, %s, 'S1', 'P' || n, '2025-01-15', false,
                     true, ST_Multi(ST_Buffer(ST_SetSRID(ST_Point(900000 + n, 6650000), 2154), 10))
                   FROM generate_series(%s, %s) AS n""",
                [plan.feuille.pk, debut, debut + nombre - 1],
            )

        def pic(fichier: str) -> int:
            tracemalloc.start()
            try:
                call_command(
                    "exporter_couche", "parcelles", sortie=str(tmp_path / fichier), stderr=io.StringIO()
                )
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()

        ajouter(0, 3_000)
        petits = {e: pic(f"p.{e}") for e in exports.FORMATS}
        ajouter(3_000, 9_000)
        grands = {e: pic(f"g.{e}") for e in exports.FORMATS}
    for extension, petit in petits.items():
        assert grands[extension] < petit + 4_000_000, extension
    assert pyogrio.read_info(tmp_path / "g.gpkg")["features"] == 12_013


@pytest.mark.parametrize("feuille", ["25354000AK01", "25354000ZC01"])
def test_une_feuille_reelle_exporte_tout_ce_qu_elle_contient(base_luxiol, tmp_path, feuille):
    attendu = json.loads((donnees_partagees() / "edigeo" / "expected" / f"{feuille}.json").read_text())
    for type_, nombre in attendu["objets_lus"].items():
        collection = geojson(tmp_path, COUCHE_DE[type_], feuille=feuille)
        assert len(collection["features"]) == nombre, type_
        gdal = attendu["gdal"]["layers"].get(f"{type_}_id")
        dessins = shapely.geometry.shape
        if gdal and gdal["area_m2"] and nombre == gdal["count"]:
            aire = sum(dessins(f["geometry"]).area for f in collection["features"] if f["geometry"])
            assert abs(aire - gdal["area_m2"]) <= 0.01 * nombre, type_
        if gdal and gdal["length_m"] and nombre == gdal["count"]:
            longueur = sum(dessins(f["geometry"]).length for f in collection["features"])
            assert abs(longueur - gdal["length_m"]) <= 0.01 * nombre, type_


def test_les_parcelles_connues_de_luxiol_sont_a_leur_place(base_luxiol, tmp_path):
    objets = {f["properties"]["idu"]: f for f in geojson(tmp_path, "parcelles", commune="25354")["features"]}
    numeros: dict[str, list[str]] = {}
    for p in proprietes(geojson(tmp_path, "numeros_voirie", commune="25354")):
        for idu in (p["parcelles"] or "").split():
            numeros.setdefault(idu, []).append(p["numero"])
    assert len(objets) == 511
    for fichier in sorted((donnees_partagees() / "edigeo" / "expected").glob("25354*.json")):
        for connue in json.loads(fichier.read_text())["parcelles_connues"]:
            objet = objets[connue["id14"]]
            dessin = shapely.geometry.shape(objet["geometry"])
            assert objet["properties"]["contenance"] == connue["contenance_m2"]
            assert objet["properties"]["numero"] == int(connue["numero"])
            assert abs(dessin.area - connue["gdal_area_m2"]) <= 0.01
            assert abs(objet["properties"]["surface_geometrique"] - connue["gdal_area_m2"]) <= 0.01
            assert np.hypot(*(np.array(dessin.centroid.coords[0]) - connue["centroid_native"])) < 0.02
            assert sorted(numeros.get(connue["id14"], [])) == sorted(connue["numvoies"])


@pytest.mark.parametrize(
    ("filtre", "mots"),
    [
        ({"commune": "99999"}, "Le plan de la commune 99999 n'est pas chargé"),
        ({"feuille": "99999000AB01"}, "La feuille 99999000AB01 n'est pas chargée"),
    ],
)
def test_ce_qui_n_est_pas_charge_est_dit(plan, tmp_path, filtre, mots):
    erreurs = io.StringIO()
    fichier = tmp_path / "x.csv"
    call_command("exporter_couche", "parcelles", sortie=str(fichier), stderr=erreurs, **filtre)
    assert mots in erreurs.getvalue() and "0 objets" in erreurs.getvalue()


def test_une_date_incomprise_se_dit_en_francais(capsys):
    with pytest.raises(SystemExit) as fin:
        execute_from_command_line(
            ["manage.py", "exporter_couche", "parcelles", "--sortie", "-", "--millesime", "hier"]
        )
    assert fin.value.code == 2
    assert "date « hier » incomprise" in capsys.readouterr().err
