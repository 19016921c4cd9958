"""Field entries on the server's side: once, by their author, told apart from what changed."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import Client
from django.utils import timezone

from mairie.hors_ligne import declarer, registre
from mairie.hors_ligne.reception import GARDE, cle_personne, purger
from mairie.models import SaisieRecue
from mairie.taches.programmes import programmes
from tests.personnes import agent
from tests.terrain_exemple import CODE, PUITS, SAISIE

pytestmark = pytest.mark.django_db
ADRESSE = f"/terrain/{CODE}/1/"


@pytest.fixture(autouse=True)
def puits():
    PUITS.vider()
    declarer(SAISIE)
    yield PUITS
    registre.retirer(CODE)


@pytest.fixture
def lui():
    return agent("mairie.administrateur")


@pytest.fixture
def client_lui(lui):
    client = Client()
    client.force_login(lui, backend="django.contrib.auth.backends.ModelBackend")
    return client


def saisie(personne, *, uuid=None, version=1, **champs):
    valeurs = {"niveau": "120", "etat": "bon", "remarque": "", "vu_le": "2026-01-15", **champs}
    return {
        **{k: v for k, v in valeurs.items() if v is not None},
        "client_uuid": str(uuid or uuid4()),
        "version": str(version),
        "personne": cle_personne(personne),
    }


def envoyer(client, donnees, adresse=ADRESSE):
    return client.post(adresse, donnees, headers={"accept": "application/json"})


def test_une_saisie_envoyee_deux_fois_est_ecrite_une_fois(client_lui, lui, puits):
    une = saisie(lui)
    premiere, seconde = envoyer(client_lui, une), envoyer(client_lui, une)
    assert premiere.status_code == seconde.status_code == 200
    assert premiere.json()["message"] == seconde.json()["message"] == "Relevé du puits n° 1 enregistré."
    assert "deja" not in premiere.json() and seconde.json()["deja"] is True
    assert len(puits.ecritures) == 1 and SaisieRecue.objects.count() == 1
    assert premiere.json()["version"] == 2


@pytest.mark.django_db(transaction=True)
def test_deux_envois_en_meme_temps_font_une_ecriture(lui, puits):
    une, statuts = saisie(lui), []

    def partir():
        client = Client()
        client.force_login(lui, backend="django.contrib.auth.backends.ModelBackend")
        statuts.append(envoyer(client, une).status_code)
        connection.close()

    fils = [threading.Thread(target=partir) for _ in range(3)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert statuts == [200, 200, 200] and len(puits.ecritures) == 1


def test_une_fiche_changee_entre_temps_montre_les_deux_versions(client_lui, lui, puits):
    puits.changer("1", niveau=90, couvert=True)
    reponse = envoyer(client_lui, saisie(lui, etat="abime"))
    lu = reponse.json()
    assert reponse.status_code == 409 and lu["version"] == 2 and lu["par"] == "Agent Essai"
    lignes = {
        ligne["champ"]: (ligne["saisi"], ligne["actuel"], ligne["actuel_brut"]) for ligne in lu["conflit"]
    }
    assert lignes == {
        "niveau": ("120", "90", ["90"]),
        "etat": ("Abîmé", "Bon", ["bon"]),
        "couvert": ("non", "oui", ["on"]),
    }
    # Nothing is written, and the same key may come again on the new version.
    assert puits.ecritures == [] and not SaisieRecue.objects.exists()
    assert envoyer(client_lui, saisie(lui, version=2)).status_code == 200


def test_une_saisie_reprise_apres_sa_reception_n_ecrase_rien(client_lui, lui, puits):
    """The answer was lost, the person wrote on: the same key with other contents."""
    une = saisie(lui)
    envoyer(client_lui, une)
    reponse = envoyer(client_lui, {**une, "niveau": "130"})
    assert reponse.status_code == 409
    assert [(x["champ"], x["saisi"], x["actuel"]) for x in reponse.json()["conflit"]] == [
        ("niveau", "130", "120")
    ]
    assert puits.valeurs["1"]["niveau"] == 120 and len(puits.ecritures) == 1


def test_la_saisie_d_un_autre_compte_n_est_pas_prise(client_lui, puits):
    autre = agent("mairie.administrateur", email="autre@exemple.invalid")
    reponse = envoyer(client_lui, saisie(autre))
    assert reponse.status_code == 409 and "autre compte" in reponse.json()["erreur"]
    assert puits.ecritures == []


def test_la_cle_d_un_autre_ne_sert_pas(client_lui, lui, puits):
    une = saisie(lui)
    envoyer(client_lui, une)
    autre = agent("mairie.administrateur", email="autre@exemple.invalid")
    client = Client()
    client.force_login(autre, backend="django.contrib.auth.backends.ModelBackend")
    reponse = envoyer(client, saisie(autre, uuid=une["client_uuid"]))
    assert reponse.status_code == 409 and "puits" not in reponse.content.decode()
    assert envoyer(client_lui, une, f"/terrain/{CODE}/2/").status_code == 409


def test_deconnecte_rien_n_est_pris(lui, puits):
    reponse = envoyer(Client(), saisie(lui))
    assert reponse.status_code == 302 and puits.ecritures == []


@pytest.mark.parametrize(
    ("champs", "statut", "mots"),
    [
        ({"niveau": "beaucoup"}, 422, "niveau"),
        ({"niveau": "99999"}, 422, "niveau"),
        ({"remarque": "refus"}, 422, "Cette remarque n'est pas acceptée."),
    ],
)
def test_une_saisie_fausse_est_refusee_avec_des_mots(client_lui, lui, puits, champs, statut, mots):
    reponse = envoyer(client_lui, saisie(lui, **champs))
    assert reponse.status_code == statut and mots in reponse.content.decode()
    assert puits.ecritures == [] and not SaisieRecue.objects.exists()


@pytest.mark.parametrize(
    "donnees", [{"client_uuid": "x"}, {"version": "x"}, {"client_uuid": "", "version": ""}]
)
def test_une_saisie_sans_cle_est_refusee(client_lui, lui, puits, donnees):
    assert envoyer(client_lui, {**saisie(lui), **donnees}).status_code == 422


def test_un_objet_ou_un_formulaire_inconnu(client_lui, lui):
    assert envoyer(client_lui, saisie(lui), f"/terrain/{CODE}/99/").status_code == 404
    assert client_lui.get("/terrain/inconnu/1/").status_code == 404


def test_sans_le_droit_la_fiche_est_refusee():
    client = Client()
    client.force_login(agent(), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(ADRESSE).status_code == 403
    assert "Puits" not in client.get("/terrain/").content.decode()
    assert Client().get(ADRESSE).status_code == 302


def test_sans_script_la_fiche_s_enregistre_et_le_conflit_se_montre(client_lui, lui, puits):
    page = client_lui.get(ADRESSE)
    assert page.status_code == 200 and page["X-Hors-Ligne"] == cle_personne(lui)
    assert page["Cache-Control"] == "private, no-store"
    reponse = client_lui.post(ADRESSE, saisie(lui), follow=True)
    assert "Relevé du puits n° 1 enregistré." in reponse.content.decode()
    conflit = client_lui.post(ADRESSE, saisie(lui, niveau="140"))
    texte = conflit.content.decode()
    assert conflit.status_code == 409 and "Votre saisie" in texte and 'value="140"' in texte
    assert 'name="version" value="2"' in texte and "X-Hors-Ligne" not in conflit


def test_l_ouvrier_et_l_etat(client_lui, lui):
    ouvrier = Client().get("/terrain/service.js")
    assert ouvrier["Content-Type"].startswith("text/javascript") and ouvrier["Cache-Control"] == "no-cache"
    etat = client_lui.get("/terrain/etat")
    assert etat.json()["personne"] == cle_personne(lui) and etat["Cache-Control"] == "no-store"
    # Opaque: neither number nor mail.
    assert len(cle_personne(lui)) == 32 and lui.email not in etat.content.decode()
    assert Client().get("/terrain/etat").json()["personne"] == "" == cle_personne(AnonymousUser())


def test_deux_formulaires_du_meme_code_sont_une_faute():
    with pytest.raises(ValueError, match="déjà déclarée"):
        declarer(SAISIE)


def test_les_reponses_gardees_partent_apres_six_mois(client_lui, lui, puits):
    maintenant = timezone.now()
    for _ in range(3):
        assert envoyer(client_lui, saisie(lui, version=SaisieRecue.objects.count() + 1)).status_code == 200
    vieille, juste, _ = SaisieRecue.objects.order_by("recue_le")
    for recue, age in ((vieille, GARDE + timedelta(seconds=1)), (juste, GARDE)):
        SaisieRecue.objects.filter(pk=recue.pk).update(recue_le=maintenant - age)
    assert purger(maintenant) == 1
    assert not SaisieRecue.objects.filter(pk=vieille.pk).exists()
    assert "mairie.purger_saisies" in programmes()
