"""Vector tiles, TileJSON and style over HTTP."""

from __future__ import annotations

import gzip
import math

import numpy as np
import pyogrio
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cadastre.models import Parcelle, VersionFeuille
from gis_data.couches import couche, couches, groupe
from gis_data.tuiles import service
from tests.couches_remplies import REMPLIR
from tests.plan_factice import lonlat

# The layers that the tiny plan fills; others bring their own tests.
PUBLIQUES = [c.nom for c in couches() if c.publique and c.theme == "Plan cadastral"]
# Where a layer has something, when it is not near the middle of the parcels.
ENDROITS = {
    "points_canevas": (-100, -100),
    "details_ponctuels": (185, 35),
    "cours_eau": (90, -26),
    "numeros_voirie": (15, 29),
    "symboles_limite": (30, 10),
    "bornes": (0, 0),
    "boulons": (30, 0),
    "croix": (60, 0),
    "subdivisions_fiscales": (65, 10),
}


def tuile_de(x: float, y: float, zoom: int) -> tuple[int, int, int]:
    """Tile that holds a place of the tiny plan."""
    lon, lat = lonlat(x, y)
    n = 2**zoom
    ligne = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n
    return zoom, int((lon + 180) / 360 * n), int(ligne)


def lire(client, nom: str, zoom: int, x: float = 50, y: float = 20):
    """Decoded tile by GDAL: {MVT layer: {attribute: values}}; empty where the answer is 204."""
    z, colonne, ligne = tuile_de(x, y, zoom)
    reponse = client.get(f"/tuiles/{nom}/{z}/{colonne}/{ligne}.pbf")
    if reponse.status_code == 204:
        return {}
    assert reponse.status_code == 200, reponse.content
    assert reponse["Content-Type"] == "application/vnd.mapbox-vector-tile"
    contenu = {}
    for element, _ in pyogrio.list_layers(reponse.content):
        meta, _, geometries, champs = pyogrio.raw.read(reponse.content, layer=element)
        contenu[str(element)] = dict(zip(meta["fields"], champs, strict=True)) | {"geom": geometries}
    return contenu


def test_une_tuile_de_parcelles_porte_les_parcelles_dessinees(client, plan):
    tuile = lire(client, "parcelles", 16)
    assert sorted(tuile["parcelles"]["idu"]) == [p.idu for p in plan.parcelles[:12]]
    assert sorted(tuile["parcelles"]["contenance"]) == list(range(900, 912))


def test_les_proprietes_d_une_parcelle_sont_publiques_et_rien_de_plus(client, plan):
    tuile = lire(client, "parcelles", 17)
    assert set(tuile["parcelles"]) == {
        "mvt_id",
        "geom",
        "idu",
        "section",
        "numero",
        "contenance",
        "arpentee",
    }


@pytest.mark.parametrize("nom", PUBLIQUES)
def test_chaque_couche_dessine_ses_objets(client, plan, nom):
    c = couche(nom)
    REMPLIR.get(nom, lambda: None)()
    tuile = lire(client, nom, max(c.zoom_min, 16), *ENDROITS.get(nom, (50, 20)))
    assert nom in tuile
    assert len(tuile[nom]["geom"]) >= 1


@pytest.mark.parametrize("nom", PUBLIQUES)
def test_sous_son_premier_zoom_une_couche_est_vide(client, plan, nom):
    c = next(c for c in couches() if c.nom == nom)
    z, x, y = tuile_de(50, 20, c.zoom_min - 1)
    reponse = client.get(f"/tuiles/{nom}/{z}/{x}/{y}.pbf")
    assert reponse.status_code == 204
    assert reponse.content == b""


def test_le_plan_reunit_les_couches_affichees_et_elles_seules(client, plan):
    tuile = lire(client, "plan", 18, 20, 15)
    assert {"communes", "parcelles", "parcelles_numeros", "batiments", "numeros_voirie"} <= set(tuile)
    # Off by default: fetched from their own tiles when switched on.
    assert not {"feuilles", "ecritures", "charges"} & set(tuile)
    dessines = {e.nom for c in groupe("plan").couches for e in c.elements if e.dans_groupe}
    assert set(tuile) <= dessines


def test_sous_le_zoom_15_jamais_de_parcelles_mais_les_sections(client, plan):
    for zoom in range(8, 15):
        assert "parcelles" not in lire(client, "plan", zoom)
    assert "sections_limites" in lire(client, "plan", 14)


def test_un_numero_n_apparait_que_la_ou_il_tient(client, plan):
    """30 m squares: a two-digit number fits from zoom 15; the same number needs more in a narrow strip."""
    Parcelle.objects.filter(numero=12).update(geom_3857=None)
    tuile = lire(client, "parcelles", 17)["parcelles_numeros"]
    seuils = dict(zip(tuile["numero"].tolist(), tuile["z"].tolist(), strict=True))
    assert seuils[1] == seuils[9] < 17
    assert seuils[10] in (seuils[9], seuils[9] + 1)
    with connection.cursor() as curseur:
        curseur.execute(
            "UPDATE cadastre_parcelle SET geom_3857 = ST_Multi(ST_MakeEnvelope(ST_XMin(geom_3857),"
            " ST_YMin(geom_3857), ST_XMin(geom_3857) + 2, ST_YMax(geom_3857), 3857)) WHERE numero = 9"
        )
    tuile = lire(client, "parcelles", 17)["parcelles_numeros"]
    assert dict(zip(tuile["numero"].tolist(), tuile["z"].tolist(), strict=True))[9] >= seuils[9] + 2


def test_le_nom_d_un_cours_d_eau_suit_son_milieu(client, plan):
    """The river is 8 m wide and runs east–west at y = −30…−22: its middle line is at −26."""
    z, colonne, ligne = tuile_de(90, -26, 17)
    import shapely

    reponse = client.get(f"/tuiles/cours_eau/{z}/{colonne}/{ligne}.pbf")
    _, _, geometries, champs = pyogrio.raw.read(reponse.content, layer="cours_eau_axes")
    axe = shapely.from_wkb(geometries[0])
    bords = shapely.from_wkb(pyogrio.raw.read(reponse.content, layer="cours_eau")[2])[0]
    assert champs[1].tolist() == ["La Brunette"]
    assert axe.length > 0.5 * (bords.bounds[2] - bords.bounds[0])
    assert bords.buffer(2).covers(axe)
    milieu = (bords.bounds[1] + bords.bounds[3]) / 2
    assert abs(axe.centroid.y - milieu) < 0.25 * (bords.bounds[3] - bords.bounds[1])


def test_les_points_sont_a_leur_place(client, plan):
    """A street number 15 m east of a parcel's corner is there on the tile too, to 10 cm."""
    import shapely

    z, colonne, ligne = tuile_de(15, 29, 18)
    reponse = client.get(f"/tuiles/plan/{z}/{colonne}/{ligne}.pbf")
    position = shapely.from_wkb(pyogrio.raw.read(reponse.content, layer="numeros_voirie")[2])[0]
    lon, lat = lonlat(15, 29)
    n = 2**z
    attendu_x = ((lon + 180) / 360 * n - colonne) * 4096
    attendu_y = 4096 - ((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n - ligne) * 4096
    pas = 40_075_016.7 / n / 4096 * math.cos(math.radians(lat))
    assert math.hypot(position.x - attendu_x, position.y - attendu_y) * pas < 0.1


@pytest.mark.parametrize(
    "adresse",
    ["parcelles/3/8/0", "parcelles/23/0/0", "parcelles/15/-1/3", "parcelles/2/0/9", "parcelles/15/999999/1"],
)
def test_une_tuile_hors_du_monde_est_refusee_en_francais(client, db, adresse):
    reponse = client.get(f"/tuiles/{adresse}.pbf")
    assert reponse.status_code == 404
    assert "n'existe pas" in reponse.json()["erreur"]


@pytest.mark.parametrize("adresse", ["nulle_part/15/1/1.pbf", "parcelles/a/b/c.pbf", "nulle_part.json"])
def test_une_couche_inconnue_est_refusee_en_francais(client, db, adresse):
    reponse = client.get(f"/tuiles/{adresse}")
    assert reponse.status_code == 404
    assert reponse["Content-Type"] == "application/json"
    assert reponse.json()["erreur"]


def test_une_tuile_publique_ne_lit_ni_session_ni_compte(client, plan, django_user_model):
    """Same bytes, same headers for everybody; one statement, no session read, no cookie."""
    z, x, y = tuile_de(50, 20, 16)
    adresse = f"/tuiles/plan/{z}/{x}/{y}.pbf"
    anonyme = client.get(adresse)
    client.force_login(django_user_model.objects.create_user("agent@exemple.test", "x" * 14))
    with CaptureQueriesContext(connection) as requetes:
        connecte = client.get(adresse)
    assert len(requetes) == 0  # the tile's own statement goes through the raw connection
    assert anonyme.content == connecte.content
    assert anonyme["ETag"] == connecte["ETag"]
    assert connecte["Vary"] == "Accept-Encoding" and not connecte.cookies


def test_une_tuile_est_comprimee_pour_qui_le_demande(client, plan):
    adresse = "/tuiles/plan/{}/{}/{}.pbf".format(*tuile_de(50, 20, 17))
    claire = client.get(adresse)
    comprimee = client.get(adresse, headers={"accept-encoding": "gzip, br"})
    assert "Content-Encoding" not in claire and comprimee["Content-Encoding"] == "gzip"
    assert len(comprimee.content) < len(claire.content)
    assert gzip.decompress(comprimee.content) == claire.content
    assert comprimee["ETag"] == claire["ETag"]


def test_la_version_dans_l_adresse_change_avec_les_donnees(client, plan):
    modele = client.get("/tuiles/parcelles.json").json()["tiles"][0]
    z, x, y = tuile_de(50, 20, 16)
    adresse = modele.format(z=z, x=x, y=y)
    longue = client.get(adresse)
    assert longue["Cache-Control"] == "public, max-age=31536000, immutable"
    courte = client.get(adresse.split("?")[0])
    assert courte["Cache-Control"] == "public, max-age=0, must-revalidate"

    VersionFeuille.objects.create(
        feuille=plan.feuille, millesime="2026-01-01", empreinte="1" * 64, crs_declare="LAMB93", epsg=2154
    )
    service.oublier_versions()
    assert client.get("/tuiles/parcelles.json").json()["tiles"][0] != modele
    assert client.get(adresse)["Cache-Control"] == "public, max-age=0, must-revalidate"


def test_une_tuile_inchangee_n_est_pas_renvoyee(client, plan):
    z, x, y = tuile_de(50, 20, 16)
    adresse = f"/tuiles/parcelles/{z}/{x}/{y}.pbf"
    premiere = client.get(adresse)
    seconde = client.get(adresse, headers={"if-none-match": premiere["ETag"]})
    assert seconde.status_code == 304
    assert seconde.content == b""
    Parcelle.objects.filter(numero=3).update(contenance=1)
    assert client.get(adresse, headers={"if-none-match": premiere["ETag"]}).status_code == 200


def test_une_parcelle_close_quitte_la_carte(client, plan):
    Parcelle.objects.filter(numero=4).update(valide_au="2026-01-01")
    assert f"{plan.parcelles[3].idu}" not in lire(client, "parcelles", 16)["parcelles"]["idu"]


def test_un_nom_qui_ressemble_a_du_sql_reste_un_nom(client, plan):
    from cadastre.models import LieuDit

    LieuDit.objects.update(nom="L'ESSART'); DROP TABLE x; -- 100 % $1 {g}")
    assert lire(client, "lieuxdits", 16)["lieuxdits"]["nom"].tolist() == [
        "L'ESSART'); DROP TABLE x; -- 100 % $1 {g}"
    ]


def test_le_tilejson_decrit_les_elements(client, plan):
    description = client.get("/tuiles/plan.json").json()
    assert description["tilejson"] == "3.0.0"
    assert description["minzoom"] == 8 and description["maxzoom"] == 18
    assert description["tiles"][0].startswith("http://testserver/tuiles/plan/{z}/{x}/{y}.pbf?v=")
    assert "DGFiP" in description["attribution"]
    ouest, sud, est, nord = description["bounds"]
    lon, lat = lonlat(50, 20)
    assert ouest < lon < est and sud < lat < nord
    parcelles = next(v for v in description["vector_layers"] if v["id"] == "parcelles")
    assert parcelles["minzoom"] == 15 and "idu" in parcelles["fields"]


def test_sans_donnees_le_tilejson_et_le_style_repondent(client, db):
    assert "bounds" not in client.get("/tuiles/plan.json").json()
    assert client.get("/tuiles/style.json").status_code == 200


@pytest.mark.parametrize("theme", ["clair", "photo"])
def test_chaque_calque_du_style_a_sa_source(client, plan, theme):
    style = client.get(f"/tuiles/style.json?theme={theme}").json()
    assert style["version"] == 8 and "glyphs" not in style
    assert style["sources"]["plan"]["promoteId"] == {"parcelles": "idu"}
    for calque in style["layers"]:
        assert calque["type"] == "background" or calque["source"] in style["sources"]
    assert any(c["type"] == "background" for c in style["layers"]) == (theme == "clair")


def test_le_style_d_un_sig_de_bureau_ne_suit_pas_le_pointeur(client, plan):
    fixe = client.get("/tuiles/style.json?sig=1").json()["layers"]
    ordinaire = client.get("/tuiles/style.json").json()["layers"]
    retires = [c["id"] for c in ordinaire if c not in fixe]
    assert retires == ["parcelles-1-zone", "parcelles-1-choix"]
    assert "feature-state" not in str(fixe)


def test_un_theme_inconnu_est_refuse(client, db):
    reponse = client.get("/tuiles/style.json?theme=nuit")
    assert reponse.status_code == 404
    assert "clair, photo" in reponse.json()["erreur"]


def test_une_tuile_se_lit_par_get(client, db):
    assert client.post("/tuiles/parcelles/15/1/1.pbf").status_code == 405


def test_une_ville_dense_tient_en_500_ko_au_zoom_15(client, plan):
    """A tile at zoom 15 is some 850 m wide on the ground: 3,600 parcels and as many buildings."""
    with connection.cursor() as curseur:
        curseur.execute(
            """INSERT INTO cadastre_parcelle (idu, cle_idu, idu_lu, commune, prefixe, section, numero,
                 feuille_id, sous_ensemble, rid, valide_du, arpentee, figuree, geom_3857)
               SELECT '25999000ZZ' || lpad(n::text, 4, '0'), 10000000 + n, '', '25999', '000', 'ZZ', n,
                 %s, 'S1', 'P' || n, '2025-01-15', false, true,
                 ST_Multi(ST_MakePolygon(ST_MakeLine(ARRAY[p, ST_Translate(p, 9, 1), ST_Translate(p, 20, 0),
                   ST_Translate(p, 19, 12), ST_Translate(p, 20, 20), ST_Translate(p, 7, 19),
                   ST_Translate(p, 0, 20), p])))
               FROM generate_series(0, 3599) AS n,
                 LATERAL (SELECT ST_Translate(ST_SetSRID(ST_Point(ST_XMin(e) + 10, ST_YMin(e) + 10), 3857),
                   (n %% 60) * 20, (n / 60) * 20) AS p
                   FROM (SELECT ST_TileEnvelope(%s, %s, %s) AS e) AS t) AS q""",
            [plan.feuille.pk, *tuile_de(50, 20, 15)],
        )
        curseur.execute(
            """INSERT INTO cadastre_batiment (feuille_id, sous_ensemble, rid, dur, nom, geom_3857)
               SELECT feuille_id, 'S1', 'B' || rid, CASE WHEN numero % 3 = 0 THEN '02' ELSE '01' END, '',
                 ST_Multi(ST_Buffer(ST_Centroid(geom_3857), 6, 'quad_segs=2'))
               FROM cadastre_parcelle WHERE section = 'ZZ'"""
        )
    z, x, y = tuile_de(50, 20, 15)
    octets = client.get(f"/tuiles/plan/{z}/{x}/{y}.pbf").content
    assert len(octets) <= 500_000
    geometries = pyogrio.raw.read(octets, layer="parcelles")[2]
    assert len(geometries) >= 3600
    assert np.all(geometries != None)  # noqa: E711
