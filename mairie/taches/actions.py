"""What administrators do with tasks, in the log; what waits for them, under the bell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django_tasks.base import TaskResultStatus

from mairie.habilitations import peut
from mairie.journal import Action
from mairie.journal import declarer as declarer_actions
from mairie.menu import Rubrique, ajouter
from mairie.models import Tache
from mairie.notifications import Notification, fournir
from mairie.perms import ADMINISTRER

RELANCEE = "mairie.tache_relancee"
LANCEE = "mairie.programme_lance"
REGLEE = "mairie.programme_regle"
ADRESSE = "/reglages/taches/"


def declarer() -> None:
    """Entry of the rail, actions of the log, line under the bell."""
    declarer_actions(
        Action(RELANCEE, "Tâche en échec relancée"),
        Action(LANCEE, "Tâche programmée lancée à la main"),
        Action(REGLEE, "Tâche programmée suspendue ou reprise"),
    )
    ajouter(
        Rubrique("taches", "Tâches", "bi-gear-wide-connected", ADRESSE, 920, ADMINISTRER, "Administration")
    )
    fournir("mairie.taches", _echecs)


def _echecs(utilisateur: Any) -> Iterable[Notification]:
    if not peut(utilisateur, ADMINISTRER):
        return ()
    nombre = echecs(utilisateur)
    mot = "tâche en échec" if nombre == 1 else "tâches en échec"
    return (Notification(mot, f"{ADRESSE}?etat=echec", "bi-gear-wide-connected", nombre, "danger"),)


def echecs(utilisateur: Any) -> int:
    """Failed tasks that this person administers."""
    return int(
        Tache.objects.visibles_par(utilisateur).filter(resultat__status=TaskResultStatus.FAILED).count()
    )
