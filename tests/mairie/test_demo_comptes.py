"""The accounts that the demonstration prints: each comes in by the door, with the roles that are said."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from mairie import demo, demo_socle, roles
from mairie.ecrans.droits import partout
from mairie.models import Habilitation, Piece, Utilisateur
from mairie.pieces import demo as demo_pieces
from tests.mairie.adresses.fabrique import voie
from tests.personnes import INSEE

pytestmark = pytest.mark.django_db
JOUR = date(2026, 3, 12)


@pytest.fixture
def comptes():
    demo_socle.jouer(JOUR)
    return demo.comptes()


def test_chaque_compte_annonce_entre_par_la_porte(comptes):
    assert len(comptes) >= 5
    for compte in comptes:
        client = Client()
        reponse = client.post("/connexion/", {"login": compte.email, "password": demo.MOT_DE_PASSE})
        assert reponse.status_code == 302, compte.email
        assert reponse.headers["Location"] == ("/bureau/" if compte.roles else "/"), compte.email
        assert client.get(reponse.headers["Location"]).status_code == 200


def test_la_secretaire_a_tous_les_roles_sauf_ceux_qui_signent(comptes):
    secretaire = Utilisateur.objects.get(email="secretaire@demo.invalid")
    tenus = set(Habilitation.objects.filter(utilisateur=secretaire).values_list("metier", "role"))
    assert tenus == {(r.metier, r.code) for r in roles.roles() if not r.signataire}
    assert ("mairie", "dpo") in tenus and ("urba", "signataire") not in tenus


def test_l_administrateur_seul_change_ce_que_toutes_les_collectivites_partagent(comptes):
    par = {u.email.split("@")[0]: u for u in Utilisateur.objects.all()}
    assert partout(par["administrateur"], "mairie.administrer")
    assert not partout(par["secretaire"], "mairie.administrer")


def test_jouer_deux_fois_ne_double_rien(comptes):
    avant = Utilisateur.objects.count(), Habilitation.objects.count()
    demo_socle.jouer(JOUR)
    assert (Utilisateur.objects.count(), Habilitation.objects.count()) == avant


def test_les_pieces_de_la_demonstration_sont_de_vrais_fichiers(comptes, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    rue = voie("Rue du Lavoir", INSEE)
    demo_pieces.jouer(JOUR)
    plan, vue = Piece.objects.du_dossier(rue).order_by("nom")
    assert (plan.mime, plan.pages, plan.code) == ("application/pdf", 1, "plan")
    assert vue.photo and vue.copie and vue.code == "photo"
    nombre = Piece.objects.count()
    demo_pieces.jouer(JOUR)
    assert Piece.objects.count() == nombre
