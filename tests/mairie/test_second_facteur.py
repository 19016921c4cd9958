"""Second factor: set up, asked, burnt, compulsory for agents, never in clear in the database."""

from __future__ import annotations

import re

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from mairie.comptes.adaptateurs import AdaptateurSecondFacteur
from mairie.models import Utilisateur
from tests.mairie.test_porte import connecte, entrer
from tests.personnes import MOT_DE_PASSE, agent, avec_mot_de_passe, avec_second_facteur, code_totp

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _heure():
    """Codes last thirty seconds: time stands still, and tests move it."""
    with time_machine.travel("2026-03-10T10:00:00+01:00", tick=False) as horloge:
        yield horloge


@pytest.fixture
def personne():
    return avec_mot_de_passe(agent("mairie.lecteur", email="agente@exemple.invalid"))


def test_l_activation_demande_un_bon_code_et_donne_des_codes_de_secours(client, personne):
    entrer(client)
    page = client.get("/connexion/double-facteur/activer/").content.decode()
    secret = re.search(r'porte-cle">([A-Z2-7]+)<', page).group(1)
    assert "data:image/svg+xml;base64," in page
    faux = client.post("/connexion/double-facteur/activer/", {"code": "000000"})
    assert faux.status_code == 200 and not Authenticator.objects.exists()
    # The same secret is shown again after a mistake: the phone already holds it.
    assert secret in faux.content.decode()
    fait = client.post("/connexion/double-facteur/activer/", {"code": code_totp(secret)})
    assert fait.headers["Location"] == "/connexion/double-facteur/codes/"
    codes = client.get("/connexion/double-facteur/codes/").content.decode()
    assert len(re.findall(r"<code>\d{8}</code>", codes)) == 10
    fichier = client.get("/connexion/double-facteur/codes/fichier/")
    assert fichier.headers["Content-Type"].startswith("text/plain") and len(fichier.content.split()) == 10
    # Neither secret nor seed in clear in the database.
    assert secret not in str(list(Authenticator.objects.values_list("data", flat=True)))


def test_le_code_est_demande_apres_le_mot_de_passe(client, personne):
    secret = avec_second_facteur(personne)
    assert entrer(client).headers["Location"].startswith("/connexion/code/")
    assert not connecte(client)
    assert client.get("/connexion/compte/").status_code == 302
    assert client.post("/connexion/code/", {"code": code_totp(secret)}).status_code == 302
    assert connecte(client)


def test_la_page_du_code_ne_s_ouvre_pas_sans_mot_de_passe(client, personne):
    avec_second_facteur(personne)
    assert client.get("/connexion/code/").headers["Location"].startswith("/connexion/")


@pytest.mark.parametrize(("decalage", "bon"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_une_horloge_qui_derive_de_trente_secondes_passe(client, personne, decalage, bon):
    secret = avec_second_facteur(personne)
    entrer(client)
    client.post("/connexion/code/", {"code": code_totp(secret, decalage)})
    assert connecte(client) is bon


def test_un_code_vu_par_dessus_l_epaule_ne_sert_pas_deux_fois(client, personne):
    secret = avec_second_facteur(personne)
    code = code_totp(secret)
    entrer(client)
    client.post("/connexion/code/", {"code": code})
    voleur = Client()
    entrer(voleur)
    reponse = voleur.post("/connexion/code/", {"code": f" {code[:3]} {code[3:]} "})
    assert "déjà servi" in reponse.content.decode() and not connecte(voleur)


def test_un_code_de_secours_sert_une_fois(client, personne):
    avec_second_facteur(personne)
    secours = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    entrer(client)
    client.post("/connexion/code/", {"code": secours})
    assert connecte(client)
    autre = Client()
    entrer(autre)
    autre.post("/connexion/code/", {"code": secours})
    assert not connecte(autre)
    assert len(Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()) == 9


def test_cinq_mauvais_codes_verrouillent_meme_le_mot_de_passe(client, personne):
    secret = avec_second_facteur(personne)
    entrer(client)
    reponses = [client.post("/connexion/code/", {"code": "000000"}).status_code for _ in range(5)]
    assert reponses == [200, 200, 200, 200, 429]
    assert client.post("/connexion/code/", {"code": code_totp(secret)}).status_code == 429
    assert not connecte(client)
    # A right password in between does not give five more tries.
    assert entrer(Client()).status_code == 429


def test_un_bon_mot_de_passe_ne_remet_pas_le_compte_des_codes_a_zero(client, personne):
    avec_second_facteur(personne)
    for _ in range(4):
        entrer(client)
        client.post("/connexion/code/", {"code": "000000"})
    entrer(client)
    assert client.post("/connexion/code/", {"code": "000000"}).status_code == 429


def test_retirer_ou_refaire_demande_qui_l_on_est(client, personne, _heure):
    secret = avec_second_facteur(personne)
    entrer(client)
    client.post("/connexion/code/", {"code": code_totp(secret)})
    # Just in: not asked again. Later: asked.
    assert client.get("/connexion/double-facteur/retirer/").status_code == 200
    _heure.shift(301)
    lieu = client.post("/connexion/double-facteur/retirer/").headers["Location"]
    assert lieu.startswith("/connexion/verifier/") and Authenticator.objects.count() == 2
    assert (
        client.get("/connexion/double-facteur/codes/").headers["Location"].startswith("/connexion/verifier/")
    )
    assert client.post(lieu, {"password": "faux"}).status_code == 200
    suite = client.post(lieu, {"password": MOT_DE_PASSE})
    assert suite.status_code == 302 and not Authenticator.objects.exists()


def test_la_cle_perdue_se_dit_au_lieu_de_refuser_des_codes_justes(personne, settings):
    chiffre = AdaptateurSecondFacteur().encrypt("SECRET")
    ancienne, settings.SECRET_KEY = settings.SECRET_KEY, "une-autre-cle"
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY_FALLBACKS"):
        AdaptateurSecondFacteur().decrypt(chiffre)
    settings.SECRET_KEY_FALLBACKS = [ancienne]
    assert AdaptateurSecondFacteur().decrypt(chiffre) == "SECRET"


# --- Compulsory for agents ----------------------------------------------------------------------


@pytest.fixture
def _exige(settings):
    settings.MFA_OBLIGATOIRE_AGENTS = True


@pytest.mark.usefixtures("_exige")
def test_un_agent_sans_second_facteur_n_ouvre_que_son_activation(client, personne):
    entrer(client)
    for adresse in ("/", "/carte/", "/recherche/", "/journal/"):
        assert client.get(adresse).headers["Location"] == "/connexion/double-facteur/activer/", adresse
    assert client.get("/api/cadastre/communes").status_code == 403
    assert client.get("/recherche/", HTTP_HX_REQUEST="true").status_code == 403
    assert client.get("/connexion/double-facteur/activer/").status_code == 200
    assert client.get("/sante/").status_code == 200
    assert client.post("/connexion/sortir/").status_code == 302


@pytest.mark.usefixtures("_exige")
def test_un_agent_qui_l_a_ouvre_tout_et_ne_peut_pas_le_retirer(client, personne):
    secret = avec_second_facteur(personne)
    entrer(client)
    client.post("/connexion/code/", {"code": code_totp(secret)})
    assert client.get("/recherche/").status_code == 200
    assert "ne se retire pas" in client.get("/connexion/double-facteur/retirer/").content.decode()
    client.post("/connexion/double-facteur/retirer/")
    assert Authenticator.objects.filter(type="totp").exists()


@pytest.mark.usefixtures("_exige")
def test_un_habitant_n_y_est_pas_tenu(client):
    avec_mot_de_passe(agent(email="habitant@exemple.invalid"))
    entrer(client, "habitant@exemple.invalid")
    assert client.get("/recherche/").status_code == 200


def test_sans_le_reglage_un_agent_entre_sans_second_facteur(client, personne):
    entrer(client)
    assert client.get("/recherche/").status_code == 200


# --- The technical administration ---------------------------------------------------------------


def test_l_administration_technique_exige_un_super_utilisateur_et_son_second_facteur(client, personne):
    entrer(client)
    assert client.get("/django/").status_code == 403
    racine = Utilisateur.objects.create_superuser("racine@exemple.invalid", MOT_DE_PASSE)
    racine_client = Client()
    entrer(racine_client, racine.email)
    # Even where agents are not bound to one.
    assert racine_client.get("/django/").headers["Location"] == "/connexion/double-facteur/activer/"
    avec_second_facteur(racine)
    assert racine_client.get("/django/").status_code == 200
    assert racine_client.get("/django/login/").headers["Location"] == "/django/"
    assert racine_client.post("/django/logout/").headers["Location"] == "/connexion/sortir/"
    assert racine_client.get("/django/password_change/").headers["Location"] == "/connexion/mot-de-passe/"


def test_un_agent_du_personnel_django_n_entre_pas_pour_autant(client, personne):
    Utilisateur.objects.filter(pk=personne.pk).update(is_staff=True)
    avec_second_facteur(personne)
    client.force_login(personne)
    assert client.get("/django/").status_code == 403
