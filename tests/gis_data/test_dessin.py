"""A drawing as text, its operations, and the form field that keeps it."""

from __future__ import annotations

import json

import pytest
import shapely
from django import forms
from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError

from gis_data.dessin.champ import ChampDessin
from gis_data.dessin.lecture import DessinRefuse, en_geojson, lire_dessin, verifier
from gis_data.dessin.operations import bande, couper, decaler, defaut, mesurer, reparer, tampon

X, Y = 900_000.0, 6_650_000.0
CARRE = shapely.box(X, Y, X + 100, Y + 100)
NOEUD = shapely.Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])


def degres(forme) -> str:
    return json.dumps(en_geojson(forme))


def pareil(a, b) -> bool:
    return shapely.hausdorff_distance(a, b) < 0.005


# --- reading --------------------------------------------------------------------------------------


def test_un_geojson_en_degres_devient_la_projection_legale():
    assert pareil(lire_dessin(degres(CARRE)), CARRE)
    objet = {"type": "Feature", "properties": {}, "geometry": en_geojson(CARRE)}
    assert pareil(lire_dessin(json.dumps(objet)), CARRE)


def test_plusieurs_objets_d_un_genre_font_une_forme_multiple():
    autre = shapely.transform(CARRE, lambda p: p + 200)
    liste = [{"type": "Feature", "geometry": en_geojson(f)} for f in (CARRE, autre)]
    lue = lire_dessin(json.dumps({"type": "FeatureCollection", "features": liste}))
    assert lue.geom_type == "MultiPolygon" and lue.area == pytest.approx(20_000, abs=1)


def test_un_wkt_est_dans_la_projection_legale_ou_celle_qu_il_dit():
    assert lire_dessin(CARRE.wkt).equals(CARRE)
    assert lire_dessin(f"SRID=2154;{CARRE.wkt}").equals(CARRE)
    lon, lat = en_geojson(shapely.Point(X, Y))["coordinates"]
    assert pareil(lire_dessin(f"SRID=4326;POINT({lon} {lat})"), shapely.Point(X, Y))


def test_des_coordonnees_ligne_a_ligne():
    point = lire_dessin(f"{X} {Y}")
    assert point.geom_type == "Point" and pareil(point, shapely.Point(X, Y))
    ligne = lire_dessin(f"{X} {Y}\n{X + 50} {Y}\n")
    assert ligne.geom_type == "LineString" and ligne.length == pytest.approx(50, abs=0.01)
    tour = "\n".join(f"{x} {y}" for x, y in CARRE.exterior.coords)
    assert lire_dessin(tour).area == pytest.approx(10_000, abs=1)


def test_l_altitude_est_laissee():
    assert not lire_dessin(f"POINT Z ({X} {Y} 12)").has_z


@pytest.mark.parametrize(
    ("texte", "mot"),
    [
        ("", "vide"),
        ("   ", "vide"),
        ("{", "GeoJSON"),
        ('{"type": "Nuage"}', "géométrie"),
        ('{"rien": 1}', "type"),
        ('{"type": "FeatureCollection"}', "features"),
        ('{"type": "FeatureCollection", "features": []}', "vide"),
        ('{"type": "Polygon", "coordinates": "x"}', "géométrie"),
        ("POLYGON((0 0", "WKT"),
        ("POLYGON EMPTY", "vide"),
        ("SRID=99999;POINT(1 1)", "EPSG:99999"),
        ("POINT(0 0)", "hors du territoire"),
        ('{"type": "Point", "coordinates": [100, 10]}', "hors du territoire"),
        ("nulle part", "Ligne 1"),
        (f"{X} {Y}\nici", "Ligne 2"),
        ("[" * 5000, "Ligne 1"),
        ('{"a":' * 3000, "GeoJSON"),
        ("x" * 2_000_001, "trop lourd"),
    ],
)
def test_ce_qui_ne_se_garde_pas_est_refuse_avec_des_mots(texte, mot):
    with pytest.raises(DessinRefuse, match=mot):
        lire_dessin(texte)


def test_un_geojson_de_40_mo_est_refuse_sans_etre_lu(monkeypatch):
    monkeypatch.setattr(json, "loads", lambda t: pytest.fail("lu"))
    with pytest.raises(DessinRefuse, match="40 Mo pour 2 au plus"):
        lire_dessin('{"type": "Point"' + " " * 40_000_000 + "}")


def test_trop_de_sommets_ou_de_formes_est_refuse():
    ligne = shapely.LineString([(X + i * 0.01, Y) for i in range(20_001)])
    with pytest.raises(DessinRefuse, match="Trop de sommets"):
        verifier(ligne)
    points = [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [6, 47]}}] * 501
    with pytest.raises(DessinRefuse, match="Trop de formes"):
        lire_dessin(json.dumps({"type": "FeatureCollection", "features": points}))


def test_un_melange_de_genres_est_refuse():
    formes = [{"type": "Feature", "geometry": en_geojson(f)} for f in (CARRE, shapely.Point(X, Y))]
    with pytest.raises(DessinRefuse, match="mélange"):
        lire_dessin(json.dumps({"type": "FeatureCollection", "features": formes}))


# --- operations -----------------------------------------------------------------------------------


def test_les_mesures_de_chaque_genre():
    surface = mesurer(CARRE)
    assert (surface.aire, surface.longueur, surface.formes, surface.sommets) == (10_000, 400, 1, 5)
    ligne = mesurer(shapely.LineString([(X, Y), (X + 30, Y + 40)]))
    assert (ligne.aire, ligne.longueur) == (None, 50)
    point = mesurer(shapely.Point(X, Y))
    assert (point.aire, point.longueur) == (None, None)


def test_un_contour_croise_se_dit_et_se_repare():
    assert defaut(CARRE) == ""
    assert defaut(NOEUD) == "Le contour se croise."
    reparee = reparer(NOEUD)
    assert reparee.geom_type == "MultiPolygon" and shapely.is_valid(reparee)
    assert reparee.area == pytest.approx(5000)


def test_une_surface_ecrasee_ne_laisse_rien():
    with pytest.raises(DessinRefuse, match="Rien ne reste"):
        reparer(shapely.Polygon([(X, Y), (X + 10, Y), (X, Y)]))


def test_le_tampon_elargit_et_retrecit():
    rond = tampon(shapely.Point(X, Y), 10)
    assert rond.area == pytest.approx(314.16, rel=0.002)
    assert tampon(CARRE, -10).area == pytest.approx(6400)
    with pytest.raises(DessinRefuse, match="Rien ne reste"):
        tampon(CARRE, -60)
    with pytest.raises(DessinRefuse, match="se rétrécit"):
        tampon(shapely.Point(X, Y), -1)


@pytest.mark.parametrize("metres", [0, 5001, -5001, float("nan"), float("inf")])
def test_une_largeur_impossible_est_refusee(metres):
    with pytest.raises(DessinRefuse, match="comprise entre"):
        tampon(CARRE, metres)


def test_une_ligne_se_decale_a_gauche_puis_a_droite():
    ligne = shapely.LineString([(X, Y), (X + 100, Y)])
    assert decaler(ligne, 3).coords[0] == (X, Y + 3)
    assert decaler(ligne, -3).coords[0] == (X, Y - 3)
    with pytest.raises(DessinRefuse, match="Seule une ligne"):
        decaler(CARRE, 3)


def test_une_surface_et_une_ligne_se_coupent():
    lame = shapely.LineString([(X + 30, Y - 5), (X + 30, Y + 105)])
    parties = sorted(p.area for p in couper(CARRE, lame).geoms)
    assert parties == [pytest.approx(3000), pytest.approx(7000)]
    assert len(couper(shapely.LineString([(X, Y + 1), (X + 100, Y + 1)]), lame).geoms) == 2


@pytest.mark.parametrize(
    ("forme", "lame", "mot"),
    [
        (CARRE, shapely.LineString([(X + 30, Y + 10), (X + 30, Y + 50)]), "ne traverse pas"),
        (CARRE, shapely.LineString([(X - 30, Y), (X - 30, Y + 50)]), "ne traverse pas"),
        (CARRE, CARRE, "d'un seul trait"),
        (shapely.Point(X, Y), shapely.LineString([(X, Y), (X, Y + 1)]), "ne se coupe pas"),
        (NOEUD, shapely.LineString([(X, Y), (X, Y + 1)]), "Réparez"),
    ],
)
def test_une_coupe_impossible_est_refusee(forme, lame, mot):
    with pytest.raises(DessinRefuse, match=mot):
        couper(forme, lame)


# --- field ----------------------------------------------------------------------------------------


def test_le_champ_rend_une_geometrie_de_la_projection_legale():
    lue = ChampDessin().clean(degres(CARRE))
    assert isinstance(lue, GEOSGeometry) and lue.srid == 2154 and lue.geom_type == "Polygon"
    assert lue.area == pytest.approx(10_000, abs=1)
    assert ChampDessin(plusieurs=True).clean(CARRE.wkt).geom_type == "MultiPolygon"


@pytest.mark.parametrize(
    ("options", "texte", "mot"),
    [
        ({}, "", "obligatoire"),
        ({}, f"POINT({X} {Y})", "doit être une surface"),
        ({"genres": ("point", "ligne")}, CARRE.wkt, "un point ou une ligne"),
        ({}, shapely.MultiPolygon([CARRE, shapely.box(X + 200, Y, X + 300, Y + 9)]).wkt, "Une seule forme"),
        ({}, NOEUD.wkt, "se croise"),
        ({}, "GEOMETRYCOLLECTION EMPTY", "Ligne 1"),
    ],
)  # fmt: skip
def test_le_champ_refuse_avec_des_mots(options, texte, mot):
    with pytest.raises(ValidationError, match=mot):
        ChampDessin(**options).clean(texte)


def test_le_champ_repare_quand_on_le_lui_demande():
    assert ChampDessin(plusieurs=True, reparer=True).clean(NOEUD.wkt).area == pytest.approx(5000)


def test_un_champ_facultatif_vide_ne_donne_rien():
    assert ChampDessin(required=False).clean("  ") is None


class Essai(forms.Form):
    emprise = ChampDessin(label="Emprise")


def test_ce_qui_est_garde_se_remontre_et_ne_compte_pas_pour_un_changement():
    garde = GEOSGeometry(CARRE.wkt, srid=2154)
    formulaire = Essai(initial={"emprise": garde})
    montre = formulaire["emprise"].value()
    assert json.loads(montre)["type"] == "Polygon"
    assert not Essai({"emprise": montre}, initial={"emprise": garde}).has_changed()
    assert Essai({"emprise": f"{X} {Y}"}, initial={"emprise": garde}).has_changed()
    assert Essai({"emprise": "<b>"}).errors["emprise"]


# --- neighbours -----------------------------------------------------------------------------------


def test_des_surfaces_voisines_sont_valables_et_gardees_comme_le_sol_qu_elles_couvrent():
    voisines = shapely.MultiPolygon([CARRE, shapely.box(X + 100, Y, X + 200, Y + 100)])
    assert not shapely.is_valid(voisines) and defaut(voisines) == ""
    assert mesurer(voisines).aire == pytest.approx(20_000) and mesurer(voisines).longueur == pytest.approx(
        600
    )
    assert ChampDessin(plusieurs=True).clean(voisines.wkt).num_geom == 1
    assert ChampDessin().clean(voisines.wkt).area == pytest.approx(20_000)


def test_ce_qui_se_recouvre_ne_compte_qu_une_fois():
    doubles = shapely.MultiPolygon([CARRE, shapely.box(X + 50, Y, X + 150, Y + 100)])
    assert mesurer(doubles).aire == pytest.approx(15_000)
    assert ChampDessin(plusieurs=True).clean(doubles.wkt).area == pytest.approx(15_000)


def test_reparer_laisse_les_parties_valables_comme_elles_sont():
    melange = shapely.MultiPolygon([NOEUD, shapely.box(X + 200, Y, X + 300, Y + 100)])
    reparee = reparer(melange)
    assert len(reparee.geoms) == 3 and reparee.area == pytest.approx(15_000)


def test_une_bande_longe_la_ligne_d_un_cote_ou_de_l_autre():
    ligne = shapely.LineString([(X, Y), (X + 100, Y)])
    gauche, droite = bande(ligne, 2), bande(ligne, -2)
    assert gauche.bounds == pytest.approx((X, Y, X + 100, Y + 2)) and gauche.area == pytest.approx(200)
    assert droite.bounds == pytest.approx((X, Y - 2, X + 100, Y)) and droite.area == pytest.approx(200)
    coude = shapely.LineString([(X, Y), (X + 100, Y), (X + 100, Y + 50)])
    assert bande(coude, 2).area == pytest.approx(2 * 150 - 4) and bande(coude, -2).area == pytest.approx(304)


@pytest.mark.parametrize(("forme", "metres"), [(CARRE, 2), (shapely.LineString([(X, Y), (X + 9, Y)]), 0)])
def test_une_bande_impossible_est_refusee(forme, metres):
    with pytest.raises(DessinRefuse):
        bande(forme, metres)


def test_une_lame_posee_juste_sur_les_bords_coupe():
    lame = shapely.LineString([(X, Y + 50), (X + 100, Y + 50)])
    assert [p.area for p in couper(CARRE, lame).geoms] == pytest.approx([5000, 5000])
