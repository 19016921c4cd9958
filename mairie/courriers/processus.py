"""The rendering process, kept from one document to the next, and its end when it takes too long."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from mairie.courriers import atelier
from mairie.courriers.atelier import Entete

# Fonts and pictures leave traces in its memory.
RENDUS_PAR_PROCESSUS = 300
_ENVIRONNEMENT = ("PATH", "HOME", "LANG", "LC_ALL", "XDG_CACHE_HOME", "FONTCONFIG_PATH", "FONTCONFIG_FILE")

# Address asked by the document → (type, bytes), or null when it is refused.
Servir = Callable[[str], tuple[str, bytes] | None]


class TropLong(Exception):
    """The process did not answer in time, and was ended."""


class Interrompu(Exception):
    """The process ended by itself: memory limit, fault of a library."""


class _Processus:
    """One process and its pipes."""

    def __init__(self) -> None:
        self.pid, self.rendus = os.getpid(), 0
        self.enfant = subprocess.Popen(  # noqa: S603 our own script, no argument from outside
            [sys.executable, "-s", "-P", str(Path(atelier.__file__))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            # The order of sets and the date in embedded fonts show in the file.
            env={
                "PYTHONHASHSEED": "0",
                "SOURCE_DATE_EPOCH": "315532800",
                **{k: os.environ[k] for k in _ENVIRONNEMENT if k in os.environ},
            },
            bufsize=0,
        )
        if self.enfant.stdin is None or self.enfant.stdout is None:
            raise Interrompu
        self._entree, self._sortie = self.enfant.stdin.fileno(), self.enfant.stdout.fileno()
        os.set_blocking(self._entree, False)

    def utilisable(self) -> bool:
        """Alive, ours (not that of a parent before a fork), and not yet worn out."""
        return self.pid == os.getpid() and self.rendus < RENDUS_PAR_PROCESSUS and self.enfant.poll() is None

    def fermer(self) -> None:
        """End it; that of another process is left alone."""
        if self.pid == os.getpid():
            self.enfant.kill()
            self.enfant.wait()
            for tuyau in (self.enfant.stdin, self.enfant.stdout):
                if tuyau is not None:
                    tuyau.close()

    def dire(self, entete: Entete, corps: bytes, fin: float) -> None:
        """Send a frame before ``fin`` (monotonic clock)."""
        reste = memoryview(atelier.trame(entete, corps))
        while reste:
            if not select.select([], [self._entree], [], max(0.0, fin - time.monotonic()))[1]:
                raise TropLong
            reste = reste[os.write(self._entree, reste) :]

    def entendre(self, fin: float) -> tuple[Entete, bytes] | None:
        """The next frame before ``fin``; null when the process ended."""

        def lire(combien: int) -> bytes:
            morceaux, manque = [], combien
            while manque:
                if not select.select([self._sortie], [], [], max(0.0, fin - time.monotonic()))[0]:
                    raise TropLong
                morceau = os.read(self._sortie, min(manque, 1 << 20))
                if not morceau:
                    break
                morceaux.append(morceau)
                manque -= len(morceau)
            return b"".join(morceaux)

        return atelier.lire_trame(lire)


class Atelier:
    """One rendering process for each of ours, used by one thread at a time; made when first needed."""

    def __init__(self) -> None:
        self._verrou = threading.Lock()
        self.processus: _Processus | None = None

    def fermer(self) -> None:
        """End the process; the next document starts another."""
        with self._verrou:
            self._jeter()

    def rendre(self, demande: Entete, html: bytes, servir: Servir, delai: float) -> tuple[Entete, bytes]:
        """Answer to a document; ``TropLong`` or ``Interrompu``."""
        with self._verrou:
            if self.processus is None or not self.processus.utilisable():
                self._jeter()
                self.processus = _Processus()
            try:
                return self._dialoguer(self.processus, demande, html, servir, time.monotonic() + delai)
            except BaseException:
                # What it was doing is unknown: the next document must not read its late answer.
                self._jeter()
                raise

    def _jeter(self) -> None:
        if self.processus is not None:
            self.processus.fermer()
            self.processus = None

    @staticmethod
    def _dialoguer(
        processus: _Processus, demande: Entete, html: bytes, servir: Servir, fin: float
    ) -> tuple[Entete, bytes]:
        processus.rendus += 1
        try:
            processus.dire(demande, html, fin)
            while (recue := processus.entendre(fin)) is not None:
                entete, corps = recue
                if "demande" not in entete:
                    return entete, corps
                servie = servir(str(entete["demande"]))
                if servie is None:
                    processus.dire({"refus": "adresse refusée"}, b"", fin)
                else:
                    processus.dire({"mime": servie[0]}, servie[1], fin)
        except BrokenPipeError:
            pass
        raise Interrompu
