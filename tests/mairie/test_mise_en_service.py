"""The first collectivité of an installation, and the one link by which its administrator comes in."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from mairie.models import Collectivite, Habilitation, Invitation
from tests.personnes import INSEE, agent

pytestmark = pytest.mark.django_db
COURRIEL = "premiere@exemple.invalid"


def preparer(*arguments: str, **options: str) -> str:
    sortie = StringIO()
    call_command("preparer_collectivite", *arguments, stdout=sortie, **options)
    return sortie.getvalue()


def test_la_collectivite_se_cree_une_fois():
    assert "Collectivité créée : Valbrune (25999)" in preparer(INSEE, " Valbrune ")
    assert preparer(INSEE, "Autre nom") == ""
    assert Collectivite.objects.get().nom == "Valbrune"
    preparer("259990001", "Communauté d'essai")
    assert Collectivite.objects.get(code="259990001").nature == "epci"


@pytest.mark.parametrize(
    ("arguments", "courriel"),
    [(("2599", "X"), ""), ((INSEE, "x" * 121), ""), ((INSEE, "X"), "pas une adresse")],
)
def test_une_saisie_fautive_est_refusee(arguments, courriel):
    with pytest.raises(CommandError):
        preparer(*arguments, administrateur=courriel)


def test_le_lien_du_premier_administrateur_ouvre_l_invitation(client, settings):
    settings.ADRESSE_DU_SITE = "https://urbanisme.exemple.invalid"
    dit = preparer(INSEE, "Valbrune", administrateur=COURRIEL)
    chemin = re.search(r"https://urbanisme\.exemple\.invalid(/connexion/invitation/\S+/)", dit)[1]
    assert client.get(chemin).status_code == 200
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.collectivite.code) == (COURRIEL, INSEE)
    assert [(p["metier"], p["role"]) for p in invitation.propositions] == [("mairie", "administrateur")]
    # Asked again before it was used: another link, and only that one.
    autre = re.search(r"(/connexion/invitation/\S+/)", preparer(INSEE, "Valbrune", administrateur=COURRIEL))[
        1
    ]
    assert autre != chemin
    assert Invitation.objects.filter(revoquee_le=None).count() == 1


def test_personne_n_est_invite_quand_un_administrateur_est_en_place():
    agent("mairie.administrateur")
    assert "déjà en place" in preparer(INSEE, "Valbrune", administrateur=COURRIEL)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("cas", ["terminee", "a_venir", "inactif", "autre_commune", "autre_role"])
def test_ce_qui_n_est_pas_un_administrateur_en_place_n_empeche_rien(cas):
    jour = timezone.localdate()
    role = "mairie.lecteur" if cas == "autre_role" else "mairie.administrateur"
    personne = agent(role, codes=("25998",) if cas == "autre_commune" else (INSEE,))
    if cas == "terminee":
        Habilitation.objects.update(au=jour - timedelta(days=1))
    if cas == "a_venir":
        Habilitation.objects.update(du=jour + timedelta(days=1))
    if cas == "inactif":
        type(personne).objects.update(is_active=False)
    assert "/connexion/invitation/" in preparer(INSEE, "Valbrune", administrateur=COURRIEL)
