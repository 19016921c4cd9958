"""First steps: each state is read from the data, for the collectivités of who reads."""

from __future__ import annotations

import html
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from cadastre.premiers_pas import plan as etat_plan
from gis_data.contraintes.models import DocumentUrbanisme
from mairie import premiers_pas
from mairie import premiers_pas_socle as socle
from mairie.models import Collectivite, EnTete, Habilitation, Invitation, Sauvegarde
from mairie.premiers_pas import Avancement, Etape, Etat
from tests.cadastre import fabrique
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

pytestmark = pytest.mark.django_db
DOS = "django.contrib.auth.backends.ModelBackend"
UN = frozenset({INSEE})
DEUX = frozenset({INSEE, AUTRE_INSEE})


def test_les_coordonnees_sont_completes_en_partie_ou_absentes():
    une, autre = commune(), commune(AUTRE_INSEE)
    assert socle.collectivite(DEUX).avancement is Avancement.A_FAIRE
    une.adresse, une.telephone = "1 place", "03"
    une.save()
    etat = socle.collectivite(DEUX)
    assert etat.avancement is Avancement.EN_PARTIE and autre.nom in etat.phrase and une.nom not in etat.phrase
    assert socle.collectivite(UN).avancement is Avancement.FAIT
    autre.adresse = "2 place"
    autre.save()
    assert socle.collectivite(DEUX).avancement is Avancement.EN_PARTIE
    autre.courriel = "m@exemple.invalid"
    autre.save()
    assert socle.collectivite(DEUX).avancement is Avancement.FAIT


def test_un_administrateur_seul_n_est_pas_une_equipe():
    agent("mairie.administrateur")
    etat = socle.agents(UN)
    assert etat.avancement is Avancement.A_FAIRE and etat.phrase.startswith("1 personne habilitée")
    Invitation.objects.create(
        collectivite=commune(), email="a@exemple.invalid", empreinte="0" * 64,
        propositions=[{"metier": "mairie", "role": "lecteur"}], expire_le=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    assert socle.agents(UN).avancement is Avancement.EN_PARTIE
    assert "1 invitation en attente" in socle.agents(UN).phrase
    agent("mairie.lecteur")
    assert socle.agents(UN).avancement is Avancement.FAIT
    Habilitation.objects.filter(role="lecteur").update(au=timezone.localdate() - timedelta(days=1))
    assert socle.agents(UN).avancement is Avancement.EN_PARTIE


def test_l_en_tete_d_un_metier_ne_vaut_pas_pour_tous():
    EnTete.objects.create(collectivite=commune(), metier="urba", nom="Urbanisme")
    assert socle.entetes(UN).avancement is Avancement.A_FAIRE
    EnTete.objects.create(collectivite=commune(), nom="Mairie")
    assert socle.entetes(UN).avancement is Avancement.FAIT


def document(**champs: object) -> DocumentUrbanisme:
    valeurs = {
        "famille": "du", "type_document": "PLU", "identifiant": "x", "territoire": INSEE, "source": "x.zip",
        "valide_du": date(2020, 1, 1), "empreinte": "0" * 64, "srid_source": 2154, **champs,
    }  # fmt: skip
    return DocumentUrbanisme.objects.create(**valeurs)


def test_seul_un_document_en_vigueur_compte():
    commune()
    demain = timezone.localdate() + timedelta(days=1)
    document(famille="sup", categorie="AC1", territoire="25")
    document(valide_du=demain)
    document(territoire="25997")
    assert socle.document_urbanisme(UN).avancement is Avancement.A_FAIRE
    document(territoire="259990001", communes=[INSEE], type_document="PLUi")
    assert socle.document_urbanisme(UN).avancement is Avancement.FAIT


def test_un_document_clos_ne_compte_plus():
    commune()
    document(valide_au=timezone.localdate())
    assert socle.document_urbanisme(UN).avancement is Avancement.A_FAIRE


def test_les_fonds_sont_un_choix(settings):
    assert socle.fonds(UN).avancement is Avancement.FACULTATIF
    settings.FONDS_DE_CARTE_IGN = True
    assert socle.fonds(UN).avancement is Avancement.FAIT


@time_machine.travel(datetime(2026, 3, 12, 10, tzinfo=UTC), tick=False)
@pytest.mark.parametrize(
    ("sauvegardes", "attendu"),
    [
        ([], Avancement.A_FAIRE),
        ([(1, False)], Avancement.EN_PANNE),
        ([(35.9, True)], Avancement.FAIT),
        ([(36.1, True)], Avancement.EN_PANNE),
        ([(30, False), (2, True)], Avancement.FAIT),
        ([(30, True), (2, False)], Avancement.EN_PANNE),
    ],
)
def test_la_sauvegarde_a_son_age_et_ses_echecs(sauvegardes, attendu):
    for heures, reussie in sauvegardes:
        Sauvegarde.objects.create(
            commencee_le=timezone.now() - timedelta(hours=heures),
            reussie=reussie,
            message="" if reussie else "plein",
        )
    assert socle.sauvegarde(UN).avancement is attendu


@pytest.mark.parametrize(("ecart", "attendu"), [(400, Avancement.FAIT), (401, Avancement.EN_PARTIE)])
def test_le_plan_a_ses_feuilles_et_leur_age(ecart, attendu):
    commune()
    assert etat_plan(UN).avancement is Avancement.A_FAIRE
    feuille = fabrique.valbrune()
    m = type(feuille.version)
    m.objects.update(millesime=timezone.localdate() - timedelta(days=ecart))
    assert etat_plan(UN).avancement is attendu
    assert "la plus ancienne du" in etat_plan(UN).phrase


def test_sans_commune_rien_n_est_dit_fait():
    for etat in (socle.collectivite, socle.entetes, socle.document_urbanisme, etat_plan):
        assert etat(frozenset()).avancement is Avancement.A_FAIRE


# --- page ---------------------------------------------------------------------------------------


def texte(reponse) -> str:
    return html.unescape(reponse.content.decode())


def entrer(client, *roles: str, **options: object) -> None:
    client.force_login(agent(*roles, **options), backend=DOS)


def test_la_page_est_a_l_administrateur_et_mene_a_chaque_reglage(client):
    entrer(client, "mairie.lecteur")
    assert client.get("/reglages/premiers-pas/").status_code == 403
    entrer(client, "mairie.administrateur")
    page = texte(client.get("/reglages/premiers-pas/"))
    for libelle in (
        "Coordonnées",
        "EDIGÉO",
        "Document d'urbanisme",
        "Agents",
        "En-tête",
        "Fonds",
        "Sauvegarde",
    ):
        assert libelle in page
    for vue in premiers_pas.etapes(UN):
        if vue.lien:
            assert f'href="{vue.lien}"' in page
            assert client.get(vue.lien).status_code == 200, vue.lien
    assert "Ensuite :" in page


def test_chacun_ne_voit_que_ses_collectivites(client):
    commune(AUTRE_INSEE, "Commune d'à côté")
    Collectivite.objects.filter(code=INSEE).update(adresse="1 place", courriel="m@exemple.invalid")
    entrer(client, "mairie.administrateur")
    Collectivite.objects.filter(code=INSEE).update(adresse="1 place", courriel="m@exemple.invalid")
    page = texte(client.get("/reglages/premiers-pas/"))
    assert "Commune d'à côté" not in page and "Adresse et coordonnées sont remplies." in page


def test_un_etat_illisible_n_emporte_pas_la_page(client, monkeypatch, caplog):
    def en_panne(_codes):
        raise RuntimeError("panne")

    monkeypatch.setattr(premiers_pas, "_etapes", {})
    premiers_pas.declarer(
        Etape("a", "Étape en panne", 1, en_panne),
        Etape("b", "Étape faite", 2, lambda _c: Etat(Avancement.FAIT, "Rien à faire."), "/nulle-part/"),
    )
    entrer(client, "mairie.administrateur")
    page = texte(client.get("/reglages/premiers-pas/"))
    assert "n'a pas pu être lu" in page and "Rien à faire." in page
    assert "/nulle-part/" not in page and "« a »" in caplog.text


def test_quand_tout_est_fait_la_page_le_dit(client, monkeypatch):
    monkeypatch.setattr(premiers_pas, "_etapes", {})
    premiers_pas.declarer(
        Etape("b", "Étape faite", 2, lambda _c: Etat(Avancement.FAIT, "x")),
        Etape("c", "Au choix", 3, lambda _c: Etat(Avancement.FACULTATIF, "x")),
    )
    entrer(client, "mairie.administrateur")
    assert "Tout est en place." in texte(client.get("/reglages/premiers-pas/"))
