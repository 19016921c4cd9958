"""The frame of every page: header, search, footer, errors, health."""

from __future__ import annotations

import re

import pytest
from django.db import DatabaseError

from mairie import territoire

pytestmark = pytest.mark.django_db


def test_le_cadre_a_ses_reperes(client):
    page = client.get("/recherche/").content.decode()
    assert '<html lang="fr">' in page
    assert page.index('class="evitement"') < page.index("<header")
    assert 'role="search"' in page and 'name="q"' in page
    assert '<main id="contenu"' in page
    for adresse in ("/carte/", "/cadastre/", "/recherche/"):
        assert f'href="{adresse}"' in page
    assert "DGFiP – Cadastre" in page and "Licence Ouverte" in page


@pytest.mark.parametrize("adresse", ["/", "/recherche/?q=AB+1", "/cadastre/", "/parcelles/25999000AB0001/"])
def test_aucun_script_ni_style_dans_la_page(client, plan, adresse):
    reponse = client.get(adresse)
    assert reponse.status_code == 200
    page = reponse.content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=", page)
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    politique = reponse.headers["Content-Security-Policy"]
    assert "default-src 'self'" in politique and "unsafe-inline" not in politique


def test_une_adresse_inconnue_donne_une_page_en_francais(client):
    reponse = client.get("/nulle-part/")
    assert reponse.status_code == 404
    assert "Page introuvable" in reponse.content.decode()


def test_la_sante_est_un_json(client):
    reponse = client.get("/sante/")
    assert reponse.status_code == 200
    assert reponse.json()["base"]["etat"] == "bonne"
    assert reponse.headers["Cache-Control"] == "no-store"


def test_sans_base_la_sante_repond_503_et_les_pages_d_erreur_restent_lisibles(client, monkeypatch):
    def en_panne(*_a, **_k):
        raise DatabaseError("serveur arrêté")

    monkeypatch.setattr("mairie.views.connection.cursor", en_panne)
    reponse = client.get("/sante/")
    assert reponse.status_code == 503
    assert reponse.json()["base"]["etat"] == "injoignable"

    monkeypatch.setattr(territoire, "_fournisseurs", [en_panne])
    reponse = client.get("/nulle-part/")
    assert reponse.status_code == 404
    assert "Page introuvable" in reponse.content.decode()


def test_le_nom_affiche_suit_le_reglage_puis_les_communes(settings):
    une = territoire.Territoire(communes=(("25999", "Valbrune"),))
    deux = territoire.Territoire(communes=(("25999", "Valbrune"), ("25998", "Autre")))
    assert une.nom == "Valbrune"
    assert deux.nom == "2 communes"
    settings.COLLECTIVITE_NOM = "Communauté du Val"
    assert deux.nom == "Communauté du Val"
