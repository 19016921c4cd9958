"""What agents type to find a request, and the copies that the database keeps for it."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mairie.ecrans import consultation as listes
from mairie.models import Tiers
from tests.personnes import INSEE, agent, commune
from tests.plan_factice import ecrire_plan
from tests.urba.fabrique_urba import dossier, personne
from urba.models import DemandeurDossier, DossierAutorisation, DossierInstruction, Terrain
from urba.recherche import condition, mots_cherches
from urba.services import Demandeur

pytestmark = pytest.mark.django_db
DOS = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def deux(time_machine):
    time_machine.move_to("2026-03-02T10:00:00+01:00", tick=False)
    ecrire_plan()
    commune()
    un = dossier(
        objet="Garage accolé",
        adresse="12 rue de l'Étang",
        references="AB 1",
        demandeurs=[Demandeur(Tiers.objects.create(collectivite=INSEE, nom="Lobrata", prenoms="Kémi"))],
    )
    autre = dossier(objet="Clôture", adresse="120 rue du Moulin", references="AB 12")
    return un, autre


def trouves(texte: str) -> set[int]:
    return set(DossierInstruction.objects.filter(condition(texte)).values_list("pk", flat=True))


@pytest.mark.parametrize(
    "texte",
    [
        "PC 025 999 26 00001", "pc02599926-00001", "26 00001", "2600001", "lobrata", "Kemi Lobrata",
        "lobr", "rue de l'etang", "ÉTANG 12", "garage accole", "AB 1", "ab0001", "25999000AB0001",
        "250999000AB0001",
    ],
)  # fmt: skip
def test_un_dossier_se_trouve_par_tout_ce_qu_on_en_sait(deux, texte):
    assert trouves(texte) == {deux[0].pk}


@pytest.mark.parametrize("texte", ["AB 12", "moulin 120", "26 00002"])
def test_une_reference_entiere_n_en_trouve_pas_une_plus_courte(deux, texte):
    assert trouves(texte) == {deux[1].pk}


@pytest.mark.parametrize("texte", ["", "…", "obrata", "garage moulin", "AB 2", "26 00003"])
def test_rien_ne_repond_a_ce_que_personne_n_a(deux, texte):
    assert not DossierInstruction.objects.filter(mots_cherches(texte) & condition(texte)).exists()


def test_les_copies_suivent_la_personne_le_terrain_et_le_titulaire(deux):
    un, _ = deux
    Tiers.objects.filter(nom="Lobrata").update(nom="Vestrigo")
    Terrain.objects.filter(dossier=un).update(adresse="3 impasse des Essais")
    un.refresh_from_db()
    assert (un.petitionnaire_nom, un.adresse_terrain) == ("Vestrigo Kémi", "3 impasse des Essais")
    assert trouves("vestrigo impasse") == {un.pk}
    assert not trouves("lobrata")
    # A transfer closes one row and opens another: the list shows the holder, the search knows both.
    DemandeurDossier.objects.filter(dossier=un).update(jusqu_a=date(2026, 3, 2))
    DemandeurDossier.objects.create(dossier=un, tiers=personne("Nouvelle titulaire"), depuis=date(2026, 3, 2))
    un.refresh_from_db()
    assert un.petitionnaire_nom == "Nouvelle titulaire"
    assert trouves("vestrigo") == trouves("nouvelle titulaire") == {un.pk}


def test_un_objet_ancien_enregistre_par_dessus_ne_ramene_pas_les_anciennes_copies(deux):
    ancien = DossierInstruction.objects.get(pk=deux[0].pk)
    Terrain.objects.filter(dossier=ancien).update(adresse="3 impasse des Essais")
    ancien.objet = "Carport"
    ancien.save()
    ancien.refresh_from_db()
    assert ancien.adresse_terrain == "3 impasse des Essais"
    assert trouves("carport impasse") == {ancien.pk}


def test_le_rang_du_numero_met_les_annees_du_siecle_dernier_avant(deux):
    da = DossierAutorisation.objects.create(
        numero="PC0259999800007",
        lettres="PC",
        insee=INSEE,
        annee=1998,
        ordre="00007",
        numero_origine="P/98-7",
    )
    ancien = DossierInstruction.objects.create(
        da=da, insee=INSEE, nature="INITIAL", numero=da.numero, type_detail="PC", etat="accorde"
    )
    rangs = DossierInstruction.objects.order_by("rang_numero").values_list("rang_numero", flat=True)
    assert list(rangs) == ["199800007", "202600001", "202600002"]
    assert trouves("p/98-7") == {ancien.pk}


def test_la_liste_compte_par_une_seule_lecture_et_dit_quand_elle_s_arrete(deux, monkeypatch):
    client = Client()
    client.force_login(agent("urba.lecture", codes=(INSEE,)), backend=DOS)
    with CaptureQueriesContext(connection) as requetes:
        client.get("/urba/dossiers/")
    comptes = [q["sql"] for q in requetes if "COUNT(" in q["sql"] and "urba_dossier" in q["sql"]]
    assert len(comptes) == 1, comptes
    page = client.get("/urba/dossiers/?q=rue").content.decode()
    assert "<strong>2</strong> résultats" in page and "plus de" not in page
    assert page.index("Clôture") and page.index("Garage accolé")
    monkeypatch.setattr(listes, "COMPTE_MAX", 1)
    page = client.get("/urba/dossiers/?q=rue").content.decode()
    assert "plus de <strong>1</strong> résultat" in page
    # A file holds all that is found, whatever the page counts.
    export = b"".join(client.get("/urba/dossiers/?q=rue&export=csv").streaming_content).decode()
    assert "Clôture" in export and "Garage accolé" in export
