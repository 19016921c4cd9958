"""What the calendar does by itself at night, besides the deadlines (spec §4, §11)."""

from __future__ import annotations

import logging
from datetime import date, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from domainepublic import annees, conservation, parametres, publicites, silences
from domainepublic.instruction.effets import rattraper_annees
from domainepublic.models import DossierODP
from domainepublic.services import agir
from mairie.calendrier import jma
from mairie.roles import systeme
from mairie.taches import tache
from mairie.taches.programmes import Programme, programmer
from mairie.workflow import ErreurWorkflow

trace = logging.getLogger(__name__)
MAISON = systeme("échéances du domaine public")


@tache("domainepublic.nuit", "Publicités finies, pièces jamais venues, silences dépassés", atomique=False)
def nuit() -> dict[str, int]:
    """Each file in its own transaction; one that refuses waits for an agent and stops no other."""
    jour = timezone.localdate()
    return {
        "publicites": clore_publicites(jour),
        "sans_suite": classer_sans_pieces(jour),
        "annees_facturees": facturer_annee(jour),
        "silences": silences.prevenir(jour),
        **{f"{quoi}_effaces": n for quoi, n in conservation.purger(jour).items()},
    }


def clore_publicites(jour: date) -> int:
    """Publicities whose last day is over without any rival; how many."""
    finies = [a.dossier for a in publicites.annonces() if a.au < jour and not publicites.rivaux(a.dossier)]
    return sum(_faire(d, "clore_publicite", {}) for d in finies)


def classer_sans_pieces(jour: date) -> int:
    """Requests whose pieces never came, past their limit by the delay of the day of the deposit; how many."""
    grace = parametres.echelle("grace_pieces_jours")
    attendus = DossierODP.objects.filter(etat="incomplet", date_limite_pieces__lt=jour).order_by("pk")
    oublies = [
        d
        for d in attendus
        if d.date_limite_pieces < jour - timedelta(days=grace(d.date_depot or d.date_limite_pieces))
    ]
    return sum(
        _faire(
            d,
            "classer_sans_suite",
            {"motif": f"Les pièces demandées pour le {jma(d.date_limite_pieces)} ne sont pas venues."},
        )
        for d in oublies
    )


def facturer_annee(jour: date) -> int:
    """Lines of the years begun of the titles billed year by year; how many. A hole in the grid waits.

    A night missed, even that of 1 January, is caught up by the next one.
    """
    lignes = 0
    for pk in annees.dossiers_a_facturer(jour):
        with transaction.atomic():
            verrou = DossierODP.objects.select_for_update(of=("self",)).get(pk=pk)
            faites, manques = rattraper_annees(verrou, jour)
        lignes += len(faites)
        for raison in manques:
            trace.warning("%s : %s", pk, raison)
    return lignes


def _faire(d: DossierODP, evenement: str, donnees: dict[str, Any]) -> bool:
    try:
        agir(d, evenement, par=MAISON, version=d.version, donnees=donnees)
    except ErreurWorkflow as e:
        trace.warning("%s : « %s » n'a pas pu se faire seul (%s)", d.pk, evenement, type(e).__name__)
        return False
    return True


def declarer() -> None:
    """From ``AppConfig.ready``."""
    programmer(Programme("domainepublic.nuit", nuit.libelle, nuit, time(1, 45)))
