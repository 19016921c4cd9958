"""The open API as a whole: its description holds (schemathesis), its bounds, who may call it from a page."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.core.cache.backends.locmem import LocMemCache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from ninja.throttling import AnonRateThrottle
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.wsgi import application
from tests.couches_remplies import un_permis, un_plan_d_urbanisme, une_servitude

pytestmark = pytest.mark.django_db
VERIFICATIONS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
AILLEURS = "https://autre-site.exemple.invalid"


@pytest.fixture
def _connexion_gardee():
    """The server's handler closes the connection after each request: the test's transaction is in it."""
    signaux = (request_started, request_finished)
    for signal in signaux:
        signal.disconnect(close_old_connections)
    yield
    for signal in signaux:
        signal.connect(close_old_connections)


def eprouver(schema: Any, exemples: int, **choix: Any) -> int:
    """Play each operation with drawn parameters, always the same ones; how many operations."""
    operations = [
        trouvee.ok() for trouvee in (schema.include(**choix) if choix else schema).get_all_operations()
    ]
    for operation in operations:

        @settings(
            max_examples=exemples,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def jouer(case: Any) -> None:
            # The client of the tests does not unpack.
            case.call_and_validate(checks=VERIFICATIONS, headers={"Accept-Encoding": "identity"})

        jouer()
    return len(operations)


def test_l_api_repond_comme_elle_le_dit(plan, _connexion_gardee):
    un_plan_d_urbanisme()
    une_servitude()
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", application)
    assert eprouver(schema, 12) >= 14


def test_ogc_api_features_repond_comme_il_le_dit(plan, _connexion_gardee):
    un_plan_d_urbanisme()
    un_permis()
    schema = schemathesis.openapi.from_wsgi("/ogc/api", application)
    assert (
        eprouver(schema, 12, path_regex="^/$|conformance|collections$|/(parcelles|plu_zones|urba_dossiers)")
        == 15
    )


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
