"""Real workers, killed at fault points, stopped, cut from the database: nothing lost, nothing doubled."""

from __future__ import annotations

import signal

import pytest
from django.core.files.storage import default_storage
from django_tasks.base import TaskResultStatus as Etat
from django_tasks_db.models import DBTaskResult

from mairie.models import AvancementTache, Battement, Tache
from mairie.taches.execution import INTERROMPUE
from tests.mairie.taches import essai
from tests.mairie.taches.conftest import couper, dormir, portes_fermees, quand
from tests.mairie.taches.essai import traces

pytestmark = pytest.mark.lent


def etats() -> list[tuple[str, int]]:
    return list(Tache.objects.order_by("id").values_list("resultat__status", "essais"))


def fini() -> bool:
    return not DBTaskResult.objects.filter(status__in=(Etat.READY, Etat.RUNNING)).exists()


@pytest.mark.parametrize("point", ["tache_prise", "tache_faite", "tache_marquee"])
def test_un_ouvrier_tue_en_pleine_tache_est_releve_sans_rien_doubler(base_taches, lancer, point):
    essai.ecrire.demander(1)
    essai.ecrire.demander(2)
    tue = lancer("executer_taches", "--une-fois", panne=point)
    assert tue.fin() == -signal.SIGKILL
    apres = [(Etat.SUCCESSFUL, 1)] if point == "tache_marquee" else [(Etat.RUNNING, 1)]
    assert etats() == [*apres, (Etat.READY, 0)]
    assert lancer("executer_taches", "--une-fois").fin() == 0
    assert traces() == [1, 2]
    essais = 1 if point == "tache_marquee" else 2
    assert etats() == [(Etat.SUCCESSFUL, essais), (Etat.SUCCESSFUL, 1)]


def test_une_tache_par_lots_reprend_ou_elle_etait(base_taches, lancer):
    essai.lots.demander(5)
    assert lancer("executer_taches", "--une-fois", panne="essai_lot:3").fin() == -signal.SIGKILL
    assert traces() == [0, 1, 2]
    avancement = AvancementTache.objects.get()
    assert (avancement.pourcent, avancement.texte) == (40, "lot 2 sur 5")
    assert lancer("executer_taches", "--une-fois").fin() == 0
    assert traces() == [0, 1, 2, 3, 4]
    avancement.refresh_from_db()
    assert (avancement.pourcent, etats()) == (100, [(Etat.SUCCESSFUL, 2)])


def test_une_tache_qui_tue_trois_ouvriers_est_un_echec(base_taches, lancer):
    essai.mourir.demander()
    essai.ecrire.demander(9)
    for _ in range(3):
        assert lancer("executer_taches", "--une-fois").fin() == -signal.SIGKILL
    assert lancer("executer_taches", "--une-fois").fin() == 0
    assert etats() == [(Etat.FAILED, 3), (Etat.SUCCESSFUL, 1)]
    assert Tache.objects.get(code="essai.mourir").erreur == INTERROMPUE
    assert traces() == [9]


def test_deux_ouvriers_se_partagent_les_taches(base_taches, lancer):
    for n in range(30):
        essai.attendre.demander(n, 0.05)
    deux = [lancer("executer_taches", "--une-fois", "-v2") for _ in range(2)]
    assert [p.fin() for p in deux] == [0, 0]
    assert sorted(traces()) == list(range(30))
    assert set(etats()) == {(Etat.SUCCESSFUL, 1)}
    parts = [p.sortie.count("faite en") for p in deux]
    assert sum(parts) == 30


def test_l_arret_rend_la_tache_et_ne_laisse_pas_de_trace(base_taches, lancer):
    essai.lots.demander(1000, 0.05)
    ouvrier = lancer("executer_taches")
    quand(lambda: len(traces()) >= 3, "trois lots")
    battement = Battement.objects.get()
    assert default_storage.exists(f"sante/{battement.identifiant}")
    assert ouvrier.finir() == 0
    assert etats() == [(Etat.READY, 0)]
    assert Tache.objects.get().reprise == {"fait": len(traces())}
    assert not Battement.objects.exists()
    assert not default_storage.exists(f"sante/{battement.identifiant}")


def test_un_ouvrier_coupe_de_la_base_revient_seul_et_reprend(base_taches, lancer):
    """All its sessions are ended in mid-task, as by a restart of the server: it connects again by itself."""
    essai.attendre.demander(1, 2.0)
    essai.lots.demander(200, 0.02)
    ouvrier = lancer("executer_taches")
    quand(lambda: Tache.objects.filter(resultat__status=Etat.RUNNING).exists(), "une tâche en cours")
    assert couper(base_taches) >= 2
    quand(lambda: len(traces()) > 20, "la suite")
    assert couper(base_taches) >= 2
    quand(fini, "la fin des deux tâches")
    assert ouvrier.popen.poll() is None
    assert ouvrier.finir() == 0
    ecrits = traces()
    assert sorted(ecrits) == sorted([1, *range(200)]), "each once"
    assert {e for e, _ in etats()} == {Etat.SUCCESSFUL}


def test_ouvrier_et_planificateur_attendent_une_base_qui_ne_repond_plus(base_taches, lancer):
    """Their sessions are ended and the door is shut for some seconds: they knock until it opens."""
    essai.lots.demander(400, 0.02)
    processus = [lancer("executer_taches"), lancer("planifier")]
    quand(lambda: len(traces()) > 5 and Battement.objects.count() == 2, "deux processus au travail")
    with portes_fermees(base_taches):
        assert couper(base_taches) >= 4
        dormir(3)
        faits = len(traces())
        dormir(1)
        assert len(traces()) == faits
    quand(fini, "la fin de la tâche")
    assert sorted(traces()) == list(range(400))
    assert [p.popen.poll() for p in processus] == [None, None]
    assert [p.finir() for p in processus] == [0, 0]


def sante(client) -> dict:
    reponse = client.get("/sante/")
    assert reponse.status_code == 200
    return reponse.json()


def test_un_vrai_ouvrier_et_le_web_voient_les_memes_fichiers(base_taches, lancer, client, settings):
    settings.MEDIA_ROOT = settings.RACINE / ".var" / "media"
    ouvrier, planificateur = lancer("executer_taches"), lancer("planifier")
    quand(lambda: sante(client)["etat"] == "bon", "la santé")
    assert sante(client)["fichiers"]["etat"] == "bon"
    settings.MEDIA_ROOT = settings.RACINE / ".var" / "autre-media"
    assert sante(client)["fichiers"]["etat"] == "dégradé"
    assert (ouvrier.finir(), planificateur.finir()) == (0, 0)
    assert sante(client)["planificateur"]["etat"] == "dégradé"
