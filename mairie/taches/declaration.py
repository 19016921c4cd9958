"""Tasks as data: a function, its code, how often it is tried, how it is put in the queue."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django_tasks.base import Task

if TYPE_CHECKING:
    from mairie.models import Tache, Utilisateur

# Waits before the second and the third try.
DELAIS = (timedelta(minutes=1), timedelta(minutes=10))
_CODE = re.compile(r"[a-z_]+\.[a-z0-9_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TacheDeclaree(Task):
    """A task of Django's Tasks API, with what the wrapper adds; made by ``@tache``.

    ``delais``: waits before each new try, so one more than there are. ``atomique``: its writes and the
    mark of its success are one transaction, so that nothing is ever done twice. ``suivi``: the function's
    first parameter receives the follow-up (progress, point of resumption).
    """

    code: str
    libelle: str
    delais: tuple[timedelta, ...] = DELAIS
    atomique: bool = True
    suivi: bool = False

    @property
    def essais(self) -> int:
        """Tries at most."""
        return len(self.delais) + 1

    def demander(
        self,
        *args: Any,
        cle: str = "",
        par: Utilisateur | None = None,
        insee: str = "",
        apres: datetime | None = None,
        **kwargs: Any,
    ) -> Tache:
        """Put the task in the queue, in the caller's transaction; arguments are JSON values.

        ``cle``: idempotency key, the same one gives the first task, whatever became of it. ``apres``: not
        before that moment. ``par`` may watch its progress. ``insee``: whose administrators see it.
        """
        from mairie.taches.file import mettre_en_file

        tache = self.using(run_after=apres) if apres else self
        return mettre_en_file(tache, args, kwargs, cle=cle, par=par, insee=insee)


_declarees: dict[str, TacheDeclaree] = {}


def tache(
    code: str,
    libelle: str,
    *,
    delais: tuple[timedelta, ...] = DELAIS,
    atomique: bool = True,
    priorite: int = 0,
) -> Callable[[Callable[..., Any]], TacheDeclaree]:
    """Make a task of a module-level function; ``code`` is ``app.what_it_does``.

    ``atomique=False`` for what commits by itself or acts outside the database: it may then run again after
    a kill, and must bear it. A first parameter named ``suivi`` receives the follow-up.
    """
    if not _CODE.fullmatch(code):
        raise ImproperlyConfigured(f"Code de tâche invalide : {code!r}")

    def decorer(fonction: Callable[..., Any]) -> TacheDeclaree:
        premier = next(iter(inspect.signature(fonction).parameters), "")
        declaree = TacheDeclaree(
            func=fonction,
            priority=priorite,
            code=code,
            libelle=libelle,
            delais=delais,
            atomique=atomique,
            suivi=premier == "suivi",
        )
        connue = _declarees.setdefault(code, declaree)
        if connue.module_path != declaree.module_path:
            raise ImproperlyConfigured(f"La tâche {code} est déclarée deux fois")
        _declarees[code] = declaree
        return declaree

    return decorer


def declarees() -> dict[str, TacheDeclaree]:
    """All tasks imported so far, by code."""
    return dict(_declarees)


def libelle(code: str) -> str:
    """Name of a task on screens; its code when no app declares it any more."""
    return _declarees[code].libelle if code in _declarees else code
