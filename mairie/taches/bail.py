"""The lease: a connection of the worker's own, that holds session locks while its tasks run.

PostgreSQL frees a session's locks the moment the process or the connection dies: no clock, no time-out.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import psycopg2
from django.db import OperationalError, connection

# First half of the two-part advisory locks, a space of its own beside the single-part ones.
CLASSE_TACHE = 0x54414348
CLASSE_CHEF = 0x43484546


class Bail:
    """Session locks on a dedicated connection in autocommit; its methods may be called from any thread.

    They raise ``OperationalError`` when the connection is gone, and with it all its locks: ``ouvrir`` makes
    a new one.
    """

    def __init__(self) -> None:
        self._cx: Any = None
        self._verrou = threading.RLock()

    def ouvrir(self) -> None:
        """Connect, if need be; ``OperationalError`` while the server is away."""
        with self._verrou:
            if self._cx is None or self._cx.closed:
                try:
                    self._cx = connection.get_new_connection(connection.get_connection_params())
                    self._cx.set_session(autocommit=True)
                except (psycopg2.OperationalError, psycopg2.InterfaceError) as e:
                    raise OperationalError(str(e)) from e

    @property
    def session(self) -> object:
        """The present connection: another one holds none of the locks of this one. Null when closed."""
        with self._verrou:
            return None if self._cx is None or self._cx.closed else self._cx

    def fermer(self) -> None:
        """Let go of all locks."""
        with self._verrou:
            if self._cx is not None and not self._cx.closed:
                self._cx.close()
            self._cx = None

    def executer(self, sql: str, valeurs: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement, committed at once, and return its rows."""
        with self._verrou:
            if self._cx is None or self._cx.closed:
                raise OperationalError("la connexion du bail est perdue")
            try:
                with self._cx.cursor() as curseur:
                    curseur.execute(sql, valeurs)
                    return list(curseur.fetchall()) if curseur.description else []
            except (psycopg2.OperationalError, psycopg2.InterfaceError) as e:
                self.fermer()
                raise OperationalError(str(e)) from e

    def prendre(self, classe: int, numero: int) -> bool:
        """Take a lock without waiting; false when another session holds it."""
        return bool(self.executer("SELECT pg_try_advisory_lock(%s, %s)", (classe, _entier(numero)))[0][0])

    def rendre(self, classe: int, numero: int) -> None:
        """Give a lock back; nothing to do when the connection is gone."""
        try:
            self.executer("SELECT pg_advisory_unlock(%s, %s)", (classe, _entier(numero)))
        except OperationalError:
            return

    def tient(self) -> bool:
        """Whether the connection, hence every lock taken, is still there."""
        try:
            self.executer("SELECT 1")
        except OperationalError:
            return False
        return True


def _entier(numero: int) -> int:
    """The second half of a lock has 31 bits; two tasks so far apart would only wait for each other."""
    return numero % 2**31
