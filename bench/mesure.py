"""Clocks: CPU of a command with all its children, CPU of the database server, peak memory of each process.

CPU rather than time wherever a ratio is asked for: other work on the machine then weighs less.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TIQUES_PAR_S = os.sysconf("SC_CLK_TCK")
RACINE = Path(__file__).resolve().parent.parent


class EchecMesure(Exception):
    """A measurement that cannot be made; French message."""


def mediane(valeurs: Sequence[float]) -> float:
    """Median; not a number for an empty list."""
    return statistics.median(valeurs) if valeurs else float("nan")


def quantile(valeurs: Sequence[float], part: float) -> float:
    """Value below which ``part`` of the measurements lie."""
    triees = sorted(valeurs)
    return triees[min(len(triees) - 1, int(part * len(triees)))]


def _champs(pid: int) -> list[str]:
    texte = Path(f"/proc/{pid}/stat").read_text()
    return texte.rpartition(")")[2].split()


def pere(pid: int) -> int:
    """Parent of a process."""
    return int(_champs(pid)[1])


def enfants(pid: int) -> list[int]:
    """Living children of a process."""
    try:
        return [
            int(fils)
            for tache in Path(f"/proc/{pid}/task").iterdir()
            for fils in (tache / "children").read_text().split()
        ]
    except OSError:
        return []


def cpu_processus(pid: int, *, descendants_finis: bool = False) -> float:
    """CPU seconds of a process, with those of its finished children when asked; 0 when it is gone."""
    try:
        champs = _champs(pid)
    except OSError:
        return 0.0
    fin = 15 if descendants_finis else 13
    return sum(map(int, champs[11:fin])) / TIQUES_PAR_S


class Serveur:
    """CPU of a PostgreSQL server seen from the machine it runs on."""

    def __init__(self, postmaster: int | None) -> None:
        self.postmaster = postmaster

    @classmethod
    def de(cls, pid_connexion: int) -> Serveur:
        """The server of one of its processes; unknown when it is not on this machine."""
        try:
            if "postgres" not in Path(f"/proc/{pid_connexion}/comm").read_text():
                return cls(None)
            return cls(pere(pid_connexion))
        except OSError:
            return cls(None)

    def cpu_s(self) -> float:
        """All its processes, also those that have ended; not a number when unknown."""
        if self.postmaster is None:
            return float("nan")
        return cpu_processus(self.postmaster, descendants_finis=True) + sum(
            map(cpu_processus, enfants(self.postmaster))
        )


class _Sommets(threading.Thread):
    """Peak resident memory of a process and its descendants, read until ``arreter``."""

    def __init__(self, pid: int, intervalle_s: float = 0.2) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._intervalle_s = intervalle_s
        self._fin = threading.Event()
        self.sommets: dict[int, float] = {}

    def run(self) -> None:
        while not self._fin.wait(self._intervalle_s):
            self.relever()

    def relever(self) -> None:
        a_voir = [self._pid]
        while a_voir:
            pid = a_voir.pop()
            try:
                for ligne in Path(f"/proc/{pid}/status").read_text().splitlines():
                    if ligne.startswith("VmHWM:"):
                        self.sommets[pid] = int(ligne.split()[1]) / 1024
                        break
            except OSError:
                continue
            a_voir += enfants(pid)

    def arreter(self) -> None:
        self._fin.set()
        self.join()


@dataclass
class Execution:
    """A command that ran: wall and CPU seconds (children included), peak memory of each process in MiB."""

    duree_s: float
    cpu_s: float
    cpu_serveur_s: float
    sommets_mio: list[float] = field(default_factory=list)
    sortie: str = ""
    erreurs: str = ""

    @property
    def cpu_total_s(self) -> float:
        """Client and server."""
        return self.cpu_s + self.cpu_serveur_s


def lancer(
    commande: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    serveur: Serveur | None = None,
    dossier: Path = RACINE,
    suivre: bool = True,
) -> Execution:
    """Run a command to its end; ``suivre`` = watch its memory. ``EchecMesure`` with what it said."""
    serveur = serveur or Serveur(None)
    cpu_serveur = serveur.cpu_s()
    debut = time.perf_counter()
    processus = subprocess.Popen(  # noqa: S603
        list(map(str, commande)),
        cwd=dossier,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    sommets = _Sommets(processus.pid)
    if suivre:
        sommets.start()
    sortie, erreurs = _lire(processus)
    _, statut, usage = os.wait4(processus.pid, 0)
    duree_s = time.perf_counter() - debut
    processus.returncode = os.waitstatus_to_exitcode(statut)
    if suivre:
        sommets.arreter()
    if processus.returncode:
        raise EchecMesure(
            f"« {' '.join(map(str, commande))} » a échoué (code {processus.returncode}) :"
            f" {(erreurs or sortie)[-2000:]}"
        )
    return Execution(
        duree_s,
        usage.ru_utime + usage.ru_stime,
        serveur.cpu_s() - cpu_serveur,
        sorted(sommets.sommets.values(), reverse=True),
        sortie,
        erreurs,
    )


def _lire(processus: subprocess.Popen[str]) -> tuple[str, str]:
    """Both outputs to their end, without reaping the process (its usage is read then)."""
    morceaux: list[str] = []

    def suivre() -> None:
        if processus.stderr is not None:
            morceaux.append(processus.stderr.read())

    fil = threading.Thread(target=suivre)
    fil.start()
    sortie = processus.stdout.read() if processus.stdout is not None else ""
    fil.join()
    return sortie, "".join(morceaux)


@contextmanager
def cpu_ici() -> Iterator[Callable[[], float]]:
    """CPU seconds of this process since the block began."""
    debut = time.process_time()
    yield lambda: time.process_time() - debut


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    modele = next(
        (
            ligne.partition(":")[2].strip()
            for ligne in Path("/proc/cpuinfo").read_text().splitlines()
            if ligne.startswith("model name")
        ),
        "inconnu",
    )
    memoire = next(
        int(ligne.split()[1])
        for ligne in Path("/proc/meminfo").read_text().splitlines()
        if ligne.startswith("MemTotal")
    )
    return {
        "processeur": modele,
        "coeurs": len(os.sched_getaffinity(0)),
        "memoire_gio": round(memoire / 1024**2, 1),
        "charge_au_depart": round(os.getloadavg()[0], 2),
    }
