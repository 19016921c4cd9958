"""Who lives: heartbeats of workers and scheduler, the shared storage, and what ``/sante/`` says of it all."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult, get_date_max

from mairie.models import Battement, Livraison, Tache
from mairie.taches.bail import Bail

trace = logging.getLogger(__name__)

RYTHME_S = 5.0
# Silent for longer, a process counts as gone.
SILENCE = timedelta(seconds=30)
# A task that has waited longer shows that the workers do not keep up.
RETARD = timedelta(minutes=5)
DOSSIER_SONDES = "sante"

BON, DEGRADE, ABSENT = "bon", "dégradé", "absent"

_BATTRE = """
    INSERT INTO mairie_battement (genre, identifiant, hote, pid, demarre_le, vu_le, detail, sonde)
    VALUES (%s, %s, %s, %s, %s, now(), %s, %s)
    ON CONFLICT (identifiant) DO UPDATE SET vu_le = now(), detail = EXCLUDED.detail, sonde = EXCLUDED.sonde
"""


class Coeur:
    """The heartbeat of one process: a thread that writes on the lease's connection every few seconds."""

    def __init__(self, genre: str, bail: Bail) -> None:
        self.genre, self._bail = genre, bail
        self.identifiant = secrets.token_hex(16)
        self._sonde = ""
        self._detail = ""
        self._depart = timezone.now()
        self._fin = threading.Event()
        self._fil: threading.Thread | None = None

    def commencer(self) -> None:
        """Start beating; safe to call again."""
        if self._fil is None:
            self._poser_sonde()
            self._battre()
            self._fil = threading.Thread(target=self._boucle, name="battement", daemon=True)
            self._fil.start()

    def dire(self, detail: str) -> None:
        """What the process does now, shown to the administrator; written at the next beat."""
        self._detail = detail[:200]

    def finir(self) -> None:
        """Stop beating and leave no trace; a killed process leaves one that grows old."""
        self._fin.set()
        if self._fil is not None:
            self._fil.join(timeout=RYTHME_S)
        try:
            self._bail.executer("DELETE FROM mairie_battement WHERE identifiant = %s", (self.identifiant,))
            default_storage.delete(_fichier(self.identifiant))
        except (DatabaseError, OSError):
            trace.info("Battement laissé : base ou fichiers injoignables")

    def _boucle(self) -> None:
        while not self._fin.wait(RYTHME_S):
            try:
                self._battre()
            except DatabaseError:
                # The main loop sees the same cut and connects again.
                continue

    def _battre(self) -> None:
        self._bail.executer(
            _BATTRE,
            (
                self.genre, self.identifiant, socket.gethostname()[:255], os.getpid(), self._depart,
                self._detail, self._sonde,
            ),
        )  # fmt: skip

    def _poser_sonde(self) -> None:
        """A small file in the storage, that the web reads back: both see the same one, or not."""
        if self._sonde:
            return
        sonde = secrets.token_hex(16)
        try:
            default_storage.save(_fichier(self.identifiant), ContentFile(sonde.encode()))
        except OSError:
            trace.exception("Stockage de fichiers : la sonde n'a pas pu être écrite")
            return
        self._sonde = sonde


def vivants(genre: str, maintenant: datetime | None = None) -> list[Battement]:
    """Processes of a kind heard lately."""
    depuis = (maintenant or timezone.now()) - SILENCE
    return list(Battement.objects.filter(genre=genre, vu_le__gte=depuis).order_by("demarre_le"))


def etat(maintenant: datetime | None = None) -> dict[str, Any]:
    """What ``/sante/`` tells about tasks, schedules, files and domain events; no name, no path."""
    quand = maintenant or timezone.now()
    ouvriers = vivants(Battement.Genre.OUVRIER, quand)
    planificateurs = vivants(Battement.Genre.PLANIFICATEUR, quand)
    dues = DBTaskResult.objects.filter(status=TaskResultStatus.READY)
    attente = dues.filter(run_after__lte=quand).values_list("run_after", flat=True)
    directes = dues.filter(run_after=get_date_max()).values_list("enqueued_at", flat=True)
    tetes = [*attente.order_by("run_after")[:1], *directes.order_by("enqueued_at")[:1]]
    plus_ancienne = min(tetes, default=quand)
    retard = quand - plus_ancienne
    a_temps = bool(ouvriers) and retard <= RETARD
    fichiers = _fichiers([*ouvriers, *planificateurs])
    return {
        "taches": {
            "etat": BON if a_temps else DEGRADE,
            "ouvriers": len(ouvriers),
            "en_attente": attente.count() + directes.count(),
            "retard_s": max(0, round(retard.total_seconds())),
            "en_echec": Tache.objects.filter(resultat__status=TaskResultStatus.FAILED).count(),
        },
        "planificateur": {"etat": BON if planificateurs else DEGRADE, "nombre": len(planificateurs)},
        "fichiers": {"etat": fichiers},
        "evenements": {"en_echec": Livraison.objects.filter(etat=Livraison.Etat.ECHEC).count()},
    }


def _fichiers(processus: list[Battement]) -> str:
    """``bon`` when every living process' probe is read here as written there; ``absent``: nobody to ask."""
    if not processus:
        return ABSENT
    return BON if all(_sonde_lue(b) for b in processus) else DEGRADE


def _sonde_lue(b: Battement) -> bool:
    if not b.sonde:
        return False
    try:
        with default_storage.open(_fichier(b.identifiant)) as fichier:
            return bool(fichier.read(64).decode() == b.sonde)
    except (OSError, UnicodeDecodeError):
        return False


def _fichier(identifiant: str) -> str:
    return f"{DOSSIER_SONDES}/{identifiant}"
