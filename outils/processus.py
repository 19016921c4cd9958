"""Pid files that survive the reuse of a pid, and an orderly end of what they name."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path


def instant_de_depart(pid: int) -> str | None:
    """Start time of a process in clock ticks since boot (/proc/PID/stat, field 22); None when it is gone.

    A zombie counts as gone.
    """
    try:
        texte = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    champs = texte.rpartition(")")[2].split()
    return None if champs[0] == "Z" else champs[19]


def inscrire(fichier: Path, pid: int) -> None:
    """Write `pid start-time` into a pid file, whole or not at all."""
    provisoire = fichier.with_name(f".{fichier.name}.{os.getpid()}")
    provisoire.write_text(f"{pid} {instant_de_depart(pid)}\n")
    provisoire.replace(fichier)


def pid_vivant(fichier: Path) -> int | None:
    """The pid named by a pid file, if that very process (same start time) still runs."""
    try:
        pid_texte, depart = fichier.read_text().split()
        pid = int(pid_texte)
    except (FileNotFoundError, ValueError):
        return None
    return pid if instant_de_depart(pid) == depart else None


def attendre(condition: Callable[[], bool], secondes: float) -> bool:
    """Wait until `condition()` holds; False when it still does not after `secondes`."""
    limite = time.monotonic() + secondes
    while not condition():
        if time.monotonic() > limite:
            return False
        time.sleep(0.05)
    return True


def envoyer(pid: int, signal_: signal.Signals) -> None:
    """Send a signal; a process already gone is no error."""
    try:
        os.kill(pid, signal_)
    except ProcessLookupError:
        return


def arreter(fichier: Path, delai: float = 15) -> bool:
    """End the process of a pid file (TERM, then KILL after `delai` seconds), remove the file.

    True when there was something to end.
    """
    pid = pid_vivant(fichier)
    if pid is not None:
        envoyer(pid, signal.SIGTERM)
        if not attendre(lambda: pid_vivant(fichier) is None, delai):
            envoyer(pid, signal.SIGKILL)
            attendre(lambda: pid_vivant(fichier) is None, 5)
    fichier.unlink(missing_ok=True)
    return pid is not None
