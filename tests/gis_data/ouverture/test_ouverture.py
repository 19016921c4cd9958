"""The guarded opener: what it reads, and all that it refuses without reading anything."""

from __future__ import annotations

import io
import json
import os
import sqlite3

import pytest
import shapely

from gis_data.ouverture import FichierRefuse, Limites, garde, lire_pour_dessin, ouvrir
from tests.gis_data.ouverture.fabriques import CARRE, SansFin, ecrire, geojson, zip_de, zip_lien, zipper

EN_DEGRES = shapely.box(6.25, 47.10, 6.251, 47.101)


def lire(octets: bytes, nom: str, **options):
    """Layers of some bytes, their objects read."""
    with ouvrir(io.BytesIO(octets), nom, **options) as contenu:
        return [(couche, list(couche.objets())) for couche in contenu.couches]


def refus(octets, nom: str, **options) -> str:
    with pytest.raises(FichierRefuse) as erreur:
        lire(octets, nom, **options)
    return str(erreur.value)


# --- what is read -------------------------------------------------------------------------------


def test_un_geopackage(tmp_path):
    chemin = ecrire(tmp_path / "a.gpkg", [CARRE], {"nom": ["Zone é"], "n": [3]}, layer="zones")
    ((couche, objets),) = lire(chemin.read_bytes(), "Mon fichier.gpkg")
    assert (couche.nom, couche.epsg, couche.nombre) == ("zones", 2154, 1)
    assert couche.champs == [("nom", "texte"), ("n", "entier")]
    assert objets[0].attributs == {"nom": "Zone é", "n": 3}
    assert shapely.from_wkb(objets[0].wkb).equals(CARRE)


def test_un_shapefile_en_zip(tmp_path):
    ecrire(tmp_path / "ZONE.shp", [CARRE], {"LIBELLE": ["Forêt"]}, encoding="UTF-8")
    ((couche, objets),) = lire(zipper(tmp_path, sous="paquet/donnees/"), "paquet.zip")
    assert (couche.nom, couche.epsg, couche.format, couche.manquants) == ("ZONE", 2154, "shp", [])
    assert objets[0].attributs == {"LIBELLE": "Forêt"}


@pytest.mark.parametrize(
    ("ecrit", "cpg", "lu"),
    [
        ("UTF-8", "UTF-8", "UTF-8"),
        ("UTF-8", None, "UTF-8"),
        ("CP1252", "1252", "CP1252"),
        ("CP1252", None, "CP1252"),
        # The announcement is wrong: the bytes decide.
        ("CP1252", "UTF-8", "CP1252"),
    ],
)
def test_le_jeu_de_caracteres_d_un_shapefile(tmp_path, ecrit, cpg, lu):
    ecrire(tmp_path / "Z.shp", [CARRE], {"LIBELLE": ["Forêt d'œuvres à 5 €"]}, encoding=ecrit)
    (tmp_path / "Z.cpg").unlink()
    if cpg:
        (tmp_path / "Z.cpg").write_text(cpg)
    ((couche, objets),) = lire(zipper(tmp_path), "p.zip")
    assert objets[0].attributs == {"LIBELLE": "Forêt d'œuvres à 5 €"}
    assert couche.encodage == lu
    assert bool(couche.remarques) == (ecrit == "CP1252" and cpg == "UTF-8")


def test_un_shapefile_incomplet_dit_ce_qui_manque(tmp_path):
    ecrire(tmp_path / "Z.shp", [CARRE], {"LIBELLE": ["a"]})
    ((couche, objets),) = lire(zipper(tmp_path, sauf=(".dbf", ".shx", ".prj")), "p.zip")
    assert couche.manquants == [".dbf", ".shx", ".prj"]
    assert couche.epsg is None and len(objets) == 1


def test_une_table_dbase_seule(tmp_path):
    ecrire(tmp_path / "DOC.shp", [CARRE], {"IDURBA": ["25999_PLU_20240115"]})
    ((couche, objets),) = lire(zipper(tmp_path, sauf=(".shp", ".shx", ".prj")), "p.zip")
    assert (couche.nom, couche.format) == ("DOC", "dbf")
    assert objets[0].wkb is None and objets[0].attributs == {"IDURBA": "25999_PLU_20240115"}


def test_un_geojson_dans_sa_projection():
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::2154"}}
    ((couche, objets),) = lire(geojson(CARRE, crs=crs), "a.geojson")
    assert couche.epsg == 2154 and objets[0].attributs == {"nom": "n0"}
    ((couche, _),) = lire(geojson(EN_DEGRES), "a.json")
    assert couche.epsg == 4326


def test_un_gpx(tmp_path):
    gpx = (
        '<?xml version="1.0"?><gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">'
        '<wpt lat="47.1" lon="6.25"><name>Borne</name></wpt></gpx>'
    )
    couches = {c.nom: (c, o) for c, o in lire(gpx.encode(), "trace.gpx")}
    couche, objets = couches["waypoints"]
    assert couche.epsg == 4326 and objets[0].attributs["name"] == "Borne"


def test_un_dxf(tmp_path):
    chemin = ecrire(tmp_path / "a.dxf", [shapely.LineString([(0, 0), (10, 0)])], crs=None)
    ((couche, objets),) = lire(chemin.read_bytes(), "plan.DXF")
    assert couche.format == "dxf" and couche.epsg is None and len(objets) == 1


def test_les_courbes_et_les_altitudes_deviennent_des_lignes_planes(tmp_path):
    chemin = ecrire(
        tmp_path / "a.gpkg", [shapely.Point(950_000, 6_690_000, 12.5)], geometry_type="Point Z", layer="p"
    )
    ((_, objets),) = lire(chemin.read_bytes(), "a.gpkg")
    assert not shapely.from_wkb(objets[0].wkb).has_z


def test_les_autres_fichiers_d_un_paquet_se_lisent_a_part(tmp_path):
    ecrire(tmp_path / "Z.shp", [CARRE], {"A": ["a"]})
    (tmp_path / "reglement.pdf").write_bytes(b"%PDF-1.4")
    with ouvrir(io.BytesIO(zipper(tmp_path)), "p.zip") as contenu:
        assert list(contenu.autres) == ["reglement.pdf"]
        assert contenu.autre("reglement.pdf", 100) == b"%PDF-1.4"
        with pytest.raises(FichierRefuse):
            contenu.autre("reglement.pdf", 3)


def test_un_dossier_se_lit_sans_suivre_les_liens(tmp_path):
    source = tmp_path / "paquet"
    source.mkdir()
    ecrire(source / "Z.shp", [CARRE], {"A": ["a"]})
    secret = ecrire(tmp_path / "secret.gpkg", [CARRE], {"A": ["a"]})
    (source / "lien.gpkg").symlink_to(secret)
    with ouvrir(source, "paquet") as contenu:
        assert [c.nom for c in contenu.couches] == ["Z"]


# --- what is refused ----------------------------------------------------------------------------


@pytest.fixture
def secret(tmp_path):
    """A file that no upload may make us read."""
    return ecrire(tmp_path / "secret.geojson", [EN_DEGRES], {"nom": ["SECRET"]}, crs="EPSG:4326")


def vrt(secret) -> bytes:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{secret}</SrcDataSource>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    ).encode()


@pytest.mark.parametrize("nom", ["a.gpkg", "a.geojson", "a.dxf", "a.gpx"])
def test_un_vrt_deguise_est_refuse(secret, nom):
    assert "son contenu n'est pas celui d'un" in refus(vrt(secret), nom)


def test_un_vrt_renomme_shp_dans_un_zip_est_refuse(secret):
    assert "son contenu n'est pas celui d'un Shapefile" in refus(zip_de(zone__shp=vrt(secret)), "p.zip")


def test_un_vrt_ne_se_lit_pas_meme_apres_l_en_tete_d_un_geopackage(tmp_path, secret):
    octets = bytearray(ecrire(tmp_path / "a.gpkg", [CARRE], {"nom": ["a"]}).read_bytes()[:100])
    assert "GeoPackage est abîmé" in refus(bytes(octets) + vrt(secret), "a.gpkg")


@pytest.mark.parametrize(
    ("ordre", "mot"),
    [
        ("CREATE VIEW v AS SELECT 1 AS fid, readfile('{secret}') AS nom", "vue"),
        (
            "CREATE TABLE c (fid INTEGER PRIMARY KEY, x TEXT GENERATED ALWAYS AS ('a' || fid) VIRTUAL)",
            "calculée",
        ),
    ],
)
def test_un_geopackage_qui_fait_plus_que_porter_des_tables_est_refuse(tmp_path, secret, ordre, mot):
    chemin = ecrire(tmp_path / "a.gpkg", [CARRE], {"nom": ["a"]})
    with sqlite3.connect(chemin) as base:
        base.execute(ordre.format(secret=secret))
    base.close()
    assert mot in refus(chemin.read_bytes(), "a.gpkg")


def test_un_geopackage_dont_une_table_virtuelle_lit_un_autre_fichier_est_refuse(tmp_path, secret):
    """What GDAL itself would open: a virtual table declared in the schema."""
    chemin = ecrire(tmp_path / "a.gpkg", [CARRE], {"nom": ["a"]})
    with sqlite3.connect(chemin) as base:
        base.execute("PRAGMA writable_schema = ON")
        base.execute(
            "INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES"
            f" ('table', 'fuite', 'fuite', 0, 'CREATE VIRTUAL TABLE fuite USING VirtualOGR(''{secret}'')')"
        )
    base.close()
    assert "table virtuelle" in refus(chemin.read_bytes(), "a.gpkg")


def test_une_base_sqlite_qui_n_est_pas_un_geopackage_est_refusee(tmp_path):
    chemin = tmp_path / "a.gpkg"
    with sqlite3.connect(chemin) as base:
        base.execute("ATTACH DATABASE ':memory:' AS autre")
        base.execute("CREATE TABLE t (a)")
        base.execute("PRAGMA application_id = 1196444487")
    base.close()
    assert "mais pas un GeoPackage" in refus(chemin.read_bytes(), "a.gpkg")


@pytest.mark.parametrize(
    "racine",
    [
        {"crs": {"type": "link", "properties": {"href": "file:///etc/passwd", "type": "proj4"}}},
        {"crs": {"type": "name", "properties": {"name": "/vsicurl/http://127.0.0.1/x"}}},
    ],
)
def test_un_geojson_qui_designe_un_fichier_n_ouvre_rien(racine):
    if racine["crs"]["type"] == "link":
        assert "lien" in refus(geojson(EN_DEGRES, **racine), "a.geojson")
    else:
        ((couche, _),) = lire(geojson(EN_DEGRES, **racine), "a.geojson")
        assert couche.epsg is None


@pytest.mark.parametrize(
    "octets",
    [b'{"type": "FeatureCollection"', b"[1, 2]", b'"/etc/passwd"', b'{"type": "Topology"}', b"{" * 200_000],
)
def test_un_json_qui_n_est_pas_un_geojson_est_refuse(octets):
    assert "GeoJSON" in refus(octets, "a.geojson")


def test_une_geometrie_incorrecte_est_nommee():
    octets = json.dumps({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": ["a"]}}).encode()
    assert "n° 1" in refus(octets, "a.geojson")


def test_un_gpx_avec_des_entites_est_refuse():
    octets = b'<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY a SYSTEM "file:///etc/passwd">]><gpx>&a;</gpx>'
    assert "entités" in refus(octets, "a.gpx")


@pytest.mark.parametrize(
    "nom", ["/vsicurl/http://127.0.0.1/a.gpkg", "/vsizip/../../etc/passwd.gpkg", "PG:x.gpkg"]
)
def test_un_chemin_donne_pour_nom_n_est_jamais_ouvert(tmp_path, nom):
    octets = ecrire(tmp_path / "a.gpkg", [CARRE], {"A": ["a"]}, layer="z").read_bytes()
    ((couche, _),) = lire(octets, nom)
    assert couche.nom == "z"


@pytest.mark.parametrize("nom", ["a.vrt", "a.kml", "a", "a.exe", "a.sqlite", "a.csv"])
def test_un_format_inconnu_est_refuse(nom):
    assert "n'est pas accepté" in refus(b"x", nom)


def test_un_shapefile_sans_zip_dit_quoi_faire(tmp_path):
    octets = ecrire(tmp_path / "Z.shp", [CARRE], {"A": ["a"]}).read_bytes()
    assert "archive zip" in refus(octets, "Z.shp")


def test_un_fichier_vide_est_refuse():
    assert "vide" in refus(b"", "a.gpkg")


# --- archives -----------------------------------------------------------------------------------


def test_une_bombe_est_arretee_a_la_limite():
    octets = zip_de(a__geojson=b" " * 30_000_000)
    assert len(octets) < 100_000
    message = refus(octets, "p.zip", limites=Limites(decompresse=5 * 1024**2))
    assert "refusée" in message and "5 Mio" in message


def test_une_bombe_en_plusieurs_fichiers_est_arretee_a_la_limite():
    octets = zip_de(**{f"a{i}__geojson": b" " * 2_000_000 for i in range(6)})
    assert "5 Mio" in refus(octets, "p.zip", limites=Limites(decompresse=5 * 1024**2))


def test_un_lien_dans_un_zip_est_refuse():
    assert "lien" in refus(zip_lien("/etc/passwd"), "p.zip")


@pytest.mark.parametrize("nom", ["../zone.shp", "/etc/zone.shp", "a/../../zone.shp", "C:\\zone.shp"])
def test_un_nom_qui_sort_de_l_archive_est_refuse(nom):
    assert "sort du dossier" in refus(zip_de(**{nom: b"x"}), "p.zip")


def test_une_archive_dans_une_archive_n_est_pas_ouverte():
    interieure = zip_de(a__geojson=geojson(EN_DEGRES))
    assert "extrayez-la" in refus(zip_de(b__zip=interieure), "p.zip")


def test_trop_de_fichiers_sont_refuses():
    octets = zip_de(**{f"a{i}__txt": b"" for i in range(30)})
    assert "plus de 20 fichiers" in refus(octets, "p.zip", limites=Limites(membres=20))


def test_un_zip_abime_est_refuse(tmp_path):
    ecrire(tmp_path / "Z.shp", [CARRE], {"A": ["a"]})
    octets = zipper(tmp_path)
    assert "refusée" in refus(octets[:-30], "p.zip")
    assert "refusée" in refus(b"pas un zip", "p.zip")


def test_deux_fichiers_du_meme_nom_sont_refuses():
    assert "deux fichiers" in refus(zip_de(a__shp=b"x", A__SHP=b"y"), "p.zip")


# --- limits -------------------------------------------------------------------------------------


def test_un_fichier_sans_fin_est_arrete_a_la_limite():
    flux = SansFin(b'{"type":')
    with (
        pytest.raises(FichierRefuse, match="dépasse 3 Mio"),
        ouvrir(flux, "a.geojson", limites=Limites(octets=3 * 1024**2)),
    ):
        pass
    assert flux.lus < 5 * 1024**2


def test_un_peripherique_ou_un_tube_n_est_pas_un_fichier(tmp_path):
    os.mkfifo(tmp_path / "tube.gpkg")
    for chemin in (tmp_path / "tube.gpkg", garde.Path("/dev/zero")):
        with pytest.raises(FichierRefuse, match="fichier ordinaire"), ouvrir(chemin, "a.gpkg"):
            pass


def test_trop_d_objets_de_sommets_ou_de_couches_sont_refuses(tmp_path):
    octets = geojson(*[EN_DEGRES] * 5)
    assert "plus de 4 objets" in refus(octets, "a.geojson", limites=Limites(objets=4))
    assert "plus de 20 sommets" in refus(octets, "a.geojson", limites=Limites(sommets=20))
    chemin = ecrire(tmp_path / "a.gpkg", [CARRE], {"A": ["a"]}, layer="un")
    ecrire(chemin, [CARRE], {"A": ["a"]}, layer="deux", append=True)
    assert "plus de 1 couches" in refus(chemin.read_bytes(), "a.gpkg", limites=Limites(couches=1))


def test_une_lecture_trop_gourmande_est_arretee():
    octets = b'{"type":"FeatureCollection","features":[' + b"[]," * 3_000_000 + b"[]]}"
    assert "mémoire" in refus(octets, "a.geojson", limites=Limites(memoire=300 * 1024**2))


def test_une_lecture_trop_longue_est_arretee(tmp_path, monkeypatch):
    lent = tmp_path / "lent.py"
    lent.write_text("import time; time.sleep(30)")
    garde._pilotes()
    monkeypatch.setattr(garde, "ENFANT", lent)
    assert "trop long" in refus(geojson(EN_DEGRES), "a.geojson", limites=Limites(duree_s=1))


def test_la_mort_du_lecteur_est_un_refus(tmp_path, monkeypatch):
    mort = tmp_path / "mort.py"
    mort.write_text("import os; os.kill(os.getpid(), 9)")
    garde._pilotes()
    monkeypatch.setattr(garde, "ENFANT", mort)
    assert "a échoué" in refus(geojson(EN_DEGRES), "a.geojson")


def test_le_lecteur_ne_connait_ni_la_base_ni_les_secrets(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgis://secret")
    monkeypatch.setenv("SECRET_KEY", "secret")
    assert not {"DATABASE_URL", "SECRET_KEY", "PYTHONPATH"} & set(garde._environnement([]))


def test_tous_les_autres_pilotes_sont_eteints():
    """Were one left, the child would refuse by itself."""
    assert "OGR_VRT" in garde._pilotes() and "SQLite" in garde._pilotes()


def test_rien_ne_reste_sur_le_disque(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    lire(geojson(EN_DEGRES), "a.geojson")
    refus(b"x", "a.gpkg")
    assert list(tmp_path.iterdir()) == []


# --- into a drawing -----------------------------------------------------------------------------


def test_un_dessin_recoit_du_geojson_en_degres(tmp_path):
    chemin = ecrire(tmp_path / "a.gpkg", [CARRE], {"libelle": ["Hangar"]}, layer="projet")
    recu = lire_pour_dessin(io.BytesIO(chemin.read_bytes()), "a.gpkg")
    (objet,) = recu.geojson["features"]
    assert objet["properties"] == {"nom": "Hangar", "couche": "projet"}
    x, y = objet["geometry"]["coordinates"][0][0]
    assert 5 < x < 8 and 46 < y < 48
    assert recu.remarques == []


def test_un_contour_ferme_d_un_plan_devient_une_surface(tmp_path):
    chemin = ecrire(tmp_path / "a.dxf", [shapely.LineString(CARRE.exterior)], crs=None)
    recu = lire_pour_dessin(io.BytesIO(chemin.read_bytes()), "a.dxf")
    assert recu.geojson["features"][0]["geometry"]["type"] == "Polygon"
    assert "EPSG:2154" in recu.remarques[0]


def test_une_forme_croisee_est_reparee_et_c_est_dit():
    noeud = shapely.Polygon([(6.25, 47.1), (6.26, 47.11), (6.26, 47.1), (6.25, 47.11)])
    recu = lire_pour_dessin(io.BytesIO(geojson(noeud)), "a.geojson")
    assert "réparées" in recu.remarques[0]
    assert recu.geojson["features"][0]["geometry"]["type"] == "MultiPolygon"


def test_un_geojson_de_40_mo_est_refuse_dans_un_dessin():
    octets = geojson(EN_DEGRES)[:-2] + b" " * 40_000_000 + b"]}"
    with pytest.raises(FichierRefuse, match="dépasse 10 Mio"):
        lire_pour_dessin(io.BytesIO(octets), "a.geojson")


def test_des_coordonnees_hors_du_territoire_sont_refusees():
    with pytest.raises(FichierRefuse, match="hors du territoire"):
        lire_pour_dessin(io.BytesIO(geojson(shapely.Point(100, 10))), "a.geojson")
    # Metres announced as degrees.
    with pytest.raises(FichierRefuse, match="hors du territoire"):
        lire_pour_dessin(io.BytesIO(geojson(CARRE)), "a.geojson")


def test_un_dessin_sans_forme_est_refuse():
    with pytest.raises(FichierRefuse, match="aucune forme"):
        lire_pour_dessin(io.BytesIO(b'{"type": "FeatureCollection", "features": []}'), "a.geojson")


def test_des_coordonnees_infinies_ne_donnent_pas_de_geometrie():
    ((couche, objets),) = lire(
        b'{"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1e999,0]}}', "a.geojson"
    )
    assert objets[0].wkb is None and couche.sans_geometrie == 1
