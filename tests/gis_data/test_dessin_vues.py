"""What a drawing asks of the server, over HTTP."""

from __future__ import annotations

import json

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gis_data.dessin.champ import ChampDessin
from gis_data.dessin.lecture import lire_dessin
from tests.gis_data.test_dessin import CARRE, NOEUD, X, Y
from tests.plan_factice import ecrire_plan, lonlat

pytestmark = pytest.mark.django_db


def demander(client, operation, dessin, **autres):
    corps = json.dumps({"operation": operation, "dessin": dessin, **autres})
    return client.post("/carte/dessin/operation", corps, content_type="application/json")


def test_un_dessin_se_lit_et_se_mesure(client):
    reponse = demander(client, "lire", CARRE.wkt)
    lu = reponse.json()
    assert (lu["aire"], lu["longueur"], lu["formes"], lu["sommets"], lu["defaut"]) == (10_000, 400, 1, 5, "")
    assert lu["dessin"]["type"] == "Polygon"
    assert reponse["Cache-Control"] == "no-store"


def test_une_bande_et_des_voisines(client):
    ligne = f"LINESTRING({X} {Y}, {X + 100} {Y})"
    assert demander(client, "bande", ligne, metres=-2).json()["aire"] == pytest.approx(200, abs=0.1)
    voisines = f"MULTIPOLYGON({CARRE.wkt[7:].strip()}, (({X + 100} {Y}, {X + 200} {Y}, {X + 200} {Y + 100}, "
    lu = demander(client, "lire", f"{voisines}{X + 100} {Y + 100}, {X + 100} {Y})))").json()
    # Drawn as two, kept as one ground.
    assert (lu["fusion"], lu["defaut"], len(lu["dessin"]["coordinates"])) == (True, "", 2)
    assert lu["aire"] == pytest.approx(20_000) and lu["longueur"] == pytest.approx(600)


def test_un_rectangle_se_pose_sur_un_point_dans_son_orientation(client):
    def bornes(**autres):
        lu = demander(client, "rectangle", f"POINT({X} {Y})", longueur="6", largeur="2,5", **autres).json()
        forme = lire_dessin(json.dumps(lu["dessin"]))
        assert lu["aire"] == pytest.approx(15) and lu["longueur"] == pytest.approx(17)
        return [round(forme.bounds[2] - forme.bounds[0], 2), round(forme.bounds[3] - forme.bounds[1], 2)]

    assert bornes(angle="0") == bornes() == [2.5, 6]
    assert bornes(angle="90") == bornes(angle="-90") == [6, 2.5]
    # At forty-five degrees: (6 + 2.5) / √2 either way.
    assert bornes(angle="45") == pytest.approx([6.01, 6.01], abs=0.01)


@pytest.mark.parametrize(
    ("dessin", "autres", "dit"),
    [
        (f"POINT({X} {Y})", {"longueur": "x", "largeur": "2"}, "La longueur doit être un nombre de mètres."),
        (f"POINT({X} {Y})", {"longueur": "nan", "largeur": "2"}, "La longueur doit être un nombre"),
        (f"POINT({X} {Y})", {"longueur": "5", "largeur": "0"}, "compris entre 0 et"),
        (f"POINT({X} {Y})", {"longueur": "5", "largeur": "2", "angle": "est"}, "nombre de degrés"),
        (f"POINT({X} {Y})", {"longueur": "5", "largeur": "2", "angle": "400"}, "angle en degrés"),
        (CARRE.wkt, {"longueur": "5", "largeur": "2"}, "se pose sur un point"),
    ],
)
def test_un_rectangle_impossible_est_refuse(client, dessin, autres, dit):
    reponse = demander(client, "rectangle", dessin, **autres)
    assert reponse.status_code == 400 and dit in reponse.json()["erreur"]


def test_un_contour_croise_est_dit_puis_repare(client):
    assert demander(client, "lire", NOEUD.wkt).json()["defaut"] == "Le contour se croise."
    repare = demander(client, "reparer", NOEUD.wkt).json()
    assert repare["aire"] == pytest.approx(5000) and repare["defaut"] == ""


def test_elargir_decaler_couper(client):
    ligne = f"LINESTRING({X} {Y}, {X + 100} {Y})"
    assert demander(client, "tampon", ligne, metres="2,5").json()["aire"] == pytest.approx(519.6, abs=0.2)
    assert demander(client, "decaler", ligne, metres=3).json()["longueur"] == 100
    lame = f"LINESTRING({X + 30} {Y - 5}, {X + 30} {Y + 105})"
    assert demander(client, "couper", CARRE.wkt, lame=lame).json()["formes"] == 2


@pytest.mark.parametrize(
    ("operation", "dessin", "autres", "mot"),
    [
        ("lire", "", {}, "vide"),
        ("lire", "POINT(0 0)", {}, "hors du territoire"),
        ("voler", CARRE.wkt, {}, "inconnue"),
        ("tampon", CARRE.wkt, {"metres": "abc"}, "nombre de mètres"),
        ("tampon", CARRE.wkt, {}, "nombre de mètres"),
        ("couper", CARRE.wkt, {}, "vide"),
    ],
)
def test_une_demande_impossible_est_refusee_avec_des_mots(client, operation, dessin, autres, mot):
    reponse = demander(client, operation, dessin, **autres)
    assert reponse.status_code == 400
    assert mot in reponse.json()["erreur"]


@pytest.mark.parametrize("corps", ["", "[]", "{", "null", "[" * 10_000])
def test_ce_qui_n_est_pas_une_demande_est_refuse(client, corps):
    reponse = client.post("/carte/dessin/operation", corps, content_type="application/json")
    assert reponse.status_code == 400 and "JSON" in reponse.json()["erreur"]


def test_un_dessin_ou_un_fichier_de_40_mo_est_refuse_sans_etre_lu(client):
    lourd = demander(client, "lire", "x" * 40_000_000)
    assert lourd.status_code == 413 and "40 Mo, 4 au plus" in lourd.json()["erreur"]
    fichier = SimpleUploadedFile("plan.geojson", b" " * 40_000_000)
    reponse = client.post("/carte/dessin/importer", {"fichier": fichier})
    assert reponse.status_code == 413 and "trop lourd pour un dessin" in reponse.json()["erreur"]


def test_un_autre_site_ne_s_en_sert_pas():
    client = Client(enforce_csrf_checks=True)
    assert demander(client, "lire", CARRE.wkt).status_code == 403
    assert client.post("/carte/dessin/importer").status_code == 403


def test_un_fichier_s_importe(client):
    from gis_data.dessin.lecture import en_geojson

    texte = json.dumps({"type": "Feature", "properties": {"nom": "Essai"}, "geometry": en_geojson(CARRE)})
    lu = client.post("/carte/dessin/importer", {"fichier": SimpleUploadedFile("a.geojson", texte.encode())})
    assert lu.status_code == 200, lu.content
    assert lu.json()["geojson"]["features"][0]["properties"]["nom"] == "Essai"


def test_un_fichier_qui_n_en_est_pas_est_refuse(client):
    reponse = client.post("/carte/dessin/importer", {"fichier": SimpleUploadedFile("a.geojson", b"\x7fELF")})
    assert reponse.status_code == 400 and reponse.json()["erreur"]
    assert client.post("/carte/dessin/importer").status_code == 400


# --- the plan under the drawing -------------------------------------------------------------------


def boite(ouest=0, sud=0, est=180, nord=70):
    (lon1, lat1), (lon2, lat2) = lonlat(ouest, sud), lonlat(est, nord)
    return f"{lon1},{lat1},{lon2},{lat2}"


def test_les_limites_en_vue_accrochent(client):
    ecrire_plan()
    lu = client.get(f"/carte/dessin/accroches?bbox={boite(1, 1, 29, 29)}").json()
    assert sorted(o["properties"]["couche"] for o in lu["features"]) == ["batiments", "parcelles"]
    assert lu["complet"] is True and set(lu["features"][0]["properties"]) == {"couche"}


def test_les_accroches_sont_bornees(client, monkeypatch):
    ecrire_plan()
    monkeypatch.setattr("gis_data.dessin.accroches.PAR_COUCHE", 3)
    lu = client.get(f"/carte/dessin/accroches?bbox={boite()}").json()
    assert len(lu["features"]) == 5 and lu["complet"] is False


@pytest.mark.parametrize(
    ("demande", "mot"),
    [
        ("", "ouest,sud,est,nord"),
        ("6.36,47.2,6.35,47.1", "d'ouest en est"),
        ("-180,-85,180,85", "Rapprochez-vous"),
        ("6,47,7,48", "Rapprochez-vous"),
        ("nan,nan,nan,nan", "d'ouest en est"),
    ],
)
def test_une_boite_impossible_est_refusee(client, demande, mot):
    reponse = client.get("/carte/dessin/accroches", {"bbox": demande})
    assert reponse.status_code == 400 and mot in reponse.json()["erreur"]


def test_la_parcelle_sous_un_point(client):
    ecrire_plan()
    lon, lat = lonlat(75, 5)
    (parcelle,) = client.get(f"/carte/dessin/parcelles?lon={lon}&lat={lat}").json()["parcelles"]
    assert (parcelle["libelle"], parcelle["idu"]) == ("AB 3", "25999000AB0003")
    assert parcelle["dessin"]["type"] == "MultiPolygon"
    lon, lat = lonlat(75, -8)
    assert client.get(f"/carte/dessin/parcelles?lon={lon}&lat={lat}").json()["parcelles"] == []
    assert client.get("/carte/dessin/parcelles?lon=200&lat=inf").json()["parcelles"] == []
    assert client.get("/carte/dessin/parcelles?lon=ici&lat=la").status_code == 400


def test_les_parcelles_par_leurs_references(client):
    ecrire_plan()
    lu = client.get("/carte/dessin/parcelles", {"references": "AB 2, AB 3 et AB 77"}).json()
    assert [p["libelle"] for p in lu["parcelles"]] == ["AB 2", "AB 3"]
    assert any("AB 77" in r for r in lu["remarques"])
    # Known to the plan, drawn nowhere.
    lu = client.get("/carte/dessin/parcelles", {"references": "AB 9001"}).json()
    assert lu["parcelles"] == [] and "n'a pas de contour" in lu["remarques"][0]
    lu = client.get("/carte/dessin/parcelles", {"references": "rue du Lavoir"}).json()
    assert lu["parcelles"] == [] and "n'est pas une référence" in lu["remarques"][0]
    assert client.get("/carte/dessin/parcelles", {"references": "A" * 3000}).status_code == 400


# --- the field without script ---------------------------------------------------------------------


class Formulaire(forms.Form):
    emprise = ChampDessin(plusieurs=True, required=False)


def remplir(fichiers=None, **donnees):
    return Formulaire({k.replace("_", "-"): v for k, v in donnees.items()}, fichiers or {})


def test_des_references_valent_un_dessin():
    ecrire_plan()
    formulaire = remplir(emprise="", emprise_parcelles="AB 2, AB 3")
    assert formulaire.is_valid(), formulaire.errors
    assert formulaire.cleaned_data["emprise"].area == pytest.approx(1800)
    # Shown again as what was read.
    assert json.loads(formulaire["emprise"].value())["type"] == "MultiPolygon"


def test_une_reference_inconnue_est_refusee_avec_des_mots():
    ecrire_plan()
    formulaire = remplir(emprise_parcelles="AB 2, AB 77")
    assert not formulaire.is_valid() and "AB 77" in str(formulaire.errors)


def test_un_fichier_vaut_un_dessin_et_un_fichier_de_40_mo_est_refuse():
    from gis_data.dessin.lecture import en_geojson

    bon = SimpleUploadedFile("a.geojson", json.dumps(en_geojson(CARRE)).encode())
    formulaire = remplir({"emprise-fichier": bon})
    assert formulaire.is_valid(), formulaire.errors
    assert formulaire.cleaned_data["emprise"].area == pytest.approx(10_000, abs=1)
    lourd = SimpleUploadedFile("a.geojson", b" " * 40_000_000)
    formulaire = remplir({"emprise-fichier": lourd})
    assert not formulaire.is_valid() and "40 Mo, 10 au plus" in str(formulaire.errors)
    faux = SimpleUploadedFile("a.geojson", b"\x7fELF")
    assert not remplir({"emprise-fichier": faux}).is_valid()


def test_la_page_porte_les_trois_entrees_et_aucun_style():
    html = Formulaire()["emprise"].as_widget()
    for nom in ("emprise", "emprise-parcelles", "emprise-fichier"):
        assert f'name="{nom}"' in html
    assert "style=" not in html and " required" not in html
