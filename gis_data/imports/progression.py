"""Progress told to a person: a bar on a terminal, a plain line each five seconds elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, TextIO

INTERVALLE_S = 5.0


class Progression:
    """Counts done out of ``total`` on ``flux``; used as a context."""

    def __init__(self, flux: TextIO, total: int, quoi: str, intervalle_s: float = INTERVALLE_S) -> None:
        self.flux = flux
        self.total = total
        self.quoi = quoi
        self.faites = 0
        self._intervalle = intervalle_s
        self._derniere = time.monotonic()
        self._barre: Any = None
        self._tache: Any = None

    def __enter__(self) -> Progression:
        if getattr(self.flux, "isatty", lambda: False)():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            self._barre = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=Console(file=self.flux),
            )
            self._tache = self._barre.add_task(self.quoi, total=self.total)
            self._barre.start()
        return self

    def __exit__(
        self, genre: type[BaseException] | None, erreur: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._barre is not None:
            self._barre.stop()
            self._barre = None

    def dire(self, message: str) -> None:
        """A line of its own, above the bar where there is one."""
        if self._barre is not None:
            self._barre.console.print(message, markup=False, highlight=False)
        else:
            self.flux.write(f"{message}\n")
            self.flux.flush()

    def avancer(self, nombre: int = 1) -> None:
        """``nombre`` more are done; a total found too small grows."""
        self.faites += nombre
        self.total = max(self.total, self.faites)
        if self._barre is not None:
            self._barre.update(self._tache, completed=self.faites, total=self.total)
        self.battre()

    def battre(self) -> None:
        """Write the plain line when its time has come."""
        maintenant = time.monotonic()
        if self._barre is None and maintenant - self._derniere >= self._intervalle:
            self._derniere = maintenant
            self.dire(f"{self.quoi} : {self.faites} sur {self.total}")
