"""Factories of toy workers for the tests of the pool."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

from gis_data.imports.ouvrier import ErreurFatale


class Jouet:
    """A task is a word, with what it asks for after a colon."""

    def __init__(self, parametres: Any) -> None:
        self.parametres = parametres

    def traiter(self, tache: Any) -> Iterator[Any]:
        """Do what the word says."""
        mot, _, reste = str(tache).partition(":")
        if mot == "mourir":
            os.kill(os.getpid(), signal.SIGKILL)
        if mot == "lever":
            raise ValueError(reste)
        if mot == "fatal":
            raise ErreurFatale(reste)
        if mot == "gros":
            yield "x" * int(reste)
            return
        if mot == "plusieurs":
            yield from range(int(reste))
            return
        if mot == "attendre":
            time.sleep(float(reste))
        yield (self.parametres, mot, os.getpid(), os.getppid())

    def fermer(self) -> None:
        """Nothing to release."""
