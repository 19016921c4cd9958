"""Outside identities, against a provider on the loopback that behaves as ProConnect and FranceConnect do."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.core import mail
from django.test import Client

from config.settings.identite import ReglageInvalide, applications, lire_fournisseurs, origines
from mairie.comptes import identites, invitations
from mairie.comptes.droits import Proposition
from mairie.models import Utilisateur
from tests.mairie.fournisseur_oidc import CLIENT, SECRET, FournisseurOIDC, servir
from tests.mairie.test_porte import connecte, entrer
from tests.personnes import INSEE, agent, avec_mot_de_passe, avec_second_facteur, commune

pytestmark = pytest.mark.django_db


@pytest.fixture
def fournisseur(settings):
    with servir() as f:
        regler(settings, f)
        yield f


def regler(settings, f: FournisseurOIDC, **plus) -> None:
    """ProConnect as the settings would describe it."""
    un = {
        "id": "proconnect",
        "nom": "ProConnect",
        "url": f.emetteur,
        "client_id": CLIENT,
        "secret": SECRET,
        "public": "agents",
        "acr_values": ["eidas1", "eidas2"],
        **plus,
    }
    settings.FOURNISSEURS_IDENTITE = [un]
    settings.SOCIALACCOUNT_PROVIDERS = {"oidc": {"APPS": applications([un])}}


def partir(client, **saisie) -> str:
    reponse = client.post("/connexion/identites/proconnect/", saisie)
    assert reponse.status_code == 302, reponse.content.decode()[:300]
    return reponse.headers["Location"]


def chez_le_fournisseur(adresse: str) -> str:
    """What the browser does there: straight back, as if the person had identified herself."""
    reponse = requests.get(adresse, allow_redirects=False, timeout=5)
    retour = urlsplit(reponse.headers["Location"])
    return f"{retour.path}?{retour.query}"


def passer(client, **saisie):
    """The whole log-in; the answer to the return from the provider."""
    return client.get(chez_le_fournisseur(partir(client, **saisie)))


@pytest.fixture
def zoe(fournisseur):
    """An agent whose account is linked to the identity."""
    personne = avec_mot_de_passe(agent("mairie.lecteur", email="zoe@exemple.invalid"))
    SocialAccount.objects.create(
        user=personne, provider="proconnect", uid=f"{fournisseur.emetteur}|{fournisseur.sub}"
    )
    return personne


# --- The good path ------------------------------------------------------------------------------


def test_une_identite_reliee_ouvre_le_compte(client, fournisseur, zoe):
    reponse = passer(client)
    assert reponse.status_code == 302 and connecte(client)
    assert client.get("/connexion/compte/").status_code == 200
    demande = fournisseur.demandes[0]
    assert demande["response_type"] == "code" and demande["acr_values"] == "eidas1 eidas2"
    assert len(demande["nonce"]) >= 32 and len(demande["state"]) >= 16
    assert demande["code_challenge_method"] == "S256"
    assert demande["redirect_uri"] == "http://testserver/connexion/identites/proconnect/retour/"
    assert "openid" in demande["scope"].split()


def test_chaque_depart_a_son_nonce_et_son_etat(client, fournisseur, zoe):
    adresses = [parse_qs(urlsplit(partir(client)).query) for _ in range(2)]
    assert adresses[0]["nonce"] != adresses[1]["nonce"] and adresses[0]["state"] != adresses[1]["state"]


def test_les_informations_en_json_et_les_courbes_elliptiques_passent_aussi(client, fournisseur, zoe):
    fournisseur.infos_en_json = True
    fournisseur.alg = "ES256"
    passer(client)
    assert connecte(client)


def test_ni_nom_ni_jeton_ne_sont_gardes(client, fournisseur, zoe):
    passer(client)
    compte = SocialAccount.objects.get()
    assert compte.extra_data == {"iss": fournisseur.emetteur, "acr": "eidas1"}
    assert not SocialToken.objects.exists()


def test_l_adresse_ne_demande_pas_un_niveau_plus_faible(client, fournisseur, zoe):
    """The account package lets the address add parameters: not here."""
    reponse = client.post("/connexion/identites/proconnect/?auth_params=acr_values%3Drien&scope=tout")
    demande = parse_qs(urlsplit(reponse.headers["Location"]).query)
    assert demande["acr_values"] == ["eidas1 eidas2"] and "tout" not in demande["scope"][0]


def test_un_lien_ne_part_pas_chez_le_fournisseur(client, fournisseur):
    """By a button only: somebody else's link must not log one in."""
    reponse = client.get("/connexion/identites/proconnect/")
    assert reponse.status_code == 200 and "ProConnect" in reponse.content.decode()
    assert fournisseur.demandes == []


def test_la_page_de_connexion_propose_le_fournisseur(client, fournisseur):
    page = client.get("/connexion/?next=/carte/").content.decode()
    assert "Continuer avec ProConnect" in page and 'action="/connexion/identites/proconnect/"' in page


# --- What is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "faute",
    [
        "autre_nonce",
        "sans_nonce",
        "sans_signature",
        "cle_symetrique",
        "autre_cle",
        "cle_inconnue",
        "autre_emetteur",
        "autre_client",
        "plusieurs_clients",
        "perime",
        "sans_sub",
        "sans_jeton",
        "emetteur_annonce",
        "iss_melange",
        "infos_autre_cle",
        "infos_sans_signature",
        "infos_d_un_autre",
        "infos_en_panne",
    ],
)
def test_un_fournisseur_ou_un_intrus_qui_se_trompe_n_ouvre_rien(client, fournisseur, zoe, faute):
    retour = chez_le_fournisseur(partir(client))
    fournisseur.fautes = {faute}
    if faute == "iss_melange":
        retour = chez_le_fournisseur(partir(client))
    reponse = client.get(retour)
    assert reponse.status_code == 401 and not connecte(client)
    assert "pas pu être vérifiée" in reponse.content.decode()


def test_un_niveau_insuffisant_n_ouvre_rien(client, fournisseur, zoe):
    fournisseur.acr = "eidas0"
    assert passer(client).status_code == 401 and not connecte(client)


def test_un_etat_forge_ou_rejoue_n_ouvre_rien(client, fournisseur, zoe):
    retour = chez_le_fournisseur(partir(client))
    # Somebody else's return, in a browser that asked nothing.
    assert Client().get(retour).status_code == 401
    assert client.get(retour).status_code == 302
    client.post("/connexion/sortir/")
    assert client.get(retour).status_code == 401 and not connecte(client)


def test_un_abandon_se_dit(client, fournisseur, zoe):
    fournisseur.fautes = {"refus"}
    assert passer(client).headers["Location"] == "/connexion/identites/annule/"
    assert "abandonnée" in client.get("/connexion/identites/annule/").content.decode()


def test_un_fournisseur_absent_se_dit(client, settings):
    with servir() as f:
        regler(settings, f)
    reponse = client.post("/connexion/identites/proconnect/")
    assert reponse.status_code in (401, 503), "la page d'erreur, et non une panne"


def test_un_fournisseur_inconnu_ou_inscrit_en_base_donne_404(client, fournisseur):
    SocialApp.objects.create(
        provider="oidc",
        provider_id="pirate",
        name="Pirate",
        client_id="x",
        settings={"server_url": "http://x"},
    )
    for nom in ("autre", "pirate"):
        assert client.post(f"/connexion/identites/{nom}/").status_code == 404
        assert client.get(f"/connexion/identites/{nom}/retour/?code=x&state=y").status_code == 404


# --- (issuer, sub), and nothing else ------------------------------------------------------------


def test_la_meme_adresse_ne_suffit_pas(client, fournisseur):
    """The provider says zoe's address: that does not open zoe's account."""
    zoe = avec_mot_de_passe(agent("mairie.lecteur", email="zoe@exemple.invalid"))
    reponse = passer(client)
    assert reponse.status_code == 403 and not connecte(client)
    assert "Aucun compte" in reponse.content.decode()
    assert not SocialAccount.objects.exists() and EmailAddress.objects.get().user == zoe


def test_le_meme_sub_d_un_autre_emetteur_n_est_pas_la_meme_personne(client, fournisseur, zoe):
    SocialAccount.objects.update(uid=f"https://ancien.example/api|{fournisseur.sub}")
    assert passer(client).status_code == 403 and not connecte(client)


def test_un_changement_d_adresse_chez_le_fournisseur_ne_change_rien_ici(client, fournisseur, zoe):
    fournisseur.infos["email"] = "nouvelle@exemple.invalid"
    passer(client)
    zoe.refresh_from_db()
    assert connecte(client) and zoe.email == "zoe@exemple.invalid"


def test_un_identifiant_trop_long_est_resume(client, fournisseur):
    fournisseur.sub = "x" * 300
    personne = avec_mot_de_passe(agent(email="longue@exemple.invalid"))
    uid = identites.Fournisseur.extract_uid(
        None, {"id_token": {"iss": fournisseur.emetteur, "sub": fournisseur.sub}}
    )
    assert len(uid) <= 191 and uid.startswith("sha256|")
    SocialAccount.objects.create(user=personne, provider="proconnect", uid=uid)
    passer(client)
    assert connecte(client)


# --- Linking and unlinking ----------------------------------------------------------------------


def test_relier_depuis_son_compte_puis_detacher(client, fournisseur):
    zoe = avec_mot_de_passe(agent("mairie.lecteur", email="zoe@exemple.invalid"))
    entrer(client, zoe.email)
    assert passer(client, process="connect").headers["Location"] == "/connexion/identites/"
    lien = SocialAccount.objects.get()
    assert lien.user == zoe and lien.uid == f"{fournisseur.emetteur}|{fournisseur.sub}"
    autre = Client()
    passer(autre)
    assert connecte(autre)
    client.post("/connexion/identites/", {"account": lien.pk})
    assert not SocialAccount.objects.exists()


def test_une_identite_deja_reliee_ne_change_pas_de_compte(client, fournisseur, zoe):
    voleur = avec_mot_de_passe(agent(email="voleur@exemple.invalid"))
    entrer(client, voleur.email)
    passer(client, process="connect")
    assert SocialAccount.objects.get().user == zoe


def test_la_derniere_identite_d_un_compte_sans_mot_de_passe_ne_se_detache_pas(client, fournisseur, zoe):
    Utilisateur.objects.filter(pk=zoe.pk).update(password="!")
    passer(client)
    reponse = client.post("/connexion/identites/", {"account": SocialAccount.objects.get().pk})
    assert "mot de passe" in reponse.content.decode() and SocialAccount.objects.exists()


# --- New accounts -------------------------------------------------------------------------------


def test_un_agent_inconnu_n_ouvre_pas_de_compte_meme_inscription_ouverte(client, fournisseur, settings):
    settings.INSCRIPTION_OUVERTE = True
    assert passer(client).status_code == 403
    assert not Utilisateur.objects.exists()


def test_une_invitation_s_accepte_par_l_identite(client, fournisseur):
    """The account bears the invited address, whatever the provider says, and is known by (issuer, sub)."""
    fournisseur.infos["email"] = "perso@exemple.invalid"
    proposition = Proposition("mairie", "lecteur", (INSEE,), date(2020, 1, 1))
    _, jeton = invitations.inviter(None, commune(), "zoe.martin@mairie.invalid", [proposition])
    page = client.get(f"/connexion/invitation/{jeton}/").content.decode()
    assert "Continuer avec ProConnect" in page
    passer(client)
    zoe = Utilisateur.objects.get()
    assert connecte(client) and zoe.email == "zoe.martin@mairie.invalid" and zoe.nom == "Zoé Martin"
    assert not zoe.has_usable_password() and zoe.habilitations.get().role == "lecteur"
    assert SocialAccount.objects.get().user == zoe
    assert invitations.etat(invitations.trouver(jeton)) == "acceptée"
    # The mark of the browser is gone: a second identity would not take it.
    autre = Client()
    fournisseur.sub = "sub-d-un-autre"
    assert passer(autre).status_code == 403


def test_ouvrir_une_invitation_expiree_puis_s_identifier_n_ouvre_rien(client, fournisseur):
    proposition = Proposition("mairie", "lecteur", (INSEE,), date(2020, 1, 1))
    invitation, jeton = invitations.inviter(None, commune(), "zoe@mairie.invalid", [proposition])
    client.get(f"/connexion/invitation/{jeton}/")
    type(invitation).objects.filter(pk=invitation.pk).update(
        cree_le="1999-01-01T00:00Z", expire_le="2000-01-01T00:00Z"
    )
    assert passer(client).status_code == 403 and not Utilisateur.objects.exists()


@pytest.fixture
def franceconnect(fournisseur, settings):
    regler(settings, fournisseur, public="usagers", acr_values=["eidas1"])
    settings.INSCRIPTION_OUVERTE = True
    return fournisseur


def test_un_habitant_ouvre_un_compte_et_sa_boite_est_demandee(client, franceconnect):
    reponse = passer(client)
    habitant = Utilisateur.objects.get()
    assert (habitant.nom, habitant.email) == ("Zoé Martin", "zoe@exemple.invalid")
    # What the provider says of the address is not a proof.
    assert reponse.headers["Location"] == "/connexion/adresse/a-confirmer/" and not connecte(client)
    assert not EmailAddress.objects.get().verified
    assert mail.outbox[-1].to == [habitant.email]


def test_un_habitant_dont_l_adresse_est_prise_ne_prend_pas_le_compte(client, franceconnect):
    zoe = avec_mot_de_passe(agent(email="zoe@exemple.invalid"))
    passer(client)
    assert not connecte(client) and Utilisateur.objects.get() == zoe
    assert not SocialAccount.objects.exists()


def test_sans_adresse_le_fournisseur_la_fait_demander(client, franceconnect):
    franceconnect.infos.pop("email")
    assert passer(client).headers["Location"] == "/connexion/identites/inscription/"
    page = client.get("/connexion/identites/inscription/").content.decode()
    assert "ProConnect" in page and 'name="email"' in page
    client.post("/connexion/identites/inscription/", {"email": "zoe@exemple.invalid"})
    assert Utilisateur.objects.get().email == "zoe@exemple.invalid"


def test_inscription_fermee_un_habitant_n_ouvre_pas_de_compte(client, franceconnect, settings):
    settings.INSCRIPTION_OUVERTE = False
    assert passer(client).status_code == 403 and not Utilisateur.objects.exists()


# --- Second factor and log-out ------------------------------------------------------------------


def test_une_identite_forte_tient_lieu_de_second_facteur(client, fournisseur, zoe, settings):
    settings.MFA_OBLIGATOIRE_AGENTS = True
    regler(settings, fournisseur, second_facteur=["eidas2"])
    passer(client)
    assert client.get("/recherche/").headers["Location"] == "/connexion/double-facteur/activer/"
    client.post("/connexion/sortir/")
    fournisseur.acr = "eidas2"
    passer(client)
    assert client.get("/recherche/").status_code == 200
    # Worth it for that session alone: by password, the second factor is asked.
    autre = Client()
    entrer(autre, zoe.email)
    assert autre.get("/recherche/").status_code == 302


def test_le_second_facteur_de_la_maison_est_aussi_demande(client, fournisseur, zoe):
    avec_second_facteur(zoe)
    assert passer(client).headers["Location"].startswith("/connexion/code/") and not connecte(client)


def test_sortir_ferme_aussi_chez_le_fournisseur(client, fournisseur, zoe):
    passer(client)
    brut = client.session[identites.CLE_SESSION]["id_token"]
    depart = client.post("/connexion/sortir/").headers["Location"]
    assert depart.startswith(f"{fournisseur.emetteur}/session/end?") and not connecte(client)
    retour = chez_le_fournisseur(depart)
    sortie = fournisseur.sorties[0]
    assert sortie["id_token_hint"] == brut and len(sortie["state"]) >= 24
    assert sortie["post_logout_redirect_uri"] == "http://testserver/connexion/fin/"
    page = client.get(retour, follow=True)
    assert page.redirect_chain == [("/", 302)] and "déconnecté" in page.content.decode()


def test_un_retour_de_sortie_forge_ne_dit_rien(client, fournisseur, zoe):
    passer(client)
    client.post("/connexion/sortir/")
    assert "Vous êtes déconnecté" not in client.get("/connexion/fin/?state=x", follow=True).content.decode()


def test_une_session_par_mot_de_passe_ne_passe_pas_par_le_fournisseur(client, fournisseur, zoe):
    entrer(client, zoe.email)
    assert client.post("/connexion/sortir/").headers["Location"] == "/"


def test_un_fournisseur_absent_n_empeche_pas_de_sortir(client, settings, fournisseur, zoe):
    passer(client)
    # Nothing listens on that port.
    regler(settings, fournisseur, url="http://127.0.0.1:9/api/v2")
    assert client.post("/connexion/sortir/").headers["Location"] == "/" and not connecte(client)


def test_un_fournisseur_retire_des_reglages_n_empeche_ni_de_sortir_ni_de_voir_son_compte(
    client, settings, fournisseur, zoe
):
    passer(client)
    settings.SOCIALACCOUNT_PROVIDERS = {"oidc": {"APPS": []}}
    settings.FOURNISSEURS_IDENTITE = []
    assert client.get("/connexion/compte/").status_code == 200
    assert client.get("/connexion/identites/").status_code == 200
    assert client.post("/connexion/sortir/").headers["Location"] == "/" and not connecte(client)


# --- Settings -----------------------------------------------------------------------------------

UN = '{"id":"pc","nom":"P","url":"https://pc.example/api/v2/","client_id":"c","secret":"s","public":"agents"}'


def test_les_reglages_se_lisent():
    (lu,) = lire_fournisseurs(f"[{UN}]")
    assert applications([lu])[0]["settings"]["server_url"] == "https://pc.example/api/v2"
    assert origines([lu]) == ["https://pc.example"]
    assert lire_fournisseurs("") == lire_fournisseurs("  ") == []


@pytest.mark.parametrize(
    "texte",
    [
        "{",
        "{}",
        "[1]",
        "[{}]",
        f"[{UN},{UN}]",
        f"[{UN.replace('https', 'http')}]",
        f"[{UN.replace('agents', 'tous')}]",
        f"[{UN.replace('pc', 'P C/')}]",
        f'[{UN[:-1]},"inconnu":1}}]',
        f'[{UN[:-1]},"acr_values":"eidas1"}}]',
    ],
)
def test_un_reglage_fautif_empeche_de_demarrer(texte):
    with pytest.raises(ReglageInvalide):
        lire_fournisseurs(texte)
