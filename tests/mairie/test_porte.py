"""The one door, as a browser sees it: in, out, lost password, new account, lock-out, redirections."""

from __future__ import annotations

import re

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from mairie.models import Utilisateur
from tests.personnes import MOT_DE_PASSE, agent, avec_mot_de_passe

pytestmark = pytest.mark.django_db

NOUVEAU = "autre-phrase-secrete-2026"


@pytest.fixture
def personne():
    return avec_mot_de_passe(agent("mairie.lecteur", email="agente@exemple.invalid"))


def entrer(client, email="agente@exemple.invalid", mot_de_passe=MOT_DE_PASSE, suite="", **entetes):
    donnees = {"login": email, "password": mot_de_passe}
    if suite:
        donnees["next"] = suite
    return client.post("/connexion/", donnees, **entetes)


def connecte(client) -> bool:
    return "_auth_user_id" in client.session


# --- In and out ---------------------------------------------------------------------------------


def test_un_agent_entre_par_son_adresse_sans_regarder_la_casse(client, personne):
    reponse = entrer(client, email="Agente@Exemple.INVALID")
    assert reponse.status_code == 302 and connecte(client)
    # A desk is shared: the session ends with the browser, not twelve hours later.
    assert client.session.get_expire_at_browser_close()


def test_un_habitant_arrive_a_l_accueil(client):
    avec_mot_de_passe(agent(email="habitant@exemple.invalid"))
    assert entrer(client, "habitant@exemple.invalid").headers["Location"] == "/"


def test_l_on_revient_ou_l_on_allait(client, personne):
    assert client.get("/connexion/compte/").headers["Location"] == "/connexion/?next=/connexion/compte/"
    page = client.get("/connexion/?next=/connexion/compte/").content.decode()
    assert 'name="next" value="/connexion/compte/"' in page
    assert entrer(client, suite="/connexion/compte/").headers["Location"] == "/connexion/compte/"


@pytest.mark.parametrize(
    "suite",
    [
        "https://pirate.example/",
        "//pirate.example/",
        "/\\pirate.example",
        "javascript:alert(1)",
        "http:///pirate.example",
        "https:pirate.example",
        "\thttps://pirate.example",
    ],
)
def test_la_suite_ne_mene_jamais_ailleurs(client, personne, suite):
    lieu = entrer(client, suite=suite).headers["Location"]
    assert connecte(client) and lieu.startswith("/") and "pirate" not in lieu
    # Nor when one is already in, nor on the way out.
    assert "pirate" not in client.get("/connexion/", {"next": suite}).headers["Location"]
    assert "pirate" not in client.post("/connexion/sortir/", {"next": suite}).headers["Location"]


def test_sortir_ferme_la_session(client, personne):
    entrer(client)
    assert "Se déconnecter" in client.get("/connexion/sortir/").content.decode()
    assert connecte(client), "un lien ne déconnecte pas"
    assert client.post("/connexion/sortir/").headers["Location"] == "/"
    assert not connecte(client)


def test_un_mauvais_mot_de_passe_et_un_compte_inconnu_se_disent_pareil(client, personne):
    mauvais = entrer(client, mot_de_passe="faux").content.decode()
    inconnu = entrer(client, email="nul@exemple.invalid").content.decode()
    for page in (mauvais, inconnu):
        assert "L&#x27;adresse ou le mot de passe n&#x27;est pas le bon." in page
        assert MOT_DE_PASSE not in page
    assert not connecte(client)


def test_un_compte_ferme_le_lit_en_entrant(client, personne):
    Utilisateur.objects.filter(pk=personne.pk).update(is_active=False)
    reponse = entrer(client)
    assert reponse.headers["Location"] == "/connexion/ferme/" and not connecte(client)
    assert "Ce compte est fermé" in client.get("/connexion/ferme/").content.decode()
    # Without the right password nothing says that it exists.
    assert "fermé" not in entrer(client, mot_de_passe="faux").content.decode()


def test_fermer_un_compte_ferme_ses_sessions(client, personne):
    entrer(client)
    Utilisateur.objects.filter(pk=personne.pk).update(is_active=False)
    assert client.get("/connexion/compte/").headers["Location"].startswith("/connexion/?next=")


def test_les_pages_de_la_porte_ne_se_gardent_pas(client, personne):
    for adresse in ("/connexion/", "/connexion/mot-de-passe/oublie/"):
        assert "no-store" in client.get(adresse).headers["Cache-Control"]
    entrer(client)
    assert "no-store" in client.get("/connexion/compte/").headers["Cache-Control"]


# --- Lock-out -----------------------------------------------------------------------------------


def echouer(client, fois, **options):
    return [entrer(client, mot_de_passe="faux", **options) for _ in range(fois)][-1]


def test_cinq_echecs_verrouillent_et_le_bon_mot_de_passe_n_ouvre_plus(client, personne):
    assert echouer(client, 4).status_code == 200
    cinquieme = echouer(client, 1)
    assert cinquieme.status_code == 429
    page = cinquieme.content.decode()
    assert ("15 minutes" in page and "Trop d&#x27;essais" in page) or "Trop d'essais" in page
    assert entrer(client).status_code == 429 and not connecte(client)
    # Same account written otherwise, another browser of the same address: still locked.
    assert entrer(Client(), email="AGENTE@exemple.invalid").status_code == 429


def test_le_verrou_tombe_apres_son_delai(client, personne):
    with time_machine.travel("2026-03-10T10:00:00+01:00", tick=False) as horloge:
        echouer(client, 5)
        horloge.shift(14 * 60)
        assert entrer(client).status_code == 429
        horloge.shift(61)
        assert entrer(client).status_code == 302


def test_le_verrou_ne_gene_ni_une_autre_adresse_ni_un_autre_compte(client, personne):
    avec_mot_de_passe(agent(email="voisin@exemple.invalid"))
    echouer(client, 5)
    assert entrer(Client(REMOTE_ADDR="192.0.2.7")).status_code == 302
    assert entrer(Client(), "voisin@exemple.invalid").status_code == 302


def test_un_succes_remet_le_compte_a_zero(client, personne):
    echouer(client, 4)
    assert entrer(client).status_code == 302
    client.post("/connexion/sortir/")
    assert echouer(client, 4).status_code == 200


def test_sans_proxy_un_entete_ne_change_pas_d_adresse(client, personne):
    for n in range(5):
        entrer(client, mot_de_passe="faux", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}")
    assert entrer(client).status_code == 429


def test_derriere_un_proxy_c_est_le_vrai_appelant_qui_compte(client, personne, settings):
    settings.PROXYS_DE_CONFIANCE = 1
    # The caller writes what he wants on the left; our proxy adds on the right what it saw.
    for n in range(5):
        entrer(client, mot_de_passe="faux", HTTP_X_FORWARDED_FOR=f"198.51.100.{n}, 203.0.113.9")
    assert entrer(client, HTTP_X_FORWARDED_FOR="198.51.100.77, 203.0.113.9").status_code == 429
    assert entrer(client, HTTP_X_FORWARDED_FOR="203.0.113.10").status_code == 302


def test_les_essais_gardes_ne_disent_ni_mot_de_passe_ni_autre_saisie(client, personne):
    from axes.models import AccessAttempt

    entrer(client, mot_de_passe="presque-le-bon")
    essai = AccessAttempt.objects.get()
    assert "presque-le-bon" not in essai.post_data and "agente@" not in essai.post_data


# --- Lost password ------------------------------------------------------------------------------


def lien_du_courriel() -> str:
    return re.search(r"https?://[^/\s]+(/\S+)", mail.outbox[-1].body).group(1)


def test_l_oubli_envoie_un_lien_qui_sert_une_fois(client, personne):
    entrer(client)
    autre = Client()
    reponse = autre.post("/connexion/mot-de-passe/oublie/", {"email": personne.email})
    assert reponse.headers["Location"] == "/connexion/mot-de-passe/oublie/envoye/"
    assert mail.outbox[0].to == [personne.email]
    assert mail.outbox[0].subject == "Choisir un nouveau mot de passe"
    page = autre.get(lien_du_courriel(), follow=True)
    adresse = page.redirect_chain[-1][0]
    # The key is no longer in the address where the password is typed.
    assert adresse.endswith("-set-password/")
    faible = autre.post(adresse, {"password1": "azerty", "password2": "azerty"})
    assert faible.status_code == 200 and "12 caract" in faible.content.decode()
    fait = autre.post(adresse, {"password1": NOUVEAU, "password2": NOUVEAU})
    assert fait.headers["Location"] == "/connexion/mot-de-passe/oublie/fait/"
    assert mail.outbox[-1].subject == "Votre mot de passe a changé"
    # Sessions opened with the old one are over, the link too.
    assert client.get("/connexion/compte/").status_code == 302
    assert entrer(Client(), mot_de_passe=NOUVEAU).status_code == 302
    lien = re.search(r"https?://[^/\s]+(/\S+)", mail.outbox[0].body).group(1)
    perime = Client().get(lien, follow=True).content.decode()
    assert "plus valable" in perime


def test_le_lien_de_l_oubli_perime_en_un_jour(client, personne):
    with time_machine.travel("2026-03-10T10:00:00+01:00", tick=False) as horloge:
        client.post("/connexion/mot-de-passe/oublie/", {"email": personne.email})
        horloge.shift(24 * 3600 + 1)
        assert "plus valable" in client.get(lien_du_courriel(), follow=True).content.decode()


def test_l_oubli_d_une_adresse_inconnue_ne_dit_rien(client, personne):
    connue = client.post("/connexion/mot-de-passe/oublie/", {"email": personne.email}, follow=True)
    envoyes = len(mail.outbox)
    inconnue = Client().post("/connexion/mot-de-passe/oublie/", {"email": "nul@exemple.invalid"}, follow=True)
    assert len(mail.outbox) == envoyes, "aucun courriel à une adresse tapée par un inconnu"
    assert connue.redirect_chain == inconnue.redirect_chain
    assert _sans_jetons(connue) == _sans_jetons(inconnue)


def _sans_jetons(reponse) -> str:
    return re.sub(r'value="[A-Za-z0-9]{64}"|nonce="[^"]+"', "", reponse.content.decode())


def test_un_serveur_de_courriel_absent_ne_casse_pas_la_page(client, personne, monkeypatch, caplog):
    def en_panne(*_a, **_k):
        raise ConnectionRefusedError(f"{personne.email} refusé")

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", en_panne)
    reponse = client.post("/connexion/mot-de-passe/oublie/", {"email": personne.email})
    assert reponse.status_code == 302
    assert "n'est pas parti" in caplog.text and personne.email not in caplog.text


# --- Password and address, known ----------------------------------------------------------------


def test_changer_de_mot_de_passe_ferme_les_autres_sessions(client, personne):
    ailleurs = Client()
    entrer(ailleurs)
    entrer(client)
    faux = {"oldpassword": "faux", "password1": NOUVEAU, "password2": NOUVEAU}
    assert "votre mot de passe actuel" in client.post("/connexion/mot-de-passe/", faux).content.decode()
    juste = {**faux, "oldpassword": MOT_DE_PASSE}
    assert client.post("/connexion/mot-de-passe/", juste).status_code == 302
    assert client.get("/connexion/compte/").status_code == 200
    assert ailleurs.get("/connexion/compte/").status_code == 302


def test_un_mot_de_passe_ne_se_devine_pas_d_une_session_ouverte(client, personne):
    entrer(client)
    faux = {"oldpassword": "faux", "password1": NOUVEAU, "password2": NOUVEAU}
    assert [client.post("/connexion/mot-de-passe/", faux).status_code for _ in range(5)][-1] == 429


def test_changer_d_adresse_demande_la_nouvelle_boite(client, personne):
    entrer(client)
    client.post("/connexion/adresse/", {"email": "nouvelle@exemple.invalid", "action_add": ""})
    personne.refresh_from_db()
    assert personne.email == "agente@exemple.invalid"
    lien = lien_du_courriel()
    assert "nouvelle@exemple.invalid" in client.get(lien).content.decode()
    client.post(lien)
    personne.refresh_from_db()
    assert personne.email == "nouvelle@exemple.invalid"


def test_mes_sessions_se_ferment(client, personne):
    ailleurs = Client()
    entrer(ailleurs)
    entrer(client)
    page = client.get("/connexion/sessions/").content.decode()
    assert page.count("<strong>") >= 2 and "celle-ci" in page
    client.post("/connexion/sessions/")
    assert ailleurs.get("/connexion/compte/").status_code == 302
    assert client.get("/connexion/compte/").status_code == 200


# --- Citizens -----------------------------------------------------------------------------------

INSCRIPTION = {
    "nom": "Camille Dupré",
    "email": "camille@exemple.invalid",
    "password1": MOT_DE_PASSE,
    "password2": MOT_DE_PASSE,
}


def test_l_inscription_est_fermee_sans_reglage(client):
    assert "Ouvrir un compte" not in client.get("/connexion/").content.decode()
    assert "pas ouverts ici" in client.get("/connexion/inscription/").content.decode()
    client.post("/connexion/inscription/", INSCRIPTION)
    assert not Utilisateur.objects.exists()


def test_un_habitant_ouvre_un_compte_et_confirme_son_adresse(client, settings):
    settings.INSCRIPTION_OUVERTE = True
    reponse = client.post("/connexion/inscription/", INSCRIPTION)
    assert reponse.headers["Location"] == "/connexion/adresse/a-confirmer/"
    habitant = Utilisateur.objects.get()
    assert (habitant.nom, habitant.email) == ("Camille Dupré", "camille@exemple.invalid")
    assert not habitant.is_staff and not habitant.habilitations.exists()
    # Not before the mailbox answered.
    assert entrer(Client(), "camille@exemple.invalid").headers["Location"].endswith("/a-confirmer/")
    client.post(lien_du_courriel())
    assert entrer(Client(), "camille@exemple.invalid").headers["Location"] == "/"


def test_s_inscrire_a_une_adresse_prise_ne_le_dit_pas_a_l_ecran(client, settings, personne):
    settings.INSCRIPTION_OUVERTE = True
    reponse = client.post("/connexion/inscription/", {**INSCRIPTION, "email": personne.email})
    assert reponse.headers["Location"] == "/connexion/adresse/a-confirmer/"
    assert mail.outbox[-1].subject == "Vous avez déjà un compte"
    personne.refresh_from_db()
    assert personne.check_password(MOT_DE_PASSE) and Utilisateur.objects.count() == 1


# --- My account ---------------------------------------------------------------------------------


def test_mon_compte_dit_ce_que_je_peux_faire(client, personne):
    entrer(client)
    page = client.get("/connexion/compte/").content.decode()
    assert "agente@exemple.invalid" in page and "Lecteur" in page and "Commune fictive 25999" in page
    client.post("/connexion/compte/", {"nom": "  Agnès Roux "})
    personne.refresh_from_db()
    assert personne.nom == "Agnès Roux"
    assert "Indiquez votre nom" in client.post("/connexion/compte/", {"nom": "  "}).content.decode()


def test_on_ne_change_que_son_nom(client, personne):
    entrer(client)
    client.post("/connexion/compte/", {"nom": "X", "is_superuser": "on", "email": "autre@exemple.invalid"})
    personne.refresh_from_db()
    assert not personne.is_superuser and personne.email == "agente@exemple.invalid"


def test_le_premier_administrateur_technique_entre_sans_courriel(client):
    Utilisateur.objects.create_superuser("racine@exemple.invalid", MOT_DE_PASSE)
    assert EmailAddress.objects.get().verified
    assert entrer(client, "racine@exemple.invalid").status_code == 302 and connecte(client)
    assert Session.objects.count() == 1
