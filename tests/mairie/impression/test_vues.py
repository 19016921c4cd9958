"""Printing over HTTP: rights, answers and bounds; the series of agents, from the form to the file."""

from __future__ import annotations

import threading
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.utils import timezone

from mairie.impression import debit, serie
from mairie.impression.demande import lire
from mairie.models import Impression, Tache
from mairie.taches.ouvrier import vider_la_file
from tests.couches import couche_interne
from tests.mairie.impression.conftest import demander
from tests.mairie.impression.lecture_pdf import pages
from tests.personnes import agent

pytestmark = pytest.mark.django_db
PDF = "/carte/impression/plan.pdf"
SERIE = "/carte/impression/serie/"
MACHINE = {"HTTP_ACCEPT": "application/pdf, application/json"}


@pytest.fixture(autouse=True)
def _fichiers(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def obtenir(client, **options):
    return client.get(f"{PDF}?{urlencode(demander(**options))}", **MACHINE)


def test_un_visiteur_obtient_un_pdf_que_rien_ne_peut_charger(plan, client):
    reponse = obtenir(client, titre="Rue du Lavoir")
    assert reponse.status_code == 200 and reponse.content.startswith(b"%PDF-")
    assert reponse["Content-Type"] == "application/pdf"
    assert reponse["Content-Disposition"] == 'inline; filename="rue-du-lavoir.pdf"'
    assert reponse["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert reponse["X-Content-Type-Options"] == "nosniff"
    assert reponse["Cache-Control"] == "no-cache"
    assert "sessionid" not in reponse.cookies
    (page,) = pages(reponse.content)
    assert "Rue du Lavoir" in page.texte


def test_une_couche_interne_n_existe_que_pour_qui_y_a_droit(plan, client, django_user_model):
    with couche_interne():
        refusee = obtenir(client, couches="urba_essai")
        assert refusee.status_code == 404
        assert refusee.json()["erreur"] == "La couche « urba_essai » n'existe pas."
        # The internal layer is drawn unless switched off: not for the public.
        public = obtenir(client)
        assert "Dossier" not in pages(public.content)[0].texte.split("Légende")[1]
        personne = agent("sig.lecteur", email="interne@exemple.invalid")
        django_user_model.objects.filter(pk=personne.pk).update(is_staff=True)
        client.force_login(personne)
        interne = obtenir(client)
        assert "Dossier" in pages(interne.content)[0].texte.split("Légende")[1]
        assert interne["Cache-Control"] == "private, no-store"
        sans = obtenir(client, couches="-urba_essai")
        assert sans["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("options", "statut", "mot"),
    [
        ({"echelle": "100"}, 400, "Choisissez une échelle entre 1/200 et 1/25 000."),
        ({"echelle": "50000"}, 400, "Choisissez une échelle"),
        ({"echelle": "mille"}, 400, "Choisissez une échelle"),
        ({"echelle": ""}, 400, "Choisissez une échelle"),
        ({"format": "a0"}, 400, "« format » vaut a4 ou a3"),
        ({"orientation": "biais"}, 400, "« orientation » vaut portrait ou paysage"),
        ({"lat": "nord"}, 400, "« lat » doit être un nombre"),
        ({"lon": "nan"}, 400, "« lon » doit être compris"),
        ({"lat": "89"}, 400, "« lat » doit être compris"),
        ({"jour": "demain"}, 400, "« jour » doit être une date"),
        ({"couches": "nulle_part"}, 404, "La couche « nulle_part » n'existe pas."),
        ({"parcelle": "25999000AB0999"}, 404, "aucun objet placé de ce nom"),
        ({"objet": "nulle:1"}, 404, "La couche « nulle » n'existe pas."),
        ({"parcelle": "a\0b"}, 404, "aucun objet placé"),
    ],
)
def test_une_mauvaise_demande_est_refusee_avec_des_mots(plan, client, options, statut, mot):
    reponse = obtenir(client, **options)
    assert reponse.status_code == statut
    assert mot in reponse.json()["erreur"]
    page = client.get(f"{PDF}?{urlencode(demander(**options))}", HTTP_ACCEPT="text/html")
    assert page.status_code == statut and mot.split("«")[0] in page.content.decode()


def test_une_opacite_ou_un_ordre_illisible_est_laisse(plan):
    donnees = demander(opacites="batiments:x,parcelles:250,voies", ordre="a:nan,batiments:75")
    demande = lire(donnees, None)
    assert demande.choix.opacites == {"parcelles": 1.0} and demande.choix.rangs == {"batiments": 75.0}


def test_un_visiteur_qui_imprime_trop_est_prie_d_attendre(plan, client, settings):
    settings.IMPRESSIONS_VISITEUR = 2
    assert [obtenir(client, echelle=200).status_code for _ in range(3)] == [200, 200, 429]
    refus = obtenir(client)
    assert "réessayez dans quelques minutes" in refus.json()["erreur"]
    # Another address, then the same one later.
    ailleurs = client.get(f"{PDF}?{urlencode(demander(echelle=200))}", REMOTE_ADDR="198.51.100.7", **MACHINE)
    assert ailleurs.status_code == 200
    Impression.objects.update(cree_le=timezone.now() - debit.FENETRE)
    assert obtenir(client, echelle=200).status_code == 200
    # An agent is not counted.
    client.force_login(agent("sig.lecteur"))
    settings.IMPRESSIONS_VISITEUR = 0
    assert obtenir(client, echelle=200).status_code == 200
    assert not Impression.objects.filter(auteur__isnull=False).exists()


def test_l_adresse_d_un_visiteur_n_est_pas_gardee(plan, client):
    obtenir(client, echelle=200)
    gardee = Impression.objects.get()
    assert gardee.origine and "127.0.0.1" not in gardee.origine and gardee.demande == {}


@pytest.mark.django_db(transaction=True)
def test_les_visiteurs_n_impriment_pas_tous_a_la_fois(settings):
    settings.IMPRESSIONS_SIMULTANEES = 1
    tenue, rendue = threading.Event(), threading.Event()

    def tenir() -> None:
        with debit.place():
            tenue.set()
            rendue.wait(10)
        connection.close()

    fil = threading.Thread(target=tenir)
    fil.start()
    try:
        assert tenue.wait(10)
        with pytest.raises(debit.TropDImpressions, match="réessayez dans un instant"), debit.place():
            pass
    finally:
        rendue.set()
        fil.join()
    with debit.place():
        pass


def test_une_feuille_trop_chargee_est_refusee_au_visiteur_et_preparee_pour_l_agent(plan, client, settings):
    settings.IMPRESSION_OBJETS = 5
    refusee = obtenir(client)
    assert refusee.status_code == 422 and "plus grande échelle" in refusee.json()["erreur"]
    secretaire = agent("sig.lecteur")
    client.force_login(secretaire)
    reponse = obtenir(client, titre="Grande feuille")
    assert reponse.status_code == 202
    tache = Tache.objects.get(code="mairie.imprimer")
    assert reponse.json()["suivi"] == f"/taches/{tache.pk}/"
    assert vider_la_file() == 1
    impression = Impression.objects.get(titre="Grande feuille")
    pdf = client.get(f"/carte/impression/{impression.pk}/plan.pdf")
    assert pdf["Cache-Control"] == "private, no-store"
    octets = b"".join(pdf.streaming_content)
    assert octets.startswith(b"%PDF-") and "Grande feuille" in pages(octets)[0].texte


def test_le_cadre_de_la_feuille_est_rendu_a_la_carte(plan, client):
    reponse = client.get(f"/carte/impression/cadre?{urlencode(demander(echelle=1000))}", **MACHINE)
    lu = reponse.json()
    # A4 upright: 186 mm by 216 mm of map.
    assert (lu["largeur_m"], lu["hauteur_m"]) == (186.0, 216.0)
    lats = [lat for lat, _ in lu["contour"]]
    assert len(lu["contour"]) > 8 and max(lats) - min(lats) == pytest.approx(216 / 111_200, rel=0.05)
    assert client.get("/carte/impression/cadre?echelle=1", **MACHINE).status_code == 400


# --- series -------------------------------------------------------------------------------------


def poster(client, **champs):
    donnees = {"serie": "parcelles", "format": "a4", "orientation": "portrait", "echelle": "auto", **champs}
    return client.post(SERIE, donnees)


def test_une_serie_est_reservee_aux_agents(plan, client):
    assert client.get(SERIE).status_code == 302
    client.force_login(agent())
    assert client.get(SERIE).status_code == 403


def test_une_serie_fait_une_feuille_par_parcelle(plan, client):
    secretaire = agent("sig.lecteur")
    client.force_login(secretaire)
    reponse = poster(
        client, cles="25999000AB0001\nAB 2 ; 25999000AB0003\nAB 2", titre="Riverains", couches="-batiments"
    )
    tache = Tache.objects.get(code="mairie.imprimer")
    assert reponse.status_code == 302 and reponse["Location"] == f"/taches/{tache.pk}/"
    assert vider_la_file() == 1
    suivi = client.get(reponse["Location"]).content.decode()
    impression = Impression.objects.get()
    assert f"/carte/impression/{impression.pk}/plan.pdf" in suivi and impression.pages == 3
    octets = b"".join(client.get(f"/carte/impression/{impression.pk}/plan.pdf").streaming_content)
    lues = pages(octets)
    assert len(lues) == 3
    for page, numero in zip(lues, (1, 2, 3), strict=True):
        texte = " ".join(page.texte.split())
        # A parcel of thirty metres: 1/200 holds it on A4.
        assert f"Riverains – Parcelle AB {numero}" in texte and "Échelle 1/200" in texte
        assert "Bâtiment en dur" not in texte
    assert f"{impression.pk}/plan.pdf" in client.get(SERIE).content.decode()


def test_le_fichier_d_une_serie_n_est_qu_a_son_auteur(plan, client):
    client.force_login(agent("sig.lecteur"))
    poster(client, cles="25999000AB0001")
    vider_la_file()
    impression = Impression.objects.get()
    client.force_login(agent("sig.lecteur", email="autre@exemple.invalid"))
    assert client.get(f"/carte/impression/{impression.pk}/plan.pdf").status_code == 404
    client.logout()
    assert client.get(f"/carte/impression/{impression.pk}/plan.pdf").status_code == 302


@pytest.mark.parametrize(
    ("champs", "mot"),
    [
        ({"cles": " \n"}, "Écrivez au moins un objet"),
        ({"cles": "25999000AB0001\n25999000AB9001"}, "Introuvables dans « Parcelles », ou sans place"),
        ({"cles": "25999000ZZ0001"}, "25999000ZZ0001"),
        ({"cles": "25999000AB0001", "serie": "nulle"}, "La couche « nulle » n'existe pas."),
        ({"cles": "25999000AB0001", "serie": "batiments"}, "La couche « batiments » n'existe pas."),
        ({"cles": "25999000AB0001", "echelle": "12"}, "Choisissez une échelle"),
        ({"cles": "\n".join(f"25999000AB{i:04d}" for i in range(1, 102))}, "100 feuilles au plus"),
    ],
)
def test_une_mauvaise_serie_est_refusee_et_la_saisie_reste(plan, client, champs, mot):
    client.force_login(agent("sig.lecteur"))
    reponse = poster(client, **champs)
    page = reponse.content.decode().replace("&#x27;", "'")
    assert reponse.status_code == 400 and mot in page
    assert champs["cles"].strip()[:14] in page
    assert not Impression.objects.exists() and not Tache.objects.exists()


def test_une_serie_sur_une_couche_retiree_echoue_avec_des_mots(plan, client, django_user_model):
    personne = agent("sig.lecteur")
    django_user_model.objects.filter(pk=personne.pk).update(is_staff=True)
    client.force_login(django_user_model.objects.get(pk=personne.pk))
    with couche_interne():
        poster(client, serie="urba_essai", cles="25999000AB0001")
        django_user_model.objects.filter(pk=personne.pk).update(is_staff=False)
        vider_la_file()
    assert "ne vous est plus ouverte" in Tache.objects.get().erreur
    assert not Impression.objects.get().fichier


def test_les_impressions_d_une_semaine_sont_effacees(plan, client):
    client.force_login(agent("sig.lecteur"))
    poster(client, cles="25999000AB0001")
    vider_la_file()
    impression = Impression.objects.get()
    chemin = Path(impression.fichier.path)
    assert chemin.exists()
    Impression.objects.update(cree_le=timezone.now() - serie.GARDE - debit.FENETRE)
    Impression.objects.create(origine="x")
    assert serie.purger() == 1
    assert Impression.objects.count() == 1
    assert not chemin.exists()
