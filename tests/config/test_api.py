"""The open API as a whole: search, its bounds, who may call it from a page of another site."""

from __future__ import annotations

import pytest
from django.core.cache.backends.locmem import LocMemCache
from ninja.throttling import AnonRateThrottle

from tests.couches_remplies import un_permis

pytestmark = pytest.mark.django_db
AILLEURS = "https://autre-site.exemple.invalid"


# --- search -------------------------------------------------------------------------------------


def test_la_recherche_pour_les_programmes(client, plan):
    reponse = client.get("/api/recherche", {"q": "AB 3"})
    (trouve,) = reponse.json()["resultats"]
    assert trouve["idu"] == plan.parcelles[2].idu and trouve["type"] == "parcelle"
    assert trouve["url"] == f"/parcelles/{trouve['idu']}/" and len(trouve["bbox"]) == 4
    assert len(client.get("/api/recherche", {"q": "AB 1 à 12", "limite": 5}).json()["resultats"]) == 5
    assert client.get("/api/recherche", {"q": "AB 9999"}).json()["erreurs"]


@pytest.mark.parametrize(
    "demande", [{}, {"q": ""}, {"q": "x" * 1001}, {"q": "a", "limite": 0}, {"q": "a", "limite": 10**9}]
)
def test_une_recherche_impossible_est_refusee_en_francais(client, plan, demande):
    reponse = client.get("/api/recherche", demande)
    assert reponse.status_code == 422 and "Valeur refusée" in reponse.json()["detail"]


def test_la_recherche_ne_dit_a_personne_plus_qu_au_public(client, plan):
    from tests.personnes import agent
    from tests.urba.fabrique_urba import personne

    personne("Zéphirine Inventée")
    un_permis()
    anonyme = client.get("/api/recherche", {"q": "Zéphirine"}).content
    client.force_login(agent("urba.instructeur"), "django.contrib.auth.backends.ModelBackend")
    assert client.get("/api/recherche", {"q": "Zéphirine"}).content == anonyme
    assert "Zéphirine Inventée".encode() not in anonyme


# --- bounds -------------------------------------------------------------------------------------


def test_au_dela_du_debit_un_appel_est_refuse_et_dit_quand_recommencer(client, plan, monkeypatch):
    cache = LocMemCache("debit", {})
    monkeypatch.setattr(AnonRateThrottle, "cache", cache)
    from config.api import api

    (frein,) = api.throttle
    monkeypatch.setattr(frein, "num_requests", 3)
    monkeypatch.setattr(frein, "duration", 60)
    statuts = [client.get("/api/recherche", {"q": "AB 1"}).status_code for _ in range(4)]
    assert statuts == [200, 200, 200, 429]
    refus = client.get("/api/contraintes", {"lon": 6.35, "lat": 47.1})
    assert refus.status_code == 429 and "réessayez" in refus.json()["detail"]
    assert 0 < int(refus["Retry-After"]) <= 60
    # An address that the caller invents changes nothing, without a proxy that is ours.
    invente = client.get("/api/recherche", {"q": "AB 1"}, headers={"x-forwarded-for": "192.0.2.8"})
    assert invente.status_code == 429
    # Another address has its own count.
    assert client.get("/api/recherche", {"q": "AB 1"}, REMOTE_ADDR="192.0.2.7").status_code == 200
    cache.clear()


# --- other sites --------------------------------------------------------------------------------


@pytest.mark.parametrize("adresse", ["/api/recherche?q=AB+1", "/ogc/collections/parcelles/items?limit=1"])
def test_une_page_d_ailleurs_lit_les_services_ouverts_sans_cookie(client, plan, settings, adresse):
    settings.API_ORIGINES = ["*"]
    reponse = client.get(adresse, headers={"origin": AILLEURS})
    assert reponse["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in reponse
    assert "Access-Control-Allow-Origin" not in client.get(adresse)


def test_seules_les_origines_listees_lisent(client, plan, settings):
    settings.API_ORIGINES = [AILLEURS]
    permise = client.get("/api/cadastre/communes", headers={"origin": AILLEURS})
    assert permise["Access-Control-Allow-Origin"] == AILLEURS and "Origin" in permise["Vary"]
    autre = client.get("/api/cadastre/communes", headers={"origin": "https://autre.exemple.invalid"})
    assert "Access-Control-Allow-Origin" not in autre and "Origin" in autre["Vary"]
    settings.API_ORIGINES = []
    assert "Access-Control-Allow-Origin" not in client.get("/ogc/", headers={"origin": AILLEURS})


def test_ce_que_le_navigateur_demande_avant_d_appeler(client, db, settings):
    settings.API_ORIGINES = [AILLEURS]
    entetes = {"origin": AILLEURS, "access-control-request-method": "POST"}
    reponse = client.options("/api/contraintes", headers=entetes)
    assert reponse.status_code == 204
    assert "POST" in reponse["Access-Control-Allow-Methods"]
    assert "Content-Type" in reponse["Access-Control-Allow-Headers"]
    refusee = client.options("/api/contraintes", headers={**entetes, "origin": "https://x.exemple.invalid"})
    assert "Access-Control-Allow-Origin" not in refusee


def test_le_reste_du_site_ne_se_lit_pas_d_ailleurs(client, plan, settings):
    settings.API_ORIGINES = ["*"]
    for adresse in ("/", "/carte/", "/recherche/?q=AB+1", "/carte/couches.json"):
        assert "Access-Control-Allow-Origin" not in client.get(adresse, headers={"origin": AILLEURS})
