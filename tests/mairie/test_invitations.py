"""Invitations of agents: once, in time, by who still may, for the right mailbox."""

from __future__ import annotations

import re
from datetime import date
from io import StringIO

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client

from mairie.comptes import droits, invitations
from mairie.comptes.droits import Proposition, Refus
from mairie.models import CourrielSortant, Habilitation, Invitation, JournalActe, Utilisateur
from tests.mairie.test_porte import connecte, entrer
from tests.personnes import AUTRE_INSEE, INSEE, MOT_DE_PASSE, agent, avec_mot_de_passe, commune

pytestmark = pytest.mark.django_db

JOUR = date(2026, 3, 10)
LECTEUR = Proposition("mairie", "lecteur", (INSEE,), date(2026, 1, 1))
OUVERTURE = {"nom": "Zoé Martin", "mot_de_passe": MOT_DE_PASSE, "encore": MOT_DE_PASSE}


@pytest.fixture(autouse=True)
def horloge():
    with time_machine.travel("2026-03-10T10:00:00+01:00", tick=False) as h:
        yield h


@pytest.fixture
def administrateur():
    return agent("mairie.administrateur")


def inviter(par, *propositions, email="zoe@exemple.invalid", **options):
    return invitations.inviter(par, commune(), email, propositions or [LECTEUR], **options)


def page(jeton: str) -> str:
    return f"/connexion/invitation/{jeton}/"


def test_le_lien_ouvre_un_compte_avec_ses_habilitations(client, administrateur):
    invitation, jeton = inviter(administrateur, nom="Zoé")
    invitations.envoyer(invitation, jeton)
    courriel = CourrielSortant.objects.get()
    assert courriel.destinataire == "zoe@exemple.invalid" and "Lecteur (Mairie)" in courriel.corps
    assert page(jeton) in courriel.corps and courriel.insee == INSEE
    # The link is not kept for who reads the queue.
    assert not courriel.conserver
    # Opening the page accepts nothing: mail scanners open links.
    assert "Zoé" in client.get(page(jeton)).content.decode()
    assert not Utilisateur.objects.filter(email="zoe@exemple.invalid").exists()
    client.post(page(jeton), OUVERTURE)
    zoe = Utilisateur.objects.get(email="zoe@exemple.invalid")
    assert zoe.nom == "Zoé Martin" and connecte(client)
    assert EmailAddress.objects.get(user=zoe).verified
    habilitation = Habilitation.objects.get(utilisateur=zoe)
    assert habilitation.accordee_par == administrateur
    assert [c.code for c in habilitation.collectivites.all()] == [INSEE]
    actes = list(JournalActe.objects.order_by("pk").values_list("action", flat=True))
    assert actes == [
        "mairie.invitation_envoyee",
        "mairie.habilitation_accordee",
        "mairie.invitation_acceptee",
    ]
    assert jeton not in str(list(Invitation.objects.values()))


def test_une_invitation_ne_sert_qu_une_fois(client, administrateur):
    _, jeton = inviter(administrateur)
    client.post(page(jeton), OUVERTURE)
    encore = Client().get(page(jeton))
    assert encore.status_code == 410 and "est acceptée" in encore.content.decode()
    assert Client().post(page(jeton), OUVERTURE).status_code == 410
    assert Utilisateur.objects.filter(email="zoe@exemple.invalid").count() == 1


def test_une_invitation_expire(client, administrateur, horloge):
    _, jeton = inviter(administrateur)
    horloge.shift(14 * 24 * 3600 - 1)
    assert client.get(page(jeton)).status_code == 200
    horloge.shift(1)
    reponse = client.post(page(jeton), OUVERTURE)
    assert reponse.status_code == 410 and "expirée" in reponse.content.decode()
    assert not Habilitation.objects.filter(role="lecteur").exists()


def test_une_invitation_revoquee_ou_remplacee_ne_vaut_plus(client, administrateur):
    premiere, jeton = inviter(administrateur)
    _, nouveau = inviter(administrateur)
    assert client.get(page(jeton)).status_code == 410
    invitations.revoquer(administrateur, Invitation.objects.exclude(pk=premiere.pk).get())
    assert "révoquée" in client.get(page(nouveau)).content.decode()


@pytest.mark.parametrize("jeton", ["A" * 22, "x", "..", "%00", "é" * 10])
def test_un_jeton_invente_donne_404(client, administrateur, jeton):
    inviter(administrateur)
    assert client.get(page(jeton)).status_code == 404


def test_l_invitant_qui_n_administre_plus_n_invite_plus(client, administrateur):
    """Rights taken away between the mail and the click are not given."""
    _, jeton = inviter(administrateur)
    Habilitation.objects.filter(utilisateur=administrateur).update(au=date(2026, 3, 9))
    reponse = client.post(page(jeton), OUVERTURE)
    assert "ne vaut plus" in reponse.content.decode()
    assert not Utilisateur.objects.filter(email="zoe@exemple.invalid").exists()


def test_un_compte_existant_accepte_en_se_connectant(client, administrateur):
    zoe = avec_mot_de_passe(agent(email="zoe@exemple.invalid"))
    _, jeton = inviter(administrateur)
    reponse = client.get(page(jeton)).content.decode()
    assert "Connectez-vous" in reponse and f"next={page(jeton)}" in reponse
    # The invitation does not open the account in the stead of its password.
    client.post(page(jeton), OUVERTURE)
    assert not connecte(client) and not zoe.habilitations.exists()
    entrer(client, zoe.email)
    client.post(page(jeton))
    assert zoe.habilitations.get().role == "lecteur"


def test_une_invitation_n_est_pas_pour_un_autre_compte(client, administrateur):
    autre = avec_mot_de_passe(agent(email="autre@exemple.invalid"))
    _, jeton = inviter(administrateur)
    entrer(client, autre.email)
    assert "zoe@exemple.invalid" in client.get(page(jeton)).content.decode()
    client.post(page(jeton))
    assert not autre.habilitations.exists() and invitations.trouver(jeton).utilisee_le is None
    with pytest.raises(Refus, match="autre adresse"):
        invitations.accepter(invitations.trouver(jeton), autre)


@pytest.mark.parametrize(
    "saisie",
    [
        {**OUVERTURE, "encore": "autre-chose-de-long"},
        {**OUVERTURE, "mot_de_passe": "court", "encore": "court"},
        {**OUVERTURE, "mot_de_passe": "zoe@exemple.invalid", "encore": "zoe@exemple.invalid"},
        {**OUVERTURE, "nom": ""},
    ],
)
def test_une_saisie_fautive_n_ouvre_rien(client, administrateur, saisie):
    _, jeton = inviter(administrateur)
    assert client.post(page(jeton), saisie).status_code == 200
    assert invitations.trouver(jeton).utilisee_le is None
    assert not Utilisateur.objects.filter(email="zoe@exemple.invalid").exists()


@pytest.mark.parametrize(
    ("proposition", "raison"),
    [
        (Proposition("mairie", "lecteur", (AUTRE_INSEE,), JOUR), "n'administrez pas"),
        (Proposition("mairie", "lecteur", (INSEE, AUTRE_INSEE), JOUR), "n'administrez pas"),
        (Proposition("mairie", "inventeur", (INSEE,), JOUR), "n'existe pas"),
        (Proposition("mairie", "lecteur", (), JOUR), "au moins une"),
        (Proposition("mairie", "lecteur", (INSEE,), JOUR, date(2026, 3, 9)), "avant le début"),
        (Proposition("mairie", "lecteur", (INSEE,), JOUR, finalites=("curiosite",)), "inconnues"),
        (Proposition("mairie", "lecteur", (INSEE,), JOUR, service_id=99), "service"),
    ],
)
def test_on_n_invite_qu_a_ce_qu_on_administre(administrateur, proposition, raison):
    commune(AUTRE_INSEE)
    with pytest.raises(Refus, match=raison):
        inviter(administrateur, proposition)
    assert not Invitation.objects.exists()


def test_on_n_invite_pas_pour_une_autre_commune_ni_sans_role(administrateur):
    with pytest.raises(Refus):
        invitations.inviter(administrateur, commune(AUTRE_INSEE), "a@exemple.invalid", [LECTEUR])
    with pytest.raises(Refus, match="au moins un rôle"):
        invitations.inviter(administrateur, commune(), "a@exemple.invalid", [])
    with pytest.raises(Refus):
        inviter(agent("mairie.lecteur"))


# --- Command ------------------------------------------------------------------------------------


def commande(*arguments: str) -> str:
    sortie = StringIO()
    call_command("inviter", *arguments, stdout=sortie)
    return sortie.getvalue()


def test_la_commande_invite_le_premier_administrateur(client):
    commune()
    sortie = commande("maire@exemple.invalid", "--collectivite", INSEE, "--role", "mairie.administrateur")
    lien = re.search(r"https?://\S+?(/connexion/invitation/\S+)", sortie).group(1)
    client.post(lien, {**OUVERTURE, "nom": "Le Maire"})
    maire = Utilisateur.objects.get(email="maire@exemple.invalid")
    assert droits.administre(maire, [INSEE])
    assert CourrielSortant.objects.get().destinataire == maire.email


def test_la_commande_invite_par_profil_et_sans_courriel():
    commune()
    commande("s@exemple.invalid", "--collectivite", INSEE, "--profil", "secretaire", "--sans-courriel")
    proposes = {p["role"] for p in Invitation.objects.get().propositions}
    assert {"administrateur", "lecteur"} <= proposes and not CourrielSortant.objects.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("x@exemple.invalid", "--collectivite", "99999", "--role", "mairie.lecteur"),
        ("x@exemple.invalid", "--collectivite", INSEE, "--role", "mairie.inventeur"),
        ("x@exemple.invalid", "--collectivite", INSEE, "--role", "sans-point"),
        ("x@exemple.invalid", "--collectivite", INSEE, "--profil", "inconnu"),
        ("x@exemple.invalid", "--collectivite", INSEE),
        ("pas-une-adresse", "--collectivite", INSEE, "--role", "mairie.lecteur"),
    ],
)
def test_la_commande_dit_ce_qui_ne_va_pas(arguments):
    commune()
    with pytest.raises(CommandError):
        commande(*arguments)
    assert not Invitation.objects.exists()
