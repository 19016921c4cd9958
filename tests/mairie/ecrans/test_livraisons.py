"""Deliveries of domain events on the administrator's screen."""

from __future__ import annotations

import html

import pytest

from mairie.models import Livraison
from tests.mairie.ecrans.conftest import client_de
from tests.matrice_ecrans import livraison
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

ADRESSE = "/reglages/evenements/"
pytestmark = pytest.mark.django_db


def texte(reponse) -> str:
    assert reponse.status_code == 200
    return html.unescape(reponse.content.decode())


@pytest.fixture
def admin():
    return client_de(agent("mairie.administrateur"))


def test_l_administrateur_voit_les_livraisons_de_ses_communes(admin):
    livraison(erreur="ValueError : chez nous", etat="echec")
    livraison(erreur="ValueError : ailleurs", etat="echec", insee=AUTRE_INSEE)
    page = texte(admin.get(ADRESSE))
    assert "chez nous" in page and "ailleurs" not in page and "essai.chose_faite" in page


def test_les_evenements_sans_commune_sont_pour_qui_administre_toutes_les_collectivites(admin):
    livraison(insee="")
    assert "1 résultat" in " ".join(texte(admin.get(ADRESSE)).split()).replace("<strong>", "").replace(
        "</strong>", ""
    )
    commune(AUTRE_INSEE)
    assert "Aucun événement n'a encore été livré." in texte(admin.get(ADRESSE))
    deux = client_de(agent("mairie.administrateur", codes=(INSEE, AUTRE_INSEE)))
    assert "essai.chose_faite" in texte(deux.get(ADRESSE))


def test_une_livraison_en_echec_se_relance(admin):
    echec = livraison(etat="echec", essais=3, erreur="ValueError : boum")
    suite = admin.post(f"{ADRESSE}{echec.pk}/", {"action": "relancer"}, follow=True)
    assert "trois nouveaux essais" in texte(suite)
    echec.refresh_from_db()
    assert (echec.etat, echec.essais) == (Livraison.Etat.A_LIVRER, 0)
    refus = admin.post(ADRESSE, {"un": f"relancer:{echec.pk}"}, follow=True)
    assert "attend déjà son prochain essai" in texte(refus)


def test_la_livraison_d_une_autre_commune_est_introuvable(admin):
    autre = livraison(insee=AUTRE_INSEE, etat="echec")
    assert admin.get(f"{ADRESSE}{autre.pk}/").status_code == 404
    assert admin.post(f"{ADRESSE}{autre.pk}/", {"action": "relancer"}).status_code == 404
    assert admin.get(f"{ADRESSE}{10**30}/").status_code == 404
    autre.refresh_from_db()
    assert autre.etat == "echec"
