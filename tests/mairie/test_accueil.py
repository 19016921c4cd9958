"""The public home: the question, the four doors open or not, how to reach the town hall; the procedures."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from gis_data.couches.registre import couche
from mairie import demarches, portes
from mairie.demarches import Demarche
from mairie.models import Collectivite
from mairie.portes import Porte
from tests.personnes import agent, commune

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _registres(monkeypatch):
    monkeypatch.setattr(portes, "_portes", dict(portes._portes))
    monkeypatch.setattr(demarches, "_demarches", {})


def texte(reponse) -> str:
    return html.unescape(reponse.content.decode())


def test_l_accueil_pose_sa_question_sur_le_plan(client, plan):
    page = texte(client.get("/"))
    assert page.count('id="recherche-carte"') == 1
    assert 'data-lon="5.' in page or 'data-lon="6.' in page


def test_l_accueil_sans_plan_le_dit(client):
    page = texte(client.get("/"))
    assert "Aucun plan n'est encore chargé" in page and "ouverture-carte" not in page


def test_les_quatre_portes_sont_la_et_aucune_n_est_morte(client, plan):
    page = texte(client.get("/"))
    for titre in (
        "Voir mon terrain",
        "Faire une demande",
        "Suivre ma demande",
        "Travaux et permis autour de moi",
    ):
        assert f'<span class="porte-titre">{titre}</span>' in page
    corps = page[page.index("<main") : page.index("<footer")]
    adresses = set(re.findall(r'href="(/[^"]*)"', corps))
    assert {"/carte/", "/recherche/", "/cadastre/", "/api/docs"} <= adresses
    for adresse in adresses:
        assert client.get(adresse, follow=True).status_code == 200, adresse


def test_autour_de_moi_ouvre_la_carte_sur_ce_qui_est_publie(client, plan):
    reponse = client.get("/autour/")
    assert reponse.status_code == 302
    demande = parse_qs(urlsplit(reponse["Location"]).query)
    assert urlsplit(reponse["Location"]).path == "/carte/"
    noms = demande["couches"][0].split(",")
    assert {"urba_dossiers", "odp_occupations"} <= set(noms)
    assert all(couche(nom).publique for nom in noms)
    assert demande["z"] == ["16"] and abs(float(demande["lat"][0])) <= 90


def test_autour_de_moi_sans_rien_de_publie_est_ferme(client, monkeypatch):
    monkeypatch.setattr(portes, "couches", tuple)
    assert client.get("/autour/").status_code == 404
    assert "seront sur la carte dès leur publication" in texte(client.get("/"))


def test_une_porte_fermee_dit_ce_qui_viendra_sans_lien(client):
    portes.ouvrir(
        "suivi",
        Porte("Suivre ma demande", "Ouverte", "bi-signpost", "/nulle-part/", 30, True, "Viendra plus tard."),
    )
    page = texte(client.get("/"))
    assert "Viendra plus tard." in page and "/nulle-part/" not in page
    assert "Pas encore ouvert" in page


def test_une_porte_s_ouvre_des_que_son_adresse_repond(client):
    portes.ouvrir(
        "suivi", Porte("Suivre ma demande", "C'est ouvert.", "bi-signpost", "/cadastre/", 30, True, "Fermée.")
    )
    page = texte(client.get("/"))
    assert "C'est ouvert." in page and "Fermée." not in page


def test_une_porte_secondaire_fermee_est_absente(client):
    portes.ouvrir("essai", Porte("Porte d'essai", "x", "bi-x", "/nulle-part/", 99))
    assert "Porte d'essai" not in texte(client.get("/"))


def test_la_premiere_demarche_ouvre_la_porte(client):
    assert 'href="/demarches/"' not in texte(client.get("/"))
    vide = texte(client.get("/demarches/"))
    assert "ne sont pas encore ouvertes" in vide
    demarches.declarer(
        Demarche("b", "Poser un échafaudage", "Sur le trottoir.", "bi-cone", "/cadastre/", 20, "La rue"),
        Demarche("a", "Construire une maison", "Permis.", "bi-house", "/recherche/", 10, "Construire"),
        Demarche("c", "Jamais montrée", "x", "bi-x", "/nulle-part/", 1, "Construire"),
    )
    assert 'href="/demarches/"' in texte(client.get("/"))
    page = texte(client.get("/demarches/"))
    assert "Jamais montrée" not in page and "ne sont pas encore ouvertes" not in page
    assert page.index("Construire une maison") < page.index("La rue") < page.index("Poser un échafaudage")


def test_la_mairie_se_joint_quand_elle_est_seule(client):
    seule = commune()
    seule.telephone, seule.courriel, seule.adresse = (
        "03 81 00 00 00",
        "mairie@exemple.invalid",
        "1 place\n25999 X",
    )
    seule.save()
    page = texte(client.get("/"))
    assert 'href="tel:0381000000"' in page and "mailto:mairie@exemple.invalid" in page
    assert "1 place<br>25999 X" in page
    autre = commune("25998")
    assert "Joindre la mairie" not in texte(client.get("/"))
    epci = commune("259990001")
    epci.telephone = "03 81 11 11 11"
    epci.save()
    assert "03 81 11 11 11" in texte(client.get("/"))
    autre.delete()
    Collectivite.objects.filter(pk=seule.pk).update(active=False)
    assert "03 81 00 00 00" not in texte(client.get("/"))


def test_se_connecter_n_est_offert_qu_a_l_anonyme_et_si_la_porte_existe(client):
    from mairie.ouverture import ouverte

    assert ("Se connecter" in texte(client.get("/"))) is ouverte("/connexion/")
    client.force_login(agent("mairie.lecteur"), backend="django.contrib.auth.backends.ModelBackend")
    assert "Se connecter" not in texte(client.get("/"))
