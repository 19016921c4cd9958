"""Map page, identify and list of layers over HTTP."""

from __future__ import annotations

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cadastre.models import NumeroVoirie, Parcelle
from gis_data.tuiles import service
from tests.plan_factice import lonlat

IDU = "25999000AB0001"


def identifier(client, x, y, zoom=18, **autres):
    lon, lat = lonlat(x, y)
    return client.get("/carte/identifier", {"lon": f"{lon:.7f}", "lat": f"{lat:.7f}", "zoom": zoom, **autres})


def par_couche(reponse):
    assert reponse.status_code == 200, reponse.content
    return {o["couche"]: o for o in reponse.json()["objets"]}


def reglages(page: str) -> dict:
    return json.loads(re.search(r'id="carte-reglages" type="application/json">(.*?)</script>', page, re.S)[1])


def test_identifier_donne_la_parcelle_et_ce_qui_est_dessus(client, plan):
    objets = par_couche(identifier(client, 10, 15))
    assert {"communes", "sections", "parcelles", "batiments", "lieuxdits"} <= set(objets)
    parcelle = objets["parcelles"]
    assert parcelle["titre"] == "Parcelle AB 1"
    assert parcelle["url"] == f"/parcelles/{IDU}/"
    assert parcelle["attributs"]["idu"] == IDU
    assert {"libelle": "Contenance (m²)", "valeur": "900"} in parcelle["lignes"]
    assert {"libelle": "Arpentée", "valeur": "oui"} in parcelle["lignes"]
    assert {"libelle": "Millésime", "valeur": "15/01/2025"} in parcelle["lignes"]
    assert objets["batiments"]["titre"] == "Mairie"
    # The sliver of 0.1 m² on the neighbour is no building of it.
    assert objets["batiments"]["attributs"]["parcelles"] == IDU
    assert objets["communes"]["titre"] == "Valbrune-les-Essais"


def test_identifier_trouve_un_point_a_quelques_pixels(client, plan):
    objets = par_couche(identifier(client, 15.4, 29))
    numero = objets["numeros_voirie"]
    assert numero["titre"] == "12 bis Rue du Lavoir"
    assert numero["attributs"]["parcelles"] == f"{IDU} 25999000AB0002"
    assert "numeros_voirie" not in par_couche(identifier(client, 22, 20))


def test_la_voie_d_un_numero_est_a_moins_de_50_m(client, plan):
    from cadastre.models import AxeVoie

    AxeVoie.objects.all().delete()
    assert par_couche(identifier(client, 15, 29))["numeros_voirie"]["attributs"]["voie"] is None


def test_identifier_suit_le_zoom_et_les_couches_demandees(client, plan):
    assert set(par_couche(identifier(client, 10, 15, zoom=14))) == {"communes", "sections", "lieuxdits"}
    assert set(par_couche(identifier(client, 10, 15, couches="parcelles"))) == {"parcelles"}


def test_identifier_dit_ce_qui_n_est_pas_charge(client, plan):
    NumeroVoirie.objects.all().delete()
    corps = identifier(client, 10, 15).json()
    assert "numeros_voirie" in corps["non_chargees"]
    assert "parcelles" not in corps["non_chargees"]


@pytest.mark.parametrize(
    ("demande", "mot"),
    [
        ({}, "lon"),
        ({"lon": "abc", "lat": "46", "zoom": "18"}, "nombre"),
        ({"lon": "5", "lat": "946", "zoom": "18"}, "compris"),
        ({"lon": "nan", "lat": "46", "zoom": "18"}, "compris"),
        ({"lon": "5", "lat": "46"}, "zoom"),
    ],
)
def test_identifier_refuse_un_lieu_impossible(client, db, demande, mot):
    reponse = client.get("/carte/identifier", demande)
    assert reponse.status_code == 400
    assert mot in reponse.json()["erreur"]


def test_identifier_refuse_une_couche_inconnue(client, db):
    reponse = client.get("/carte/identifier", {"lon": 5, "lat": 46, "zoom": 18, "couches": "nulle_part"})
    assert reponse.status_code == 404


def test_un_objet_s_ouvre_par_sa_cle_avec_son_emprise(client, plan):
    objet = client.get(f"/carte/objet/parcelles/{IDU}").json()
    assert objet["attributs"]["idu"] == IDU
    lon, lat = lonlat(15, 15)
    ouest, sud, est, nord = objet["bbox"]
    assert ouest < lon < est and sud < lat < nord
    sans_dessin = client.get("/carte/objet/parcelles/25999000AB9001").json()
    assert sans_dessin["bbox"] is None and sans_dessin["titre"] == "Parcelle AB 9001"


@pytest.mark.parametrize("chemin", ["parcelles/25999000ZZ0001", "nulle_part/1", "batiments/1"])
def test_un_objet_inconnu_se_dit(client, plan, chemin):
    reponse = client.get(f"/carte/objet/{chemin}")
    assert reponse.status_code == 404
    assert reponse.json()["erreur"]


def test_une_parcelle_close_n_est_plus_identifiee(client, plan):
    Parcelle.objects.filter(idu=IDU).update(valide_au="2026-01-01")
    assert "parcelles" not in par_couche(identifier(client, 10, 15))


def test_la_liste_des_couches_a_comptes_zooms_et_legende(client, plan):
    couches = {c["nom"]: c for c in client.get("/carte/couches.json").json()["couches"]}
    assert couches["parcelles"]["objets"] == 13
    assert couches["parcelles"]["zoom_min"] == 15
    assert couches["batiments"]["legende"][0]["libelle"] == "Bâtiment en dur"
    assert couches["boulons"]["objets"] == 1


def test_la_page_porte_le_territoire_et_la_source(client, plan):
    reponse = client.get("/carte/")
    page = reponse.content.decode()
    donnees = reglages(page)
    lon, lat = lonlat(50, 20)
    ouest, sud, est, nord = donnees["emprise"]
    assert ouest < lon < est and sud < lat < nord
    assert [s["code"] for s in donnees["systemes"]] == ["legale", *(f"cc{z}" for z in range(42, 51))]
    assert donnees["systemes"][0]["nom"] == "Lambert 93"
    assert donnees["fonds"] == []
    assert "data.geopf.fr" not in page + reponse["Content-Security-Policy"]
    assert "Aucun plan" not in page


def test_sans_donnees_la_page_dit_comment_importer(client, db):
    page = client.get("/carte/").content.decode()
    assert "Aucun plan n'est chargé" in page and "importer_edigeo" in page
    assert reglages(page)["vide"] is True


def test_aucun_script_sans_jeton_ni_style_en_ligne(client, plan):
    reponse = client.get("/carte/")
    page = reponse.content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"", page)
    for balise in re.findall(r"<script[^>]*>", page):
        assert "src=" in balise or "nonce=" in balise or "application/json" in balise, balise


def test_les_fonds_de_l_ign_sont_un_reglage(client, plan, settings):
    settings.FONDS_DE_CARTE_IGN = True
    page = client.get("/carte/").content.decode()
    assert [f["theme"] for f in reglages(page)["fonds"]] == ["photo", "clair"]
    assert "Photographies aériennes" in page


def test_un_clic_lit_une_fois_l_etat_du_plan(plan, client, django_assert_max_num_queries):
    """Two dozen layers share one version: it was read anew for each of them."""
    ici = {"lon": 6.4, "lat": 47.4, "zoom": 17}
    client.get("/carte/identifier", ici)
    service.oublier_versions()
    with django_assert_max_num_queries(15):
        client.get("/carte/identifier", ici)


def test_un_clic_ne_compte_pas_les_tables(plan, client):
    """Whether anything is loaded takes one row; counting a département's takes seconds."""
    with CaptureQueriesContext(connection) as requetes:
        client.get("/carte/identifier", {"lon": 6.4, "lat": 47.4, "zoom": 17})
    assert not [r["sql"] for r in requetes.captured_queries if "COUNT(*)" in r["sql"]]
