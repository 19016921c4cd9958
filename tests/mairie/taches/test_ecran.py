"""The tasks on screen: what the administrator sees and does, what who asked may watch."""

from __future__ import annotations

import pytest
from django.test import Client
from django_tasks.base import TaskResultStatus as Etat

from mairie.models import AvancementTache, JournalActe, Programmation, Tache
from mairie.notifications import notifications
from mairie.taches.execution import prendre
from mairie.taches.ouvrier import vider_la_file
from mairie.taches.planificateur import planifier
from tests.mairie.taches import essai
from tests.personnes import AUTRE_INSEE, agent, commune

pytestmark = pytest.mark.django_db


def connecter(personne) -> Client:
    client = Client()
    client.force_login(personne, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def chef():
    return agent("mairie.administrateur")


def page(client, adresse="/reglages/taches/", **requete) -> str:
    reponse = client.get(adresse, requete)
    assert reponse.status_code == 200
    return " ".join(reponse.content.decode().split())


def test_la_liste_dit_qui_travaille_ce_qui_est_programme_et_ce_qui_a_echoue(chef):
    planifier()
    essai.renoncer.demander()
    essai.ecrire.demander(1)
    vider_la_file()
    essai.ecrire.demander(2, insee="25998")
    vue = page(connecter(chef))
    assert "Aucun ouvrier ne répond" in vue
    assert "Aucun planificateur ne répond" in vue
    assert "Purge du journal" in vue and "Chaque jour à 01 h 10" in vue
    assert "Le fichier n&#x27;existe plus : déposez-le de nouveau." in vue
    assert vue.count("Écrire une ligne") == 1, "not the other commune's"
    assert 'En échec <span class="compte">1</span>' in vue


@pytest.mark.parametrize(("etat", "vues"), [("echec", 1), ("faite", 1), ("attente", 0), ("inconnu", 2)])
def test_le_filtre_par_etat(chef, etat, vues):
    essai.renoncer.demander()
    essai.ecrire.demander(1)
    vider_la_file()
    reponse = connecter(chef).get("/reglages/taches/", {"etat": etat})
    assert len(reponse.context["lignes"]) == vues


def test_relancer_remet_dans_la_file_et_se_note(chef):
    t = essai.renoncer.demander()
    vider_la_file()
    client = connecter(chef)
    assert "Relancée" not in page(client)
    reponse = client.post(f"/reglages/taches/{t.pk}/relancer/", follow=True)
    assert "repart dans la file" in reponse.content.decode()
    t.resultat.refresh_from_db()
    assert t.resultat.status == Etat.READY
    assert JournalActe.objects.filter(action="mairie.tache_relancee", objet_id=str(t.pk)).count() == 1
    reponse = client.post(f"/reglages/taches/{t.pk}/relancer/", follow=True)
    assert "n&#x27;est plus en échec" in reponse.content.decode()
    assert JournalActe.objects.filter(action="mairie.tache_relancee").count() == 1


def test_la_tache_d_une_autre_commune_n_est_pas_la(chef):
    t = essai.renoncer.demander(insee="25998")
    vider_la_file()
    client = connecter(chef)
    assert client.get(f"/reglages/taches/{t.pk}/").status_code == 404
    assert client.post(f"/reglages/taches/{t.pk}/relancer/").status_code == 404
    assert JournalActe.objects.filter(action="mairie.acces_introuvable").count() == 2


def test_lancer_une_programmee_deux_fois_dans_la_minute_n_en_fait_qu_une(chef, time_machine):
    time_machine.move_to("2026-03-12T10:00:10+01:00", tick=False)
    client = connecter(chef)
    for _ in range(2):
        client.post("/reglages/taches/programmes/mairie.purger_journal/")
    assert Tache.objects.filter(code="mairie.purger_journal").count() == 1
    assert client.post("/reglages/taches/programmes/mairie.inconnue/").status_code == 404


def test_la_fiche_montre_ou_le_programme_s_est_arrete_sans_les_valeurs(chef):
    t = essai.rater.demander(7)
    vider_la_file()
    vue = page(connecter(chef), f"/reglages/taches/{t.pk}/")
    assert "ValueError : raté 7" in vue
    assert "essai.py" in vue and "in rater" in vue
    assert "Nouvel essai à" in vue


def test_qui_l_a_demandee_suit_sa_tache_et_personne_d_autre():
    usager, autre = agent(email="moi@exemple.invalid"), agent(email="autre@exemple.invalid")
    t = essai.lots.demander(4, par=usager)
    prendre(None, "essai")
    AvancementTache.objects.create(tache=t, pourcent=50, texte="lot 2 sur 4")
    vue = page(connecter(usager), f"/taches/{t.pk}/")
    assert "lot 2 sur 4" in vue and 'value="50"' in vue
    assert "data-fini" not in vue.replace("« data-fini »", "")
    partie = page(connecter(usager), f"/taches/{t.pk}/", partie=1)
    assert partie.startswith('<div id="avancement"') and "<html" not in partie
    assert connecter(autre).get(f"/taches/{t.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("valeur", "lien"),
    [
        ("/parcelles/1/", True),
        ("//ailleurs.invalid/", False),
        ("javascript:alert(1)", False),
    ],
)
def test_le_resultat_ne_mene_qu_a_une_page_d_ici(valeur, lien):
    usager = agent()
    t = essai.ecrire.demander(1, par=usager)
    vider_la_file()
    type(t.resultat).objects.update(return_value={"adresse": valeur})
    assert ("Voir le résultat" in page(connecter(usager), f"/taches/{t.pk}/")) is lien


def test_un_echec_attend_sous_la_cloche_de_l_administrateur(chef):
    essai.renoncer.demander()
    essai.renoncer.demander(insee="25998")
    vider_la_file()
    assert [(n.libelle, n.nombre) for n in notifications(chef) if "taches" in n.adresse] == [
        ("tâche en échec", 1)
    ]
    assert [n for n in notifications(agent("mairie.lecteur")) if "taches" in n.adresse] == []


def test_une_programmation_suspendue_se_voit(chef):
    planifier()
    Programmation.objects.filter(code="mairie.purger_journal").update(active=False)
    assert "Suspendue" in page(connecter(chef))


REGLER = "/reglages/taches/programmes/mairie.purger_journal/regler/"


def test_suspendre_puis_reprendre_une_programmation(chef, time_machine):
    client = connecter(chef)
    time_machine.move_to("2026-03-10 12:00", tick=False)
    planifier()
    assert "Suspendre" in page(client)
    client.post(REGLER, {"active": "0"})
    assert "Reprendre" in page(client) and "Suspendue" in page(client)
    time_machine.move_to("2026-03-11 12:00", tick=False)
    planifier()
    assert not Tache.objects.filter(code="mairie.purger_journal").exists()
    client.post(REGLER, {"active": "1"})
    time_machine.move_to("2026-03-12 12:00", tick=False)
    planifier()
    # The night of the pause is not caught up.
    assert Tache.objects.filter(code="mairie.purger_journal").count() == 1
    lignes = JournalActe.objects.filter(action="mairie.programme_regle").order_by("pk")
    assert [ligne.donnees["active"] for ligne in lignes] == [False, True]


def test_regler_deux_fois_ne_note_qu_une_fois(chef):
    client = connecter(chef)
    for _ in range(2):
        client.post(REGLER, {"active": "0"})
    assert JournalActe.objects.filter(action="mairie.programme_regle").count() == 1


def test_l_administrateur_d_une_seule_commune_ne_suspend_rien(chef):
    commune(AUTRE_INSEE)
    client = connecter(chef)
    assert "Suspendre" not in page(client)
    assert client.post(REGLER, {"active": "0"}).status_code == 403
    assert not Programmation.objects.filter(active=False).exists()


def test_une_programmation_inconnue_ne_se_regle_pas(chef):
    assert connecter(chef).post("/reglages/taches/programmes/zut.zut/regler/").status_code == 404
