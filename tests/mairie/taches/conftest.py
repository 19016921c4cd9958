"""A database of its own, and real workers and schedulers on it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult

from gis_data.imports.pannes import VARIABLE
from mairie.models import Battement, EvenementDomaine, Programmation
from outils.processus import attendre
from tests import bases

# Started on two busy cores, a process needs its time.
PATIENCE_S = 60


@pytest.fixture(scope="session")
def _base_des_taches(base_modele: str, django_db_blocker: Any) -> Iterator[str]:
    nom = f"{base_modele}_taches"
    with django_db_blocker.unblock():
        bases.creer_base(nom, base_modele)
    yield nom
    with django_db_blocker.unblock():
        bases.supprimer_base(nom)


@pytest.fixture
def base_taches(_base_des_taches: str, django_db_blocker: Any) -> Iterator[str]:
    """Empty of tasks at the start of each test, which commits. Instead of ``db``."""
    with django_db_blocker.unblock(), bases.sur_base(_base_des_taches):
        for modele in (DBTaskResult, Programmation, Battement, EvenementDomaine):
            modele.objects.all().delete()
        yield _base_des_taches


class Processus:
    """A ``manage.py`` command in the background."""

    def __init__(self, base: str, *commande: str, **env: str) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "manage.py", *commande],
            cwd=bases.RACINE,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings.test",
                "DATABASE_URL": bases.url(base),
                **env,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def finir(self, signal_: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit code, negative when killed."""
        self.popen.send_signal(signal_)
        return self.fin()

    def fin(self) -> int:
        """Wait for the process' own end."""
        return self.popen.wait(timeout=PATIENCE_S)

    @property
    def sortie(self) -> str:
        """All that an ended process said."""
        assert self.popen.stdout is not None
        return self.popen.stdout.read()


@pytest.fixture
def lancer(base_taches: str) -> Iterator[Callable[..., Processus]]:
    """Makes background commands; ``panne="point:2"`` sets a fault point. All are ended with the test."""
    lances: list[Processus] = []

    def faire(*commande: str, panne: str = "") -> Processus:
        lances.append(Processus(base_taches, *commande, **({VARIABLE: panne} if panne else {})))
        return lances[-1]

    yield faire
    for p in lances:
        if p.popen.poll() is None:
            p.popen.kill()
            p.popen.wait()
        if p.popen.stdout is not None:
            p.popen.stdout.close()


def quand(condition: Callable[[], Any], quoi: str) -> None:
    """Wait for what other processes do, each look in a fresh transaction."""
    assert attendre(condition, PATIENCE_S), f"attendu en vain : {quoi}"


def sessions(base: str) -> list[int]:
    """Server processes of the other sessions on a database."""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()", [base]
        )
        return [pid for (pid,) in curseur.fetchall()]


def couper(base: str) -> int:
    """End all other sessions on a database, as a restart of the server does; how many."""
    pids = sessions(base)
    with connection.cursor() as curseur:
        for pid in pids:
            curseur.execute("SELECT pg_terminate_backend(%s)", [pid])
    return len(pids)


@contextlib.contextmanager
def portes_fermees(base: str) -> Iterator[None]:
    """Nobody connects any more, as during a restart; sessions already open are left."""
    bases._hors_transaction(f'ALTER DATABASE "{base}" ALLOW_CONNECTIONS false')
    try:
        yield
    finally:
        bases._hors_transaction(f'ALTER DATABASE "{base}" ALLOW_CONNECTIONS true')


def dormir(secondes: float) -> None:
    """For what must not happen within a time."""
    time.sleep(secondes)
