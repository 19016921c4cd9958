"""What letters and mail declare at start: log, menu, rights of the neutral letter."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mairie import notifications
from mairie.courriers import actions
from mairie.menu import Rubrique, ajouter
from mairie.notifications import Notification
from mairie.perms import ADMINISTRER


def declarer() -> None:
    """From ``AppConfig.ready``."""
    actions.declarer_actions()
    ajouter(
        Rubrique(
            "courriels",
            "Courriels",
            "bi-envelope-at",
            "/reglages/courriels/",
            930,
            ADMINISTRER,
            groupe="Administration",
        )
    )
    notifications.fournir("courriels", _courriels_en_echec)


def _courriels_en_echec(utilisateur: Any) -> Iterator[Notification]:
    from mairie.models import CourrielSortant

    nombre = CourrielSortant.objects.visibles_par(utilisateur).filter(etat="echec").count()
    yield Notification(
        "courriels en échec", "/reglages/courriels/?etat=echec", "bi-envelope-exclamation", nombre, "danger"
    )
