"""The scheduler: one leader puts in the queue what is due; the others wait for its place."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from gis_data.imports.pannes import point_de_panne
from mairie.models import Programmation
from mairie.taches.bail import CLASSE_CHEF
from mairie.taches.ouvrier import Processus
from mairie.taches.programmes import Programme, creneaux, programmes

trace = logging.getLogger(__name__)


class Planificateur(Processus):
    """Any number may run: a session lock makes one of them the leader, the next one follows when it dies."""

    GENRE = "planificateur"

    def __init__(self, intervalle: float = 5.0) -> None:
        super().__init__(intervalle)
        self._chef_de: object = None

    @property
    def chef(self) -> bool:
        """Whether this one leads; it no longer does once the connection that held the lock is gone."""
        return self._chef_de is not None and self._chef_de is self.bail.session

    def tour(self) -> bool:
        """Lead or wait; never in a hurry: there is always an interval between two looks."""
        if not self.chef and self.bail.prendre(CLASSE_CHEF, 0):
            self._chef_de = self.bail.session
        self.battement.dire("chef" if self.chef else "en attente")
        if self.chef:
            planifier()
        return False


def planifier(maintenant: datetime | None = None) -> int:
    """Put in the queue what the schedules ask for up to now, missed slots included; how many tasks.

    Each schedule is a transaction, and each slot an idempotency key: two leaders would double nothing.
    """
    quand = maintenant or timezone.now()
    demandees = 0
    for programme in programmes().values():
        try:
            demandees += _planifier_un(programme, quand)
        except Exception as e:
            # One schedule that fails must not stop the others; a lost database is everybody's affair.
            if isinstance(e, DatabaseError) and not connection.is_usable():
                raise
            trace.exception("Programme %s", programme.code)
    return demandees


def _planifier_un(programme: Programme, quand: datetime) -> int:
    with transaction.atomic():
        # A schedule begins when it is first seen: no slot of before is missed.
        Programmation.objects.get_or_create(code=programme.code, defaults={"derniere": quand})
        ligne = Programmation.objects.select_for_update(of=("self",)).get(code=programme.code)
        fuseau = timezone.get_default_timezone()
        dus = creneaux(programme, ligne.derniere, quand, fuseau)
        if not dus:
            return 0
        demandees = 0
        if ligne.active and (programme.condition is None or programme.condition()):
            for creneau in dus:
                arguments: dict[str, Any] = {"cle": f"{programme.code}@{creneau.isoformat()}"}
                if programme.chaque_creneau:
                    arguments["jour"] = creneau.astimezone(fuseau).date().isoformat()
                ligne.derniere_tache = programme.tache.demander(**arguments)
                demandees += 1
        ligne.derniere = dus[-1]
        ligne.save(update_fields=["derniere", "derniere_tache"])
        point_de_panne("planification")
    return demandees
