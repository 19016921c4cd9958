"""What deadlines declare at start: answers waited for from services, line under the bell, feed, nights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils import timezone

from mairie.echeances import agenda, nuit
from mairie.echeances.registre import Fournisseur, fournir
from mairie.habilitations import est_agent
from mairie.journal import Action
from mairie.journal import declarer as declarer_actions
from mairie.models import Echeance
from mairie.notifications import Notification
from mairie.notifications import fournir as notifier
from mairie.perms import CONSULTER_SERVICES

AVIS_ATTENDU = "mairie.avis_attendu"
AGENDA_CREE = "mairie.agenda_cree"
AGENDA_REVOQUE = "mairie.agenda_revoque"


def declarer() -> None:
    """From ``AppConfig.ready``."""
    fournir(
        Fournisseur(
            AVIS_ATTENDU, "mairie", "Avis d'un service attendu", CONSULTER_SERVICES, "bi-chat-left-dots"
        )
    )
    declarer_actions(
        Action(AGENDA_CREE, "Adresse d'agenda créée"), Action(AGENDA_REVOQUE, "Adresse d'agenda retirée")
    )
    agenda.declarer()
    nuit.declarer()
    notifier("mairie.echeances", _retards)


def _retards(utilisateur: Any) -> Iterable[Notification]:
    if not est_agent(utilisateur):
        return ()
    nombre = (
        Echeance.objects.visibles_par(utilisateur)
        .filter(Q(responsable=utilisateur.pk) | Q(responsable__isnull=True), date__lt=timezone.localdate())
        .count()
    )
    mot = "échéance en retard" if nombre == 1 else "échéances en retard"
    return (Notification(mot, "/bureau/?urgence=retard", "bi-exclamation-octagon", nombre, "danger"),)
