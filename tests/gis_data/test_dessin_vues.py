"""What a drawing asks of the server, over HTTP."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.gis_data.test_dessin import CARRE, NOEUD, X, Y

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
