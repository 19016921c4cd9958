"""The administrateurs' screens by HTTP: what they show, what they do, and what they never reach."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client

from mairie import habilitations
from mairie.models import (
    Appartenance,
    Collectivite,
    CourrielSortant,
    Delegation,
    Habilitation,
    Invitation,
    JournalActe,
    Service,
    Utilisateur,
)
from tests.personnes import AUTRE_INSEE, INSEE, agent, avec_second_facteur, commune, habiliter

pytestmark = pytest.mark.django_db

SIREN = "259990001"
JOUR = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def _le_jour():
    with time_machine.travel(f"{JOUR}T10:00:00+01:00", tick=False):
        yield


@pytest.fixture
def administrateur():
    return agent("mairie.administrateur", nom="Anne Admin")


@pytest.fixture
def client(administrateur):
    c = Client()
    c.force_login(administrateur)
    return c


@pytest.fixture
def collegue():
    return agent("mairie.lecteur", email="collegue@exemple.invalid", nom="Chloé Collègue")


@pytest.fixture
def etranger():
    """Works for another commune."""
    return agent("mairie.lecteur", codes=(AUTRE_INSEE,), nom="Éric Étranger")


# --- Lists --------------------------------------------------------------------------------------


def test_la_liste_ne_montre_que_les_siens(client, collegue, etranger):
    habitant = agent(email="habitant@exemple.invalid", nom="Hugo Habitant")
    page = client.get("/administration/personnes/").content.decode()
    assert "Chloé Collègue" in page and "Anne Admin" in page
    assert etranger.nom not in page and habitant.nom not in page


@pytest.mark.parametrize(
    ("requete", "presente"),
    [
        ("q=chlo", True),
        ("q=collegue@", True),
        ("q=introuvable", False),
        ("role=mairie.lecteur", True),
        ("role=mairie.dpo", False),
        ("etat=sans_facteur", True),
        ("etat=terminee", False),
        ("etat=ferme", False),
        ("role=%27%3B--&etat=nimporte", False),
    ],
)
def test_la_liste_se_filtre(client, collegue, requete, presente):
    page = client.get(f"/administration/personnes/?{requete}").content.decode()
    assert ("Chloé Collègue" in page) is presente


def test_la_liste_trouve_les_comptes_fermes_et_ceux_qui_n_ont_plus_rien(client, collegue):
    Habilitation.objects.filter(utilisateur=collegue).update(au=JOUR - timedelta(days=1))
    assert "Chloé" in client.get("/administration/personnes/?etat=terminee").content.decode()
    Utilisateur.objects.filter(pk=collegue.pk).update(is_active=False)
    assert "Chloé" in client.get("/administration/personnes/?etat=ferme").content.decode()


def test_la_liste_coute_le_meme_nombre_de_requetes(client, collegue, django_assert_max_num_queries):
    for n in range(20):
        agent("mairie.lecteur", email=f"n{n}@exemple.invalid")
    with django_assert_max_num_queries(22):
        client.get("/administration/personnes/")


# --- One person ---------------------------------------------------------------------------------


def test_la_page_d_une_personne_tait_ses_habilitations_d_ailleurs(client, collegue):
    habiliter(collegue, "mairie", "dpo", AUTRE_INSEE)
    commune(AUTRE_INSEE, "Ailleurs-sur-Loue")
    page = client.get(f"/administration/personnes/{collegue.pk}/").content.decode()
    assert "Lecteur" in page and "Délégué à la protection" not in page
    assert Collectivite.objects.get(code=AUTRE_INSEE).nom not in page
    assert "que vous n&#x27;administrez pas" in page or "que vous n'administrez pas" in page


def test_habiliter_par_profil_et_par_roles(client, collegue):
    reponse = client.post(
        f"/administration/personnes/{collegue.pk}/habiliter/",
        {
            "profil": "lecture",
            "roles": ["mairie.dpo"],
            "collectivites": [commune().pk],
            "du": "2026-03-10",
            "au": "2026-12-31",
            "finalites": ["voirie"],
        },
    )
    assert reponse.headers["Location"] == f"/administration/personnes/{collegue.pk}/"
    nouvelles = Habilitation.objects.filter(utilisateur=collegue, du=JOUR)
    assert {h.role for h in nouvelles} == {"lecteur", "dpo"}
    assert all(h.finalites == ["voirie"] and h.au == date(2026, 12, 31) for h in nouvelles)
    actes = JournalActe.objects.filter(action="mairie.habilitation_accordee")
    assert actes.count() == 2 and actes.first().insee == INSEE
    historique = client.get(f"/administration/personnes/{collegue.pk}/").content.decode()
    assert "par Anne Admin" in historique


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"roles": []}, "Choisissez un profil ou au moins un rôle"),
        ({"roles": ["mairie.inventeur"]}, "Sélectionnez un choix valide"),
        ({"collectivites": []}, "obligatoire"),
        ({"collectivites": ["ailleurs"]}, "Sélectionnez un choix valide"),
        ({"au": "2026-03-09"}, "La fin vient avant le début"),
        ({"du": "31/02/2026"}, "date valide"),
        ({"perimetre": "{}"}, "GeoJSON"),
    ],
)
def test_une_habilitation_mal_saisie_n_accorde_rien(client, collegue, change, message):
    ailleurs = commune(AUTRE_INSEE)
    saisie = {"roles": ["mairie.dpo"], "collectivites": [commune().pk], "du": "2026-03-10", **change}
    if saisie["collectivites"] == ["ailleurs"]:
        saisie["collectivites"] = [ailleurs.pk]
    reponse = client.post(f"/administration/personnes/{collegue.pk}/habiliter/", saisie)
    assert reponse.status_code == 200 and message in reponse.content.decode()
    assert not Habilitation.objects.filter(utilisateur=collegue, role="dpo").exists()


def test_on_ne_se_donne_pas_une_autre_commune(client, administrateur):
    saisie = {"roles": ["mairie.dpo"], "collectivites": [commune(AUTRE_INSEE).pk], "du": "2026-03-10"}
    client.post(f"/administration/personnes/{administrateur.pk}/habiliter/", saisie)
    habilitations.oublier(administrateur)
    assert habilitations.communes_de(administrateur) == {INSEE}


def test_un_perimetre_se_pose(client, collegue):
    carre = '{"type":"Polygon","coordinates":[[[6.3,47.3],[6.3,47.4],[6.4,47.4],[6.4,47.3],[6.3,47.3]]]}'
    saisie = {
        "roles": ["mairie.dpo"],
        "collectivites": [commune().pk],
        "du": "2026-03-10",
        "perimetre": carre,
    }
    client.post(f"/administration/personnes/{collegue.pk}/habiliter/", saisie)
    assert Habilitation.objects.get(utilisateur=collegue, role="dpo").perimetre is not None


def test_terminer_une_habilitation(client, collegue):
    h = collegue.habilitations.get()
    adresse = f"/administration/habilitations/{h.pk}/"
    assert "Terminer" in client.get(adresse).content.decode()
    assert "passé" in client.post(adresse, {"dernier_jour": "2026-01-01"}).content.decode()
    client.post(adresse, {"dernier_jour": "2026-03-09"})
    habilitations.oublier(collegue)
    assert not habilitations.est_agent(collegue)


def test_les_gestes_sur_un_compte(client, collegue):
    adresse = f"/administration/personnes/{collegue.pk}/compte/"
    avec_second_facteur(collegue)
    client.post(adresse, {"geste": "renommer", "nom": "Chloé Roux"})
    client.post(adresse, {"geste": "second_facteur"})
    client.post(adresse, {"geste": "fermer"})
    collegue.refresh_from_db()
    assert collegue.nom == "Chloé Roux" and not collegue.is_active
    client.post(adresse, {"geste": "ouvrir"})
    collegue.refresh_from_db()
    assert collegue.is_active
    assert "existe pas" in client.post(adresse, {"geste": "detruire"}, follow=True).content.decode()
    actes = set(JournalActe.objects.values_list("action", flat=True))
    assert {"mairie.compte_modifie", "mairie.second_facteur_retire", "mairie.compte_ferme"} <= actes


# --- Forged numbers: 404, and a line of the log -------------------------------------------------


def _numeros_d_ailleurs(etranger) -> list[str]:
    ailleurs = commune(AUTRE_INSEE)
    Appartenance.objects.create(epci=commune(SIREN), commune=ailleurs, du=date(2020, 1, 1))
    invitation = Invitation.objects.create(
        collectivite=ailleurs, email="x@exemple.invalid", empreinte="0" * 64, expire_le="2027-01-01T00:00Z"
    )
    service = Service.objects.create(collectivite=ailleurs, code="x", libelle="X")
    delegation = Delegation.objects.create(
        collectivite=ailleurs, delegataire=etranger, titulaire=True, qualite="Le maire", du=date(2020, 1, 1)
    )
    return [
        f"/administration/personnes/{etranger.pk}/",
        f"/administration/personnes/{etranger.pk}/habiliter/",
        f"/administration/personnes/{etranger.pk}/compte/",
        f"/administration/habilitations/{etranger.habilitations.get().pk}/",
        f"/administration/invitations/{invitation.pk}/revoquer/",
        f"/administration/services/{service.pk}/",
        f"/administration/delegations/{delegation.pk}/",
        f"/administration/appartenances/{Appartenance.objects.get().pk}/",
        f"/administration/collectivites/{AUTRE_INSEE}/",
        f"/administration/collectivites/{SIREN}/rattacher/",
        "/administration/personnes/999999/",
    ]


def test_un_numero_d_une_autre_commune_donne_404_et_une_ligne_au_journal(client, administrateur, etranger):
    avant = (Habilitation.objects.count(), Utilisateur.objects.get(pk=etranger.pk).is_active)
    adresses = _numeros_d_ailleurs(etranger)
    for adresse in adresses:
        saisie = {
            "dernier_jour": "2026-03-10",
            "geste": "fermer",
            "roles": ["mairie.dpo"],
            "du": "2026-03-10",
        }
        reponse = client.post(adresse, saisie)
        if reponse.status_code == 405:
            reponse = client.get(adresse)
        assert reponse.status_code == 404, adresse
    assert avant == (Habilitation.objects.count(), Utilisateur.objects.get(pk=etranger.pk).is_active)
    lignes = JournalActe.objects.filter(action="mairie.acces_introuvable", utilisateur=administrateur)
    assert lignes.count() == len(adresses)
    assert Invitation.objects.get().revoquee_le is None


# --- Invitations --------------------------------------------------------------------------------


def _inviter(client, **change):
    return client.post(
        "/administration/invitations/nouvelle/",
        {
            "email": "zoe@exemple.invalid",
            "nom": "Zoé",
            "collectivite": commune().pk,
            "profil": "secretaire",
            "collectivites": [commune().pk],
            "du": "2026-03-10",
            **change,
        },
    )


def test_inviter_envoie_le_lien_sans_le_montrer(client):
    reponse = _inviter(client)
    assert reponse.headers["Location"] == "/administration/invitations/"
    courriel = CourrielSortant.objects.get()
    assert "/connexion/invitation/" in courriel.corps
    page = client.get("/administration/invitations/").content.decode()
    assert "zoe@exemple.invalid" in page and "/connexion/invitation/" not in page
    invitation = Invitation.objects.get()
    client.post(f"/administration/invitations/{invitation.pk}/revoquer/")
    invitation.refresh_from_db()
    assert invitation.revoquee_le is not None


@pytest.mark.parametrize("change", [{"email": "pas-une-adresse"}, {"profil": ""}, {"collectivites": []}])
def test_une_invitation_mal_saisie_n_envoie_rien(client, change):
    assert _inviter(client, **change).status_code == 200
    assert not Invitation.objects.exists() and not CourrielSortant.objects.exists()


def test_on_n_invite_pas_pour_une_autre_commune(client):
    ailleurs = commune(AUTRE_INSEE)
    assert _inviter(client, collectivite=ailleurs.pk).status_code == 200
    assert _inviter(client, collectivites=[commune().pk, ailleurs.pk]).status_code == 200
    assert not Invitation.objects.exists()


# --- Collectivités, services, signatures --------------------------------------------------------


def test_les_coordonnees_changent_mais_ni_code_ni_nature(client):
    client.post(
        f"/administration/collectivites/{INSEE}/",
        {"nom": "Valbrune", "siren": "212599990", "code": "25000", "nature": "epci", "active": ""},
    )
    c = Collectivite.objects.get(code=INSEE)
    assert (c.nom, c.siren, c.nature, c.active) == ("Valbrune", "212599990", "commune", True)
    faux = client.post(f"/administration/collectivites/{INSEE}/", {"nom": "V", "siren": "12"})
    assert faux.status_code == 200 and Collectivite.objects.get(code=INSEE).siren == "212599990"


def test_un_service_s_ajoute_se_modifie_et_se_ferme(client):
    client.post(
        "/administration/services/nouveau/",
        {"collectivite": commune().pk, "code": "voirie", "libelle": "Voirie", "actif": "on"},
    )
    service = Service.objects.get()
    client.post(f"/administration/services/{service.pk}/", {"libelle": "Voirie et réseaux", "code": "autre"})
    service.refresh_from_db()
    assert (service.libelle, service.code, service.actif) == ("Voirie et réseaux", "voirie", False)
    doublon = client.post(
        "/administration/services/nouveau/",
        {"collectivite": commune().pk, "code": "voirie", "libelle": "Encore"},
    )
    assert doublon.status_code == 200 and Service.objects.count() == 1


def test_un_service_ne_se_cree_pas_ailleurs(client):
    ailleurs = commune(AUTRE_INSEE)
    client.post(
        "/administration/services/nouveau/", {"collectivite": ailleurs.pk, "code": "x", "libelle": "X"}
    )
    assert not Service.objects.exists()


def test_inscrire_le_maire_puis_terminer(client, collegue):
    saisie = {
        "collectivite": commune().pk,
        "delegataire": collegue.pk,
        "qualite": "Le maire",
        "titulaire": "on",
        "du": "2026-03-10",
    }
    client.post("/administration/delegations/nouvelle/", saisie)
    delegation = Delegation.objects.get()
    assert "Le maire" in client.get("/administration/delegations/").content.decode()
    encore = client.post("/administration/delegations/nouvelle/", saisie)
    assert "déjà par sa fonction" in encore.content.decode()
    client.post(f"/administration/delegations/{delegation.pk}/", {"dernier_jour": "2026-03-12"})
    delegation.refresh_from_db()
    assert delegation.au == date(2026, 3, 12)


def test_un_habitant_ne_signe_pas(client):
    habitant = agent(email="habitant@exemple.invalid")
    saisie = {
        "collectivite": commune().pk,
        "delegataire": habitant.pk,
        "qualite": "Le maire",
        "titulaire": "on",
        "du": "2026-03-10",
    }
    assert client.post("/administration/delegations/nouvelle/", saisie).status_code == 200
    assert not Delegation.objects.exists()


def test_rattacher_et_detacher_une_commune():
    les_deux = agent("mairie.administrateur", codes=(SIREN, INSEE))
    c = Client()
    c.force_login(les_deux)
    adresse = f"/administration/collectivites/{SIREN}/"
    c.post(f"{adresse}rattacher/", {"commune": commune().pk, "du": "2026-03-10"})
    appartenance = Appartenance.objects.get()
    assert "Commune fictive 25999" in c.get(adresse).content.decode()
    c.post(f"/administration/appartenances/{appartenance.pk}/", {"dernier_jour": "2026-04-01"})
    appartenance.refresh_from_db()
    assert appartenance.au == date(2026, 4, 1)
    assert "jusqu" in c.get(adresse).content.decode()


def test_la_commune_choisie_restreint_les_listes():
    deux = agent("mairie.administrateur", codes=(INSEE, AUTRE_INSEE))
    ici = agent("mairie.lecteur", email="ici@exemple.invalid", nom="Ida Ici")
    ailleurs = agent("mairie.lecteur", codes=(AUTRE_INSEE,), nom="Aline Ailleurs")
    c = Client()
    c.force_login(deux)
    page = c.get("/administration/personnes/").content.decode()
    assert ici.nom in page and ailleurs.nom in page
    session = c.session
    session["commune"] = INSEE
    session.save()
    page = c.get("/administration/personnes/").content.decode()
    assert ici.nom in page and ailleurs.nom not in page
