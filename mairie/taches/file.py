"""The queue: putting a task in it, giving a failed one new tries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils import timezone
from django_tasks.base import Task, TaskResultStatus
from django_tasks.signals import task_enqueued
from django_tasks_db.backend import DatabaseBackend, TaskResult

from mairie.taches.declaration import TacheDeclaree

T = TypeVar("T")


class FileDeTaches(DatabaseBackend):
    """django-tasks-db's queue, where each task has its row of ``mairie.Tache`` beside its own."""

    task_class = TacheDeclaree  # type: ignore[assignment]

    def enqueue(self, task: Task, args: Any, kwargs: Any) -> TaskResult:  # type: ignore[override]
        """As Django's Tasks API asks; ``TacheDeclaree.demander`` can say more."""
        return mettre_en_file(task, args, kwargs).resultat.task_result


def mettre_en_file(
    task: Any,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    *,
    cle: str = "",
    par: Any = None,
    insee: str = "",
) -> Any:
    """The row of the task, in the caller's transaction; the one that already has the key, if any."""
    from mairie.models import Tache

    if cle and (deja := Tache.objects.filter(cle=cle).first()):
        return deja
    if not isinstance(task, TacheDeclaree):
        raise TypeError(f"{task!r} n'est pas une tâche déclarée par @tache.")
    moteur = task.get_backend()
    moteur.validate_task(task)
    try:
        with transaction.atomic():
            ligne = moteur._task_to_db_task(task, args, kwargs)  # type: ignore[attr-defined]
            nouvelle = Tache.objects.create(
                resultat=ligne, code=task.code, cle=cle or None, insee=insee, demandee_par=par
            )
    except IntegrityError:
        # Another one asked for the same at the same moment, and was first.
        if cle and (deja := Tache.objects.filter(cle=cle).first()):
            return deja
        raise
    task_enqueued.send(type(moteur), task_result=ligne.task_result)
    return nouvelle


def relancer(tache: Any) -> bool:
    """Give a failed task all its tries again, now (administrator); false when it had not failed."""
    from django_tasks_db.models import DBTaskResult

    with transaction.atomic():
        reprise = DBTaskResult.objects.filter(pk=tache.resultat_id, status=TaskResultStatus.FAILED).update(
            status=TaskResultStatus.READY, run_after=timezone.now(), finished_at=None
        )
        if reprise:
            type(tache).objects.filter(pk=tache.pk).update(essais=0)
    return bool(reprise)
