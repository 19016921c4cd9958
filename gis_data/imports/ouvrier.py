"""Main of a worker process: ``python -m gis_data.imports.ouvrier FD``. Django is not needed.

The parent sends first (dotted name of a factory, parameters), then tasks; the worker answers each with
any number of ``partiel`` and one ``fini``, ``erreur`` (the task failed: traceback) or ``fatal`` (no task
can succeed any more). The end of the pipe is the end of the work.
"""

from __future__ import annotations

import importlib
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Protocol


class ErreurFatale(Exception):
    """The worker can do nothing any more (the database is away); the message is French."""


class Travail(Protocol):
    """What a factory returns."""

    def traiter(self, tache: Any) -> Iterator[Any]:
        """Results of one task, as they come."""

    def fermer(self) -> None:
        """Release what is held."""


def charger(nom: str) -> Any:
    """The object ``module:name``."""
    module, _, attribut = nom.partition(":")
    return getattr(importlib.import_module(module), attribut)


def _recevoir(lien: Connection, taches: queue.SimpleQueue[Any], fin: threading.Event) -> None:
    """Always read: a parent that sends a large task never waits for a worker that sends a large result."""
    try:
        while True:
            taches.put(lien.recv())
    except (EOFError, OSError):
        fin.set()
        taches.put(None)


def boucle(lien: Connection) -> None:
    """Serve tasks until the parent closes its end or dies."""
    fabrique, parametres = lien.recv()
    taches: queue.SimpleQueue[Any] = queue.SimpleQueue()
    fin = threading.Event()
    threading.Thread(target=_recevoir, args=(lien, taches, fin), daemon=True).start()
    travail: Travail = charger(fabrique)(parametres)
    try:
        while (message := taches.get()) is not None and not fin.is_set():
            cle, tache = message
            try:
                for resultat in travail.traiter(tache):
                    lien.send(("partiel", cle, resultat))
                lien.send(("fini", cle, None))
            except ErreurFatale as erreur:
                lien.send(("fatal", cle, str(erreur)))
            except (BrokenPipeError, ConnectionResetError):
                return
            except Exception:
                lien.send(("erreur", cle, traceback.format_exc()))
    finally:
        travail.fermer()


def main() -> None:
    """Run on the connection whose descriptor is given."""
    # Ctrl-C reaches the whole group: the parent alone decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    lien: Connection = Connection(int(sys.argv[1]))
    with suppress(BrokenPipeError, ConnectionResetError, EOFError):
        boucle(lien)


if __name__ == "__main__":
    # Under its own name, so that the exceptions it knows are those that tasks raise.
    charger("gis_data.imports.ouvrier:main")()
