"""The shared floor's own tasks: deliver domain events, purge, clean, check the logs against the dossiers."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

from django.core.files.storage import default_storage
from django.utils import timezone

from mairie.taches.declaration import tache
from mairie.taches.programmes import Programme, programmer
from mairie.taches.suivi import EchecDefinitif, Suivi

# What is kept of finished tasks; failed ones longer, for who comes back from holidays.
GARDE_FAITES = timedelta(days=30)
GARDE_ECHECS = timedelta(days=180)
LIVRAISONS_PAR_TACHE = 1000
COURRIELS_PAR_TACHE = 200


@tache("mairie.livrer_evenements", "Livraison des événements de domaine", atomique=False, priorite=10)
def livrer_evenements() -> dict[str, int]:
    """Each delivery commits on its own; what remains is for the next slot."""
    from mairie import evenements

    livrees, ratees = evenements.livrer(LIVRAISONS_PAR_TACHE)
    return {"livrees": livrees, "ratees": ratees}


@tache("mairie.purger_journal", "Purge du journal")
def purger_journal() -> dict[str, int]:
    """Lines past their time of keeping; the monthly counts stay."""
    from mairie import journal, roles
    from mairie.journal_actions import PURGE

    effacees = journal.purger()
    if any(effacees.values()):
        journal.noter(roles.systeme("purge du journal"), PURGE, donnees=effacees)
    return effacees


@tache("mairie.nettoyer_taches", "Nettoyage des tâches terminées")
def nettoyer_taches() -> dict[str, int]:
    """Old finished tasks, and what killed processes left behind."""
    from django_tasks.base import TaskResultStatus
    from django_tasks_db.models import DBTaskResult

    from mairie.models import Battement
    from mairie.taches.sante import DOSSIER_SONDES

    maintenant = timezone.now()
    faites = DBTaskResult.objects.filter(
        status=TaskResultStatus.SUCCESSFUL, finished_at__lt=maintenant - GARDE_FAITES
    )
    ratees = DBTaskResult.objects.filter(
        status=TaskResultStatus.FAILED, finished_at__lt=maintenant - GARDE_ECHECS
    )
    # Counted apart: a deletion also counts the rows that hang on it.
    nombre = faites.count() + ratees.count()
    (faites | ratees).delete()
    morts = Battement.objects.filter(vu_le__lt=maintenant - timedelta(days=1))
    for battement in morts:
        default_storage.delete(f"{DOSSIER_SONDES}/{battement.identifiant}")
    return {"taches": nombre, "battements": morts.delete()[0]}


@tache("mairie.purger_tiers", "Effacement des personnes que plus rien ne garde", atomique=False)
def purger_tiers() -> dict[str, int]:
    """Names past their time of keeping, as each trade counts it; the acts and the technical data stay."""
    from mairie.tiers.droits import purger

    echecs: list[int] = []
    effacees = len(purger(timezone.localdate(), echecs=echecs))
    if echecs:
        raise EchecDefinitif(
            f"{len(echecs)} personne(s) n'ont pas pu être effacées, {effacees} l'ont été. Le journal du"
            " service dit lesquelles."
        )
    return {"effacees": effacees}


@tache("mairie.purger_liens", "Purge des liens secrets et des brouillons publics")
def purger_liens() -> dict[str, int]:
    """Failed openings of more than a day, readings of calendars, public drafts past their time.

    The other uses of links are proof, and stay.
    """
    from mairie import brouillons, liens
    from mairie.echeances import agenda

    maintenant = timezone.now()
    return {
        "essais": liens.purger(maintenant),
        "agendas": agenda.purger(maintenant),
        "brouillons": brouillons.purger(),
    }


@tache("mairie.purger_saisies", "Purge des saisies de terrain reçues")
def purger_saisies() -> dict[str, int]:
    """Answers kept for devices that would send their entry again, past their time."""
    from mairie.hors_ligne import reception

    return {"saisies": reception.purger(timezone.now())}


@tache("mairie.rejouer_dossiers", "Contrôle des dossiers par rejeu de leur journal", delais=())
def rejouer_dossiers(suivi: Suivi) -> dict[str, Any]:
    """Every dossier of every workflow; a difference makes the task fail, to be seen."""
    from mairie.workflow.controle import controler

    rapport = controler(
        suivre=lambda fait, total: suivi.avancer(100 * fait / max(total, 1), f"{fait}/{total}")
    )
    if rapport.ecarts:
        raise EchecDefinitif(
            f"{len(rapport.ecarts)} dossier(s) sur {rapport.dossiers} ne concordent pas avec leur journal."
            " Détail : manage.py rejouer_dossiers."
        )
    return {"dossiers": rapport.dossiers}


@tache("mairie.envoyer_courriels", "Envoi des courriels", atomique=False, priorite=10)
def envoyer_courriels() -> dict[str, int]:
    """Each mail commits on its own; with the server away, they wait and are presented again."""
    from mairie import courriels

    bilan = courriels.envoyer_en_attente(COURRIELS_PAR_TACHE)
    return {"envoyes": bilan.envoyes, "reportes": bilan.reportes, "echecs": bilan.echecs}


def _courriels_dus() -> bool:
    from mairie.models import CourrielSortant

    etats = (CourrielSortant.Etat.EN_ATTENTE, CourrielSortant.Etat.EN_COURS)
    return CourrielSortant.objects.filter(etat__in=etats, prochain_essai__lte=timezone.now()).exists()


def _livraisons_dues() -> bool:
    from mairie.models import Livraison

    return Livraison.objects.filter(etat=Livraison.Etat.A_LIVRER, prochain_essai__lte=timezone.now()).exists()


def declarer() -> None:
    """Their hours: at night, one after the other, never between 2 and 3 where clocks change."""
    programmer(
        Programme(
            "mairie.livrer_evenements",
            "Livraison des événements de domaine",
            livrer_evenements,
            intervalle=timedelta(seconds=10),
            condition=_livraisons_dues,
        ),
        Programme(
            "mairie.envoyer_courriels",
            "Envoi des courriels",
            envoyer_courriels,
            intervalle=timedelta(seconds=15),
            condition=_courriels_dus,
        ),
        Programme("mairie.purger_journal", "Purge du journal", purger_journal, time(1, 10)),
        Programme("mairie.nettoyer_taches", "Nettoyage des tâches terminées", nettoyer_taches, time(1, 20)),
        Programme("mairie.purger_liens", "Purge des liens et des brouillons", purger_liens, time(1, 30)),
        Programme("mairie.purger_saisies", "Purge des saisies de terrain", purger_saisies, time(1, 35)),
        Programme("mairie.purger_tiers", "Effacement des personnes non gardées", purger_tiers, time(1, 40)),
        Programme("mairie.rejouer_dossiers", "Contrôle des dossiers", rejouer_dossiers, time(3, 30)),
    )
