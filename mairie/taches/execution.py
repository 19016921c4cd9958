"""One run of one task: claim, run, mark; what a dead worker left goes back to the queue."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from traceback import format_tb
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks.utils import normalize_json
from django_tasks_db.models import DBTaskResult, get_date_max

from gis_data.imports.pannes import point_de_panne
from mairie.journal import COURRIEL
from mairie.models import Tache
from mairie.taches.bail import CLASSE_TACHE, Bail
from mairie.taches.declaration import DELAIS, TacheDeclaree
from mairie.taches.suivi import ArretDemande, BailPerdu, EchecDefinitif, Suivi

trace = logging.getLogger(__name__)

INTERROMPUE = "Le programme a été interrompu pendant la tâche."


def prendre(bail: Bail | None, ouvrier: str, maintenant: datetime | None = None) -> Tache | None:
    """Claim the next task that is due, its lock held before anybody sees it running; null when none is."""
    quand = maintenant or timezone.now()
    with transaction.atomic():
        dues = DBTaskResult.objects.filter(status=TaskResultStatus.READY, backend_name="default").order_by(
            "-priority", "run_after", "enqueued_at"
        )
        dues = dues.filter(run_after__lte=quand) | dues.filter(run_after=get_date_max())
        resultat = dues.select_for_update(of=("self",), skip_locked=True).first()
        if resultat is None:
            return None
        tache = _ligne(resultat)
        if bail is not None and not bail.prendre(CLASSE_TACHE, tache.pk):
            # Whoever held it last is not quite gone: leave it some seconds.
            DBTaskResult.objects.filter(pk=resultat.pk).update(run_after=quand + timedelta(seconds=5))
            return None
        tache.essais += 1
        tache.save(update_fields=["essais"])
        resultat.claim(ouvrier)
    tache.resultat = resultat
    return tache


def executer(tache: Tache, bail: Bail | None = None, arret: Callable[[], bool] = lambda: False) -> bool:
    """Run a claimed task and mark what came of it; whether it succeeded.

    Raises ``DatabaseError`` only when the outcome itself cannot be written: the task then stays marked as
    running, without lock, and goes back to the queue.
    """
    try:
        _lancer(tache, bail, arret)
    except ArretDemande:
        _remettre(tache, timezone.now(), "", compter=False)
        return False
    except BailPerdu:
        trace.error("Tâche %s n° %s : verrou perdu, rien n'est marqué", tache.code, tache.pk)
        return False
    except Exception as e:
        if isinstance(e, DatabaseError) and not _utilisable():
            connection.close()
        _rater(tache, e)
        return False
    finally:
        if bail is not None:
            bail.rendre(CLASSE_TACHE, tache.pk)
    return True


def reprendre_abandonnees(bail: Bail) -> int:
    """Put back tasks marked as running whose worker is dead (their lock is free); how many."""
    reprises = 0
    en_cours = list(
        Tache.objects.filter(resultat__status=TaskResultStatus.RUNNING).values_list("pk", flat=True)
    )
    for pk in en_cours:
        if not bail.prendre(CLASSE_TACHE, pk):
            continue
        try:
            with transaction.atomic():
                tache = (
                    Tache.objects.select_for_update(of=("self",))
                    .select_related("resultat")
                    .filter(pk=pk, resultat__status=TaskResultStatus.RUNNING)
                    .first()
                )
                # Finished between the two looks.
                if tache is None:
                    continue
                trace.warning("Tâche %s n° %s reprise après une interruption", tache.code, pk)
                _apres_echec(tache, INTERROMPUE, "", timedelta(0))
                reprises += 1
        finally:
            bail.rendre(CLASSE_TACHE, pk)
    return reprises


def _lancer(tache: Tache, bail: Bail | None, arret: Callable[[], bool]) -> None:
    resultat = tache.resultat
    try:
        declaree: Any = resultat.task
    except (ImportError, SuspiciousOperation) as e:
        raise EchecDefinitif(f"La tâche {tache.code} n'est plus déclarée.") from e
    if not isinstance(declaree, TacheDeclaree):
        raise EchecDefinitif(f"La tâche {tache.code} n'est pas déclarée par @tache.")
    arguments = list(resultat.args_kwargs["args"])
    if declaree.suivi:
        arguments.insert(0, Suivi(tache, bail, arret))
    point_de_panne("tache_prise")
    if declaree.atomique:
        with transaction.atomic():
            valeur = declaree.call(*arguments, **resultat.args_kwargs["kwargs"])
            point_de_panne("tache_faite")
            _reussir(tache, valeur, bail)
    else:
        valeur = declaree.call(*arguments, **resultat.args_kwargs["kwargs"])
        point_de_panne("tache_faite")
        with transaction.atomic():
            _reussir(tache, valeur, bail)
    point_de_panne("tache_marquee")


def _reussir(tache: Tache, valeur: Any, bail: Bail | None) -> None:
    """Mark success; ``BailPerdu`` when this run is no longer the task's last one: its writes are undone."""
    verrouillee = Tache.objects.select_for_update(of=("self",)).get(pk=tache.pk)
    if verrouillee.essais != tache.essais or (bail is not None and not bail.tient()):
        raise BailPerdu
    touchees = DBTaskResult.objects.filter(pk=tache.resultat_id, status=TaskResultStatus.RUNNING).update(
        status=TaskResultStatus.SUCCESSFUL,
        finished_at=timezone.now(),
        return_value=normalize_json(valeur),
        exception_class_path="",
        traceback="",
    )
    if not touchees:
        raise BailPerdu
    Tache.objects.filter(pk=tache.pk).update(erreur="", reprise={})


def _rater(tache: Tache, erreur: Exception) -> None:
    """Mark a failed try: again later, or failed for good."""
    trace.error("Tâche %s n° %s : %s", tache.code, tache.pk, type(erreur).__name__, exc_info=erreur)
    with transaction.atomic():
        verrouillee = (
            Tache.objects.select_for_update(of=("self",)).select_related("resultat").get(pk=tache.pk)
        )
        if verrouillee.essais != tache.essais:
            return
        _apres_echec(
            verrouillee,
            _dire(erreur),
            "".join(format_tb(erreur.__traceback__)),
            None if isinstance(erreur, EchecDefinitif) else _delai(verrouillee),
            f"{type(erreur).__module__}.{type(erreur).__qualname__}",
        )


def _dire(erreur: Exception) -> str:
    """What the administrator reads. The later lines of a database's message hold the values of a row."""
    if isinstance(erreur, EchecDefinitif):
        return str(erreur)
    premiere = str(erreur).strip().split("\n", 1)[0][:500]
    return f"{type(erreur).__name__} : {COURRIEL.sub('[adresse masquée]', premiere)}"


def _apres_echec(tache: Tache, message: str, pile: str, delai: timedelta | None, exception: str = "") -> None:
    """Back to the queue after ``delai``, or failed when there is none left."""
    maintenant = timezone.now()
    if delai is not None and tache.essais <= len(_delais(tache)):
        _remettre(tache, maintenant + delai, message, pile=pile)
        return
    DBTaskResult.objects.filter(pk=tache.resultat_id).update(
        status=TaskResultStatus.FAILED,
        finished_at=maintenant,
        exception_class_path=exception,
        traceback=pile[-20_000:],
        return_value=None,
    )
    Tache.objects.filter(pk=tache.pk).update(erreur=message[:2000])


def _remettre(tache: Tache, quand: datetime, message: str, *, pile: str = "", compter: bool = True) -> None:
    with transaction.atomic():
        essais = tache.essais if compter else max(0, tache.essais - 1)
        touchees = Tache.objects.filter(pk=tache.pk, essais=tache.essais).update(
            essais=essais, erreur=message[:2000]
        )
        if touchees:
            DBTaskResult.objects.filter(pk=tache.resultat_id, status=TaskResultStatus.RUNNING).update(
                status=TaskResultStatus.READY, run_after=quand, traceback=pile[-20_000:]
            )


def _delais(tache: Tache) -> tuple[timedelta, ...]:
    try:
        declaree = tache.resultat.task
    except (ImportError, SuspiciousOperation):
        return DELAIS
    return declaree.delais if isinstance(declaree, TacheDeclaree) else DELAIS


def _delai(tache: Tache) -> timedelta | None:
    delais = _delais(tache)
    return delais[tache.essais - 1] if tache.essais <= len(delais) else None


def _ligne(resultat: DBTaskResult) -> Tache:
    """The row beside; made for a task that another package put in the queue by Django's own means."""
    tache = Tache.objects.filter(resultat=resultat).first()
    if tache is None:
        tache = Tache.objects.create(resultat=resultat, code="django.tache")
    return tache


def _utilisable() -> bool:
    try:
        return connection.is_usable()
    except Exception:
        return False
