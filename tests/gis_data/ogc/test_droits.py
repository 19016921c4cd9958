"""Internal layers: for those who hold the right alone, kept by no cache; elsewhere they do not exist."""

from __future__ import annotations

import pytest

from tests.couches import couche_interne
from tests.personnes import agent

PORTE = "django.contrib.auth.backends.ModelBackend"
RESSOURCES = ["", "/queryables", "/items", "/items/25999000AB0001"]


@pytest.fixture
def interne(plan):
    with couche_interne() as nom:
        yield nom


@pytest.fixture
def habilite(db):
    personne = agent()
    personne.is_staff = True
    personne.save()
    return personne


@pytest.mark.parametrize("suite", RESSOURCES)
def test_une_couche_interne_n_existe_pas_pour_le_public(client, interne, suite):
    reponse = client.get(f"/ogc/collections/{interne}{suite}")
    assert reponse.status_code == 404
    # The very words of a layer that does not exist.
    inconnue = client.get(f"/ogc/collections/urba_absent{suite}")
    assert reponse.json()["description"].replace(interne, "urba_absent") == inconnue.json()["description"]
    client.force_login(agent(), PORTE)
    assert client.get(f"/ogc/collections/{interne}{suite}").status_code == 404


@pytest.mark.parametrize("suite", RESSOURCES)
@pytest.mark.parametrize("forme", ["json", "html"])
def test_qui_a_le_droit_la_lit_et_aucun_cache_ne_la_garde(client, interne, habilite, suite, forme):
    client.force_login(habilite, PORTE)
    reponse = client.get(f"/ogc/collections/{interne}{suite}", {"f": forme})
    assert reponse.status_code == 200
    assert reponse["Cache-Control"] == "private, no-store"
    assert "ETag" not in reponse


def test_la_liste_et_la_description_dependent_du_lecteur(client, interne, habilite):
    for adresse in ("/ogc/collections", "/ogc/api"):
        publique = client.get(adresse)
        assert interne not in publique.content.decode()
        assert publique["Cache-Control"] == "no-cache" and "Cookie" in publique["Vary"]
    client.force_login(habilite, PORTE)
    for adresse in ("/ogc/collections", "/ogc/api"):
        sienne = client.get(adresse)
        assert interne in sienne.content.decode()
        assert sienne["Cache-Control"] == "private, no-store"


def test_une_collection_publique_ne_lit_pas_la_session(client, plan):
    """The same bytes for everybody, so that a cache may keep them."""
    adresse = "/ogc/collections/parcelles/items?limit=3"
    anonyme = client.get(adresse)
    client.force_login(agent(), PORTE)
    connecte = client.get(adresse)
    assert anonyme.content == connecte.content and anonyme["ETag"] == connecte["ETag"]
    assert "Cookie" not in connecte["Vary"] and not connecte.cookies
