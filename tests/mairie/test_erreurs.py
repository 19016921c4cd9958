"""Error pages: what they say, that they ask nothing of a database that is away, and their way back."""

from __future__ import annotations

import html
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client

from mairie import erreurs
from tests.personnes import agent

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.mairie.urls_pannes")]


@pytest.fixture
def client():
    """A client that shows the error page instead of raising."""
    return Client(raise_request_exception=False)


@pytest.fixture
def base_arretee(monkeypatch):
    """No query passes any more."""

    def partir(*_a, **_k):
        raise OperationalError("could not connect to server: Connection refused")

    monkeypatch.setattr(BaseDatabaseWrapper, "_cursor", partir)


def texte(reponse) -> str:
    return html.unescape(reponse.content.decode())


def test_une_panne_donne_un_numero_qui_est_au_journal(client, caplog):
    reponse = client.get("/essai/panne/")
    assert reponse.status_code == 500
    numero = re.search(r'class="incident">([0-9A-F]{8})<', texte(reponse))[1]
    assert reponse.headers["X-Request-Id"].startswith(numero.lower())
    assert f"Incident {numero}" in caplog.text
    assert 'href="/"' in texte(reponse) and "Traceback" not in texte(reponse)


def test_un_programme_recoit_le_numero_en_json(client):
    reponse = client.get("/api/essai/panne/")
    assert reponse.status_code == 500
    assert re.fullmatch(r"Erreur du serveur, incident [0-9A-F]{8}\.", reponse.json()["detail"])


def test_la_base_partie_donne_503_et_quand_revenir(client):
    reponse = client.get("/essai/base/")
    assert (reponse.status_code, reponse.headers["Retry-After"]) == (503, "30")
    assert reponse.headers["Cache-Control"] == "no-store"
    assert "Le service est momentanément indisponible" in texte(reponse)
    programme = client.get("/api/essai/base/")
    assert programme.status_code == 503 and "Retry-After" in programme.headers
    assert "base de données" in programme.json()["detail"]


@pytest.mark.parametrize(
    "adresse", ["/cadastre/", "/", "/recherche/?q=AB+1", "/parcelles/25999000AB0001/", "/bureau/charte/"]
)
def test_sans_base_chaque_page_repond_503_meme_a_qui_est_connecte(client, request, adresse):
    client.force_login(agent("mairie.lecteur"), backend="django.contrib.auth.backends.ModelBackend")
    request.getfixturevalue("base_arretee")
    reponse = client.get(adresse)
    assert reponse.status_code == 503, adresse
    assert "momentanément indisponible" in texte(reponse)


def test_sans_base_une_adresse_inconnue_ne_finit_pas_en_panne(client, request):
    client.force_login(agent("mairie.lecteur"), backend="django.contrib.auth.backends.ModelBackend")
    request.getfixturevalue("base_arretee")
    assert client.get("/nulle-part/").status_code in (404, 503)


def test_une_requete_trop_longue_n_est_pas_une_base_absente(client):
    assert client.get("/essai/annulee/").status_code == 500


@pytest.mark.parametrize(
    ("etat", "absente"),
    [
        ("57P01", True),
        ("57P03", True),
        ("53300", True),
        ("08006", True),
        (None, True),
        ("40P01", False),
        ("57014", False),
    ],
)
def test_les_etats_de_postgresql_qui_disent_une_absence(etat, absente):
    cause = Exception()
    cause.pgcode = etat
    erreur = OperationalError()
    erreur.__cause__ = cause
    assert erreurs.base_absente(erreur) is absente
    derriere = RuntimeError()
    derriere.__cause__ = erreur
    assert erreurs.base_absente(derriere) is absente
    assert erreurs.base_absente(ValueError()) is False


def test_un_refus_dit_ce_qu_il_faudrait_et_ramene(client):
    reponse = client.get("/essai/refus/")
    assert reponse.status_code == 403
    assert "Il faut le rôle « signataire »." in texte(reponse) and 'href="/"' in texte(reponse)
    assert client.get("/api/essai/refus/").json()["detail"] == "Il faut le rôle « signataire »."


def test_l_introuvable_ne_dit_pas_a_l_agent_si_l_objet_existe_ailleurs(client):
    assert "ou ce qu'elle montre" not in texte(client.get("/nulle-part/"))
    client.force_login(agent("mairie.lecteur"), backend="django.contrib.auth.backends.ModelBackend")
    assert "n'est pas dans vos communes" in texte(client.get("/nulle-part/"))


def test_un_formulaire_sans_jeton_dit_quoi_faire():
    reponse = Client(enforce_csrf_checks=True).post("/recherche/", {"q": "AB 1"})
    assert reponse.status_code == 403
    assert "Ce formulaire n'est plus valable" in texte(reponse)
    assert 'href="/recherche/">Rouvrir la page' in texte(reponse)
    programme = Client(enforce_csrf_checks=True).post("/api/essai/recevoir/", {"q": "x"})
    assert programme.status_code == 403 and "Jeton" in programme.json()["detail"]


def test_une_demande_douteuse_donne_400_sans_repeter_ce_qui_est_recu(client):
    reponse = client.get("/essai/douteux/")
    assert reponse.status_code == 400 and "Cachotin" not in texte(reponse)


def test_un_caractere_nul_dans_l_adresse_donne_400_et_non_une_panne(client):
    assert client.get("/cadastre/millesimes/", {"commune": "\0"}).status_code == 400


# --- too large ----------------------------------------------------------------------------------


def test_un_envoi_annonce_trop_gros_est_refuse_sans_etre_lu(client, settings):
    settings.ENVOI_MAX = 1024**2
    reponse = client.generic("POST", "/essai/recevoir/", b"x", CONTENT_LENGTH=str(200 * 1024**2))
    assert reponse.status_code == 413
    page = texte(reponse)
    assert "1 Mo au plus" in page and "Rien de cet envoi n'a été gardé." in page
    assert 'href="/essai/recevoir/">Revenir au formulaire' in page
    programme = client.generic("POST", "/api/essai/recevoir/", b"x", CONTENT_LENGTH=str(2 * 1024**2))
    assert programme.status_code == 413 and "1 Mo au plus" in programme.json()["detail"]


@pytest.mark.parametrize(("longueur", "statut"), [(1990, 200), (2001, 413)])
def test_une_vue_peut_avoir_sa_propre_limite(client, longueur, statut):
    corps = b"texte=" + b"a" * (longueur - 6)
    reponse = client.generic("POST", "/essai/petit/", corps, content_type="application/x-www-form-urlencoded")
    assert reponse.status_code == statut


def test_un_texte_trop_long_et_trop_de_champs_donnent_413(client, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert client.post("/essai/recevoir/", {"texte": "a" * 2000}).status_code == 413
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2
    reponse = client.post("/essai/recevoir/", {"a": "1", "b": "2", "c": "3"})
    assert reponse.status_code == 413
    assert "plus de champs ou de texte" in texte(reponse)


def test_une_longueur_annoncee_absurde_ne_fait_pas_de_panne(client):
    assert client.generic("GET", "/essai/recevoir/", CONTENT_LENGTH="beaucoup").status_code == 200


# --- pages for the proxy ------------------------------------------------------------------------


def test_les_pages_du_serveur_frontal_s_ecrivent_sans_base(tmp_path, request):
    request.getfixturevalue("base_arretee")
    call_command("ecrire_pages_erreur", str(tmp_path), stdout=StringIO())
    assert {f.name for f in tmp_path.iterdir()} == {"413.html", "503.html"}
    assert "momentanément indisponible" in (tmp_path / "503.html").read_text()
