"""Logs of the service: one JSON object a line, joined by the request's number, without personal data."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import re

import pytest
from django.test import Client

from config.settings.journaux import journaux
from mairie.journaux import FormatJson
from tests.personnes import agent

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.mairie.urls_pannes")]

PERSONNELS = ("Berthe", "Cachotin", "berthe.cachotin", "exemple.invalid", "impasse", "Discrète", "0612345678")


@pytest.fixture
def lignes():
    """Lines written by the production's handler, all levels."""
    flux = io.StringIO()
    poignee = logging.StreamHandler(flux)
    poignee.setFormatter(FormatJson())
    racine, acces = logging.getLogger(), logging.getLogger("acces")
    avant = racine.level, acces.level
    racine.addHandler(poignee)
    racine.setLevel(logging.INFO)
    acces.setLevel(logging.INFO)
    # Read only when asked for: the request must be over.
    yield lambda: [json.loads(ligne) for ligne in flux.getvalue().splitlines()]
    racine.removeHandler(poignee)
    racine.setLevel(avant[0])
    acces.setLevel(avant[1])


@pytest.fixture
def client():
    return Client(raise_request_exception=False)


def test_une_requete_fait_une_ligne_complete(client, lignes):
    personne = agent("mairie.lecteur")
    client.force_login(personne, backend="django.contrib.auth.backends.ModelBackend")
    reponse = client.get("/cadastre/?q=Berthe")
    (ligne,) = [x for x in lignes() if x["journal"] == "acces"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", ligne["temps"])
    assert ligne["duree_ms"] >= 0
    del ligne["temps"], ligne["duree_ms"]
    assert ligne == {
        "niveau": "INFO",
        "journal": "acces",
        "message": "GET /cadastre/ 200",
        "requete": reponse.headers["X-Request-Id"],
        "methode": "GET",
        "chemin": "/cadastre/",
        "statut": 200,
        "compte": personne.pk,
    }


def test_l_anonyme_n_a_pas_de_compte(client, lignes):
    client.get("/cadastre/")
    assert lignes()[-1]["compte"] is None


def test_toutes_les_lignes_d_une_requete_portent_son_numero(client, lignes):
    reponse = client.get("/essai/panne/")
    assert len(lignes()) >= 2
    assert {x["requete"] for x in lignes()} == {reponse.headers["X-Request-Id"]}


def test_rien_de_personnel_n_arrive_au_journal(client, lignes):
    """Whatever people type, wherever they type it, and whatever goes wrong with it."""
    personne = agent("mairie.lecteur", email="berthe.cachotin@exemple.invalid", nom="Berthe Cachotin")
    client.force_login(personne, backend="django.contrib.auth.backends.ModelBackend")
    client.cookies["nom"] = "Cachotin"
    entetes = {"User-Agent": "Berthe", "Referer": "http://testserver/?nom=Cachotin", "X-Nom": "Cachotin"}
    saisie = {"nom": "Berthe Cachotin", "tel": "0612345678", "adresse": "3 impasse Discrète"}
    for adresse in (
        "/essai/panne/",
        "/essai/doublon/",
        "/essai/bavarde/",
        "/essai/douteux/",
        "/essai/refus/",
        "/essai/base/",
        "/recherche/",
        "/Berthe/Cachotin/0612345678/",
        "/recherche/berthe.cachotin@exemple.invalid/",
        "/parcelles/CACHOTIN/".replace("CACHOTIN", "Cachotin"),
        "/essai/secret/Cachotin/Berthe-Cachotin.pdf/25999000AB0001/",
    ):
        client.get(adresse, {"nom": "Berthe Cachotin", "q": "3 impasse Discrète"}, headers=entetes)
        client.post(adresse, saisie, headers=entetes)
    assert len(lignes()) > 22
    assert [
        x for x in lignes() if any(m.lower() in json.dumps(x, ensure_ascii=False).lower() for m in PERSONNELS)
    ] == []
    assert "?" not in "".join(x.get("chemin", "") for x in lignes())


def test_un_secret_d_adresse_est_masque_et_un_code_reste(client, lignes):
    client.get("/essai/secret/1234567890/jean-42.pdf/25999000AB0001/")
    assert lignes()[-1]["chemin"] == "/essai/secret/…/…/25999000AB0001/"


def test_un_mot_d_adresse_qui_est_aussi_un_secret_est_masque(client, lignes):
    client.get("/essai/secret/panne/x/7/")
    assert lignes()[-1]["chemin"] == "/essai/secret/…/…/7/"


def test_une_panne_se_localise_sans_son_message(client, lignes):
    client.get("/essai/doublon/")
    (incident,) = [x for x in lignes() if x["message"].startswith("Incident ")]
    assert incident["niveau"] == "ERROR" and incident["journal"] == "mairie.erreurs"
    pile = incident["pile"]
    assert pile[0] == "django.db.utils.IntegrityError" and "builtins.KeyError" in pile
    assert any(re.search(r"urls_pannes\.py:\d+ doublon$", x) for x in pile)


def test_le_texte_d_un_paquet_est_garde_sans_ce_qu_il_y_met(client, lignes):
    client.get("/essai/bavarde/")
    assert [x["message"] for x in lignes() if x["journal"] == "paquet.tiers"] == [
        "Échec pour %s",
        "(texte non gardé)",
    ]


def test_le_numero_du_serveur_frontal_n_est_repris_que_d_un_serveur_de_confiance(client, settings):
    numero = "0123456789abcdef" * 2
    entetes = {"X-Request-Id": numero}
    assert client.get("/sante/", headers=entetes).headers["X-Request-Id"] != numero
    settings.PROXYS_DE_CONFIANCE = 1
    assert client.get("/sante/", headers=entetes).headers["X-Request-Id"] == numero
    faux = client.get("/sante/", headers={"X-Request-Id": "Berthe\tCachotin"})
    assert re.fullmatch("[0-9a-f]{32}", faux.headers["X-Request-Id"])


def test_les_journaux_de_production_sont_une_seule_sortie_en_json():
    reglage = journaux(True, "INFO", "INFO")
    assert reglage["handlers"]["console"]["formatter"] == "json"
    assert reglage["formatters"]["json"]["()"] == "mairie.journaux.FormatJson"
    assert reglage["loggers"]["django"] == {"handlers": [], "level": "INFO", "propagate": True}
    logging.config.DictConfigurator(reglage)
