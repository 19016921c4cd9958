"""Pool of worker processes: started anew (never forked), two tasks each at most, a crash costs one task."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from gis_data.imports.pannes import VARIABLE

RACINE = Path(__file__).resolve().parent.parent.parent
EN_ATTENTE = 2
# Bytes that a worker keeps for its next task rather than give them back.
GARDES = 128 * 1024**2


class Issue(Enum):
    """What an event of the pool says."""

    PARTIEL = "partiel"  # one result of a task
    FINI = "fini"
    ERREUR = "erreur"  # the task raised; value = traceback
    MORT = "mort"  # the process died on the task; value = exit code
    FATAL = "fatal"  # nothing can go on; value = message


@dataclass(frozen=True)
class Evenement:
    """An event about task number ``numero``."""

    issue: Issue
    numero: int
    valeur: Any = None


@dataclass(eq=False)
class _Ouvrier:
    processus: subprocess.Popen[bytes]
    lien: Connection
    taches: deque[int] = field(default_factory=deque)
    ferme: bool = False


class Bassin:
    """Runs tasks on ``nombre`` workers built by the factory named ``module:name``."""

    def __init__(self, fabrique: str, parametres: Any, nombre: int) -> None:
        self._fabrique = fabrique
        self._parametres = parametres
        self._nombre = max(1, nombre)
        self._ouvriers: list[_Ouvrier] = []
        self._en_cours: dict[int, Any] = {}
        self._morts = 0

    def _lancer(self) -> _Ouvrier:
        ici, la_bas = Pipe()
        environnement = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(RACINE), *filter(None, [os.environ.get("PYTHONPATH")])]),
            # One worker a core: threads of the numeric libraries would only fight.
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            # The same megabytes serve sheet after sheet: giving them back to the kernel each time, which
            # the C library does by default for large arrays, costs three quarters of all page faults.
            "MALLOC_MMAP_THRESHOLD_": str(GARDES),
            "MALLOC_TRIM_THRESHOLD_": str(GARDES),
        }
        if self._morts:
            environnement.pop(VARIABLE, None)
        with la_bas:
            processus = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "gis_data.imports.ouvrier", str(la_bas.fileno())],
                pass_fds=(la_bas.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=2,  # standard output belongs to the command's one document
                env=environnement,
            )
        ouvrier = _Ouvrier(processus, ici)
        ici.send((self._fabrique, self._parametres))
        self._ouvriers.append(ouvrier)
        return ouvrier

    def executer(
        self, taches: Iterable[Any], battre: Callable[[], None], intervalle_s: float = 1.0
    ) -> Iterator[Evenement]:
        """Events of all tasks as they come; ``battre`` is called between them, each interval at most."""
        suite = enumerate(taches)
        reprises: deque[tuple[int, Any]] = deque()
        epuise = False
        try:
            while True:
                while not epuise or reprises:
                    ouvrier = self._disponible()
                    if ouvrier is None:
                        break
                    prochaine = reprises.popleft() if reprises else next(suite, None)
                    if prochaine is None:
                        epuise = True
                        break
                    yield from self._confier(ouvrier, *prochaine, reprises)
                actifs = [o for o in self._ouvriers if o.taches]
                if not actifs:
                    if epuise and not reprises:
                        return
                    continue
                for lien in wait([o.lien for o in actifs], timeout=intervalle_s):
                    ouvrier = next(o for o in actifs if o.lien is lien)
                    yield from self._ecouter(ouvrier, reprises)
                battre()
        finally:
            self.fermer()

    def _disponible(self) -> _Ouvrier | None:
        """The least busy worker with room; a new one while there are fewer than asked and all are busy."""
        libre = min(self._ouvriers, key=lambda o: len(o.taches), default=None)
        if libre is not None and not libre.taches:
            return libre
        if len(self._ouvriers) < self._nombre:
            return self._lancer()
        return libre if libre is not None and len(libre.taches) < EN_ATTENTE else None

    def _confier(
        self, ouvrier: _Ouvrier, numero: int, tache: Any, reprises: deque[tuple[int, Any]]
    ) -> Iterator[Evenement]:
        ouvrier.taches.append(numero)
        self._en_cours[numero] = tache
        try:
            ouvrier.lien.send((numero, tache))
        except (BrokenPipeError, ConnectionResetError):
            yield from self._enterrer(ouvrier, reprises)

    def _ecouter(self, ouvrier: _Ouvrier, reprises: deque[tuple[int, Any]]) -> Iterator[Evenement]:
        try:
            genre, numero, valeur = ouvrier.lien.recv()
        except (EOFError, ConnectionResetError):
            yield from self._enterrer(ouvrier, reprises)
            return
        issue = Issue(genre)
        if issue is not Issue.PARTIEL:
            ouvrier.taches.remove(numero)
            del self._en_cours[numero]
        yield Evenement(issue, numero, valeur)

    def _enterrer(self, ouvrier: _Ouvrier, reprises: deque[tuple[int, Any]]) -> Iterator[Evenement]:
        """The worker died on its first task; the next ones go to another worker."""
        self._morts += 1
        self._ouvriers.remove(ouvrier)
        ouvrier.lien.close()
        code = ouvrier.processus.wait()
        numeros = list(ouvrier.taches)
        for numero in numeros[1:]:
            reprises.append((numero, self._en_cours.pop(numero)))
        if numeros:
            del self._en_cours[numeros[0]]
            yield Evenement(Issue.MORT, numeros[0], code)

    def fermer(self) -> None:
        """Close the pipes. A worker still at a task is ended: what it had not committed is undone."""
        for ouvrier in self._ouvriers:
            ouvrier.lien.close()
            if ouvrier.taches:
                ouvrier.processus.terminate()
        for ouvrier in self._ouvriers:
            ouvrier.processus.wait()
        self._ouvriers.clear()
