"""Saved views of the map, and the administrator's list of sites that may show it."""

from __future__ import annotations

import json
import re

import pytest
from django.db import IntegrityError
from django.test import Client

from gis_data.models import SiteEncadrant, VueCarte
from mairie.models import Service
from tests.personnes import agent, commune, habiliter

pytestmark = pytest.mark.django_db
PORTE = "django.contrib.auth.backends.ModelBackend"
ADRESSE = "?couches=-batiments&opacites=parcelles:40#17/47.15321/6.35395"


def entrer(personne) -> Client:
    client = Client()
    client.force_login(personne, PORTE)
    return client


def service(nom="Urbanisme") -> Service:
    return Service.objects.create(collectivite=commune(), libelle=nom, code=nom.lower())


def dans(service_, email):
    personne = agent(email=email, nom=email.split("@")[0])
    habiliter(personne, "mairie", "lecteur", service=service_)
    return personne


def garder(client, **champs):
    return client.post("/carte/vues/", {"nom": "Le bourg", "adresse": ADRESSE, "service": "", **champs})


def test_une_vue_se_garde_s_ouvre_et_se_supprime():
    client = entrer(agent("mairie.lecteur"))
    assert client.get("/carte/vues/").json() == {"vues": []}
    reponse = garder(client, nom="  Le   bourg ")
    assert reponse.status_code == 201
    (vue,) = reponse.json()["vues"]
    assert (vue["nom"], vue["adresse"], vue["service"], vue["mienne"]) == ("Le bourg", ADRESSE, None, True)
    assert reponse["Cache-Control"] == "private, no-store"
    assert client.post(f"/carte/vues/{vue['id']}/supprimer").json() == {"vues": []}


def test_une_vue_partagee_est_vue_de_son_service_et_de_lui_seul():
    urbanisme, voirie = service(), service("Voirie")
    auteur = entrer(dans(urbanisme, "anne@exemple.test"))
    collegue = entrer(dans(urbanisme, "bruno@exemple.test"))
    autre = entrer(dans(voirie, "chloe@exemple.test"))
    garder(auteur, nom="Pour moi")
    assert garder(auteur, nom="Pour tous", service=urbanisme.pk).status_code == 201
    (vue,) = collegue.get("/carte/vues/").json()["vues"]
    assert (vue["nom"], vue["service"], vue["auteur"]) == ("Pour tous", "Urbanisme", "anne")
    assert vue["mienne"] is False
    assert autre.get("/carte/vues/").json()["vues"] == []
    # A colleague opens it but does not remove it.
    assert collegue.post(f"/carte/vues/{vue['id']}/supprimer").status_code == 404
    assert VueCarte.objects.count() == 2


def test_on_ne_partage_qu_avec_un_service_ou_l_on_travaille():
    client = entrer(dans(service(), "anne@exemple.test"))
    refus = garder(client, service=service("Voirie").pk)
    assert refus.status_code == 400 and "service" in refus.json()["erreur"]
    assert garder(client, service="abc").status_code == 400


@pytest.mark.parametrize(
    ("champs", "mot"),
    [
        ({"nom": ""}, "nom"),
        ({"nom": "x" * 81}, "trop long"),
        ({"adresse": ""}, "adresse"),
        ({"adresse": "https://ailleurs.exemple/"}, "adresse"),
        ({"adresse": "?couches=<script>#17/47/6"}, "adresse"),
        ({"adresse": f"?couches={'a' * 2000}#17/47/6"}, "adresse"),
    ],
)
def test_une_vue_impossible_est_refusee_avec_des_mots(champs, mot):
    refus = garder(entrer(agent("mairie.lecteur")), **champs)
    assert refus.status_code == 400
    assert mot in refus.json()["erreur"]
    assert not VueCarte.objects.exists()


def test_deux_vues_ne_portent_pas_le_meme_nom():
    client = entrer(agent("mairie.lecteur"))
    garder(client)
    refus = garder(client)
    assert refus.status_code == 400 and "Le bourg" in refus.json()["erreur"]


def test_la_base_refuse_une_adresse_d_ailleurs():
    personne = agent("mairie.lecteur")
    with pytest.raises(IntegrityError):
        VueCarte.objects.create(auteur=personne, nom="x", adresse="javascript:alert(1)")


def test_seuls_les_agents_ont_des_vues(plan):
    def reglages(client):
        page = client.get("/carte/").content.decode()
        return json.loads(
            re.search(r'id="carte-reglages" type="application/json">(.*?)</script>', page, re.S)[1]
        )

    assert "vues" not in reglages(Client())
    assert "vues" not in reglages(entrer(agent()))
    urbanisme = service()
    attendu = {"adresse": "/carte/vues/", "services": [{"id": urbanisme.pk, "nom": "Urbanisme"}]}
    assert reglages(entrer(dans(urbanisme, "anne@exemple.test")))["vues"] == attendu


# --- sites ----------------------------------------------------------------------------------------


def test_l_administrateur_liste_les_sites(plan):
    client = entrer(agent("mairie.administrateur"))
    assert "Aucun site" in client.get("/reglages/carte/").content.decode()
    reponse = client.post(
        "/reglages/carte/", {"origine": "www.exemple.fr", "note": "Site de la commune"}, follow=True
    )
    page = reponse.content.decode()
    assert "https://www.exemple.fr peut montrer la carte" in page and "Site de la commune" in page
    assert "https://www.exemple.fr" in Client().get("/carte/integree/")["Content-Security-Policy"]
    site = SiteEncadrant.objects.get()
    assert site.ajoute_par.nom == "Agent mairie.administrateur"
    client.post(f"/reglages/carte/{site.pk}/retirer/")
    assert "exemple.fr" not in Client().get("/carte/integree/")["Content-Security-Policy"]


@pytest.mark.parametrize("origine", ["https://a.fr; script-src *", "http://exemple.fr", "exemple", ""])
def test_un_site_douteux_est_refuse_et_rien_n_est_ecrit(origine):
    client = entrer(agent("mairie.administrateur"))
    reponse = client.post("/reglages/carte/", {"origine": origine})
    assert reponse.status_code == 400
    assert 'aria-invalid="true"' in reponse.content.decode()
    assert not SiteEncadrant.objects.exists()


def test_le_meme_site_deux_fois_se_dit():
    client = entrer(agent("mairie.administrateur"))
    client.post("/reglages/carte/", {"origine": "https://www.exemple.fr"})
    reponse = client.post("/reglages/carte/", {"origine": "WWW.exemple.fr"})
    assert reponse.status_code == 400
    assert SiteEncadrant.objects.count() == 1
