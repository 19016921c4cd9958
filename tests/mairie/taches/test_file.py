"""The queue without any process: keys, tries, delays, what is undone and what is kept."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.utils import timezone
from django_tasks.base import TaskResultStatus as Etat

from mairie.models import AvancementTache, Tache
from mairie.taches import ArretDemande, Suivi, declaration, tache
from mairie.taches.execution import executer, prendre
from mairie.taches.file import relancer
from mairie.taches.ouvrier import vider_la_file
from mairie.taches.suivi import BailPerdu
from tests.mairie.taches import essai
from tests.mairie.taches.essai import traces
from tests.personnes import agent

pytestmark = pytest.mark.django_db


def etat(t: Tache) -> tuple[str, int]:
    t = Tache.objects.select_related("resultat").get(pk=t.pk)
    return t.resultat.status, t.essais


def test_une_tache_demandee_est_faite_une_fois():
    t = essai.ecrire.demander(3)
    assert (etat(t), traces()) == ((Etat.READY, 0), [])
    assert vider_la_file() == 1
    assert (etat(t), traces()) == ((Etat.SUCCESSFUL, 1), [3])
    assert Tache.objects.get().resultat.return_value == 3
    assert vider_la_file() == 0


def test_l_api_de_django_met_dans_la_meme_file():
    resultat = essai.ecrire.enqueue(4)
    assert Tache.objects.get().resultat_id.hex == resultat.id.replace("-", "")
    vider_la_file()
    resultat.refresh()
    assert resultat.return_value == 4


def test_la_tache_suit_la_transaction_qui_la_demande():
    with pytest.raises(RuntimeError), transaction.atomic():
        essai.ecrire.demander(1)
        raise RuntimeError
    assert vider_la_file() == 0


def test_la_meme_cle_est_la_meme_tache():
    premiere = essai.ecrire.demander(1, cle="essai:1")
    assert essai.ecrire.demander(2, cle="essai:1") == premiere
    vider_la_file()
    assert essai.ecrire.demander(3, cle="essai:1") == premiere, "even when done"
    assert essai.ecrire.demander(4) != essai.ecrire.demander(4), "no key: two tasks"
    vider_la_file()
    assert traces() == [1, 4, 4]


@pytest.mark.django_db(transaction=True)
def test_deux_demandes_a_la_fois_n_en_font_qu_une():
    depart, faites = threading.Barrier(4), []

    def demander() -> None:
        depart.wait(timeout=10)
        faites.append(essai.ecrire.demander(1, cle="essai:double").pk)
        connection.close()

    fils = [threading.Thread(target=demander) for _ in range(4)]
    for f in fils:
        f.start()
    for f in fils:
        f.join()
    assert len(faites) == 4
    assert len(set(faites)) == Tache.objects.count() == 1


def test_la_plus_pressante_puis_la_plus_ancienne():
    essai.ecrire.demander(1)
    essai.ecrire.using(priority=5).demander(2)
    essai.ecrire.demander(3)
    vider_la_file()
    assert traces() == [2, 1, 3]


def test_une_tache_a_venir_attend_son_heure():
    maintenant = timezone.now()
    essai.ecrire.demander(1, apres=maintenant + timedelta(minutes=5))
    assert prendre(None, "essai", maintenant + timedelta(minutes=4, seconds=59)) is None
    t = prendre(None, "essai", maintenant + timedelta(minutes=5))
    assert t is not None
    assert executer(t)


def test_trois_essais_aux_delais_croissants_puis_l_echec(time_machine):
    debut = timezone.now()
    time_machine.move_to(debut, tick=False)
    t = essai.rater.demander(7)
    for essais, attente in ((1, timedelta(minutes=1)), (2, timedelta(minutes=10))):
        assert vider_la_file() == 1
        assert etat(t) == (Etat.READY, essais)
        time_machine.shift(attente - timedelta(seconds=1))
        assert vider_la_file() == 0
        time_machine.shift(timedelta(seconds=1))
    assert vider_la_file() == 1
    assert etat(t) == (Etat.FAILED, 3)
    assert traces() == [], "what a failed try wrote is undone"
    ligne = Tache.objects.select_related("resultat").get()
    assert ligne.erreur == "ValueError : raté 7"
    assert "in rater" in ligne.resultat.traceback
    time_machine.shift(timedelta(days=1))
    assert vider_la_file() == 0


def test_un_echec_definitif_n_est_pas_reessaye_et_se_relance_a_la_main():
    t = essai.renoncer.demander()
    vider_la_file()
    assert etat(t) == (Etat.FAILED, 1)
    assert Tache.objects.get().erreur == "Le fichier n'existe plus : déposez-le de nouveau."
    assert relancer(t)
    assert etat(t) == (Etat.READY, 0)
    assert not relancer(t), "it has not failed any more"


def test_une_fonction_disparue_est_un_echec_dit():
    t = essai.ecrire.demander(1)
    type(t.resultat).objects.update(task_path="tests.mairie.taches.essai.disparue")
    vider_la_file()
    assert etat(t) == (Etat.FAILED, 1)
    assert "n'est plus déclarée" in Tache.objects.get().erreur


def test_un_arret_demande_rend_la_tache_sans_compter_l_essai():
    t = essai.lots.demander(3)
    prise = prendre(None, "essai")
    assert not executer(prise, None, lambda: True)
    assert etat(t) == (Etat.READY, 0)
    assert Tache.objects.get().reprise == {"fait": 1}
    vider_la_file()
    assert (etat(t), traces()) == ((Etat.SUCCESSFUL, 1), [0, 1, 2])
    assert Tache.objects.get().reprise == {}


def test_un_ouvrier_depasse_n_ecrit_plus_rien():
    """His lock was lost and another one began the task: what he does is undone, what he says is not heard."""
    t = essai.ecrire.demander(1)
    prise = prendre(None, "lent")
    Tache.objects.filter(pk=t.pk).update(essais=2)
    assert not executer(prise)
    assert (etat(t), traces()) == ((Etat.RUNNING, 2), [])
    with pytest.raises(BailPerdu), transaction.atomic():
        Suivi(prise).marquer(fait=1)
    assert Tache.objects.get().reprise == {}


def test_sans_bail_l_avancement_ne_s_ecrit_pas_mais_l_arret_se_demande():
    essai.lots.demander(1)
    prise = prendre(None, "essai")
    Suivi(prise).avancer(50)
    with pytest.raises(ArretDemande):
        Suivi(prise, None, lambda: True).avancer(50)
    assert not AvancementTache.objects.exists()


def test_une_declaration_fautive_est_refusee():
    with pytest.raises(ImproperlyConfigured):
        tache("sans point", "x")(essai._ecrire)
    with pytest.raises(ImproperlyConfigured, match="deux fois"):
        tache("essai.ecrire", "x")(essai._ecrire)
    assert declaration.declarees()["essai.ecrire"] is essai.ecrire
    assert declaration.libelle("essai.ecrire") == "Écrire une ligne"
    assert declaration.libelle("essai.inconnue") == "essai.inconnue"


def test_qui_demande_et_pour_quelle_commune():
    personne = agent("mairie.administrateur")
    t = essai.ecrire.demander(1, par=personne, insee="25999")
    assert (t.demandee_par, t.insee) == (personne, "25999")
    essai.ecrire.demander(2, insee="25998")
    essai.ecrire.demander(3)
    assert Tache.objects.visibles_par(personne).count() == 2
    assert Tache.objects.visibles_par(agent("mairie.lecteur")).count() == 0
