"""The row of a run: born, beating, ended; the runs of killed processes are marked by the next one."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

from gis_data.models import ImportTravail

journal = logging.getLogger(__name__)

# A third of the delay after which a silent run is taken for dead, five seconds at most.
PART_BATTEMENT = 3
BATTEMENT_MAX_S = 5.0


def marquer_interrompus(genre: str) -> int:
    """Runs « en cours » silent for ``IMPORT_BATTEMENT_S`` become « interrompu »; how many."""
    limite = timezone.now() - timedelta(seconds=settings.IMPORT_BATTEMENT_S)
    return ImportTravail.objects.filter(
        genre=genre, etat=ImportTravail.Etat.EN_COURS, battement__lt=limite
    ).update(etat=ImportTravail.Etat.INTERROMPU)


class Suivi:
    """Follows one run in ``ImportTravail``. A beat that fails is forgotten: the workers tell a lost base."""

    def __init__(self, genre: str, options: dict[str, Any], utilisateur: Any = None) -> None:
        marquer_interrompus(genre)
        self.travail = ImportTravail.objects.create(genre=genre, options=options, utilisateur=utilisateur)
        self._intervalle = min(BATTEMENT_MAX_S, settings.IMPORT_BATTEMENT_S / PART_BATTEMENT)
        self._dernier = time.monotonic()

    @property
    def id(self) -> int:
        """Id of the run."""
        return self.travail.pk

    def battre(self, faites: int, total: int) -> None:
        """Sign of life and progress, not more often than needed."""
        if time.monotonic() - self._dernier < self._intervalle:
            return
        self._dernier = time.monotonic()
        self.tenter(
            lambda: ImportTravail.objects.filter(pk=self.id).update(
                battement=timezone.now(), totaux={"faites": faites, "total": total}
            )
        )

    def terminer(self, totaux: dict[str, Any], rapport: dict[str, Any]) -> None:
        """The run is over; its commit is synchronous, so that all the sheets before it are on disk too."""
        with transaction.atomic():
            with connection.cursor() as curseur:
                curseur.execute("SET LOCAL synchronous_commit = on")
            maintenant = timezone.now()
            ImportTravail.objects.filter(pk=self.id).update(
                etat=ImportTravail.Etat.TERMINE,
                battement=maintenant,
                fin=maintenant,
                totaux=totaux,
                rapport=rapport,
            )

    def interrompre(self, totaux: dict[str, Any], rapport: dict[str, Any]) -> None:
        """The run stops before its end; nothing is said where the database is away."""
        maintenant = timezone.now()
        self.tenter(
            lambda: ImportTravail.objects.filter(pk=self.id).update(
                etat=ImportTravail.Etat.INTERROMPU,
                battement=maintenant,
                fin=maintenant,
                totaux=totaux,
                rapport=rapport,
            )
        )

    def tenter(self, ecrire: Callable[[], Any]) -> bool:
        """Whether the write went through; a lost connection is dropped so that the next try opens another."""
        try:
            ecrire()
        except (DatabaseError, InterfaceError) as erreur:
            journal.warning("suivi de l'import %s non écrit : %s", self.id, erreur)
            connection.close()
            return False
        return True
