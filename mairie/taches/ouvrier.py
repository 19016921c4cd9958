"""The worker: takes tasks one by one, survives the database's absence, says that it lives."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, close_old_connections, connection

from mairie.taches import sante
from mairie.taches.bail import Bail
from mairie.taches.declaration import libelle
from mairie.taches.execution import executer, prendre, reprendre_abandonnees

trace = logging.getLogger(__name__)

# How often dead workers' tasks are looked for, beside the moment of the start.
REPRISE_S = 5.0
# Waits between two attempts to reach the database.
RECONNEXIONS_S = (1, 2, 4, 8, 15)


class Processus:
    """What worker and scheduler share: the lease, the heartbeat, waiting, coming back after a cut."""

    GENRE = ""

    def __init__(self, intervalle: float = 1.0) -> None:
        self.intervalle = intervalle
        self.bail = Bail()
        self.battement = sante.Coeur(self.GENRE, self.bail)
        self._fin = threading.Event()
        self._coupures = 0

    def arreter(self) -> None:
        """Ask to stop after what is being done (signal handler)."""
        self._fin.set()

    def arret_demande(self) -> bool:
        """Whether somebody asked."""
        return self._fin.is_set()

    def tour(self) -> bool:
        """One piece of work; whether there was something to do."""
        raise NotImplementedError

    def servir(self, une_fois: bool = False) -> None:
        """Until asked to stop; ``une_fois``: until nothing is due."""
        try:
            while not self.arret_demande():
                try:
                    self._assurer()
                    travail = self.tour()
                    self._coupures = 0
                except (OperationalError, InterfaceError) as e:
                    if une_fois:
                        raise
                    self._couper(e)
                    continue
                if une_fois and not travail:
                    return
                if not travail:
                    self._fin.wait(self.intervalle)
        finally:
            self.battement.finir()
            self.bail.fermer()
            connection.close()

    def _assurer(self) -> None:
        close_old_connections()
        self.bail.ouvrir()
        self.battement.commencer()

    def _couper(self, erreur: Exception) -> None:
        """The database is away: drop what is left of the connections, wait, longer each time."""
        attente = RECONNEXIONS_S[min(self._coupures, len(RECONNEXIONS_S) - 1)]
        self._coupures += 1
        trace.warning("Base injoignable (%s) : nouvel essai dans %s s", type(erreur).__name__, attente)
        self.bail.fermer()
        connection.close()
        self._fin.wait(attente)


class Ouvrier(Processus):
    """Runs tasks, one at a time; any number of workers may run on any number of machines."""

    GENRE = "ouvrier"

    def __init__(
        self, intervalle: float = 1.0, limite: int | None = None, dire: Callable[[str], None] = lambda _: None
    ) -> None:
        super().__init__(intervalle)
        self.limite, self.faites = limite, 0
        self._dire = dire
        self._prochaine_reprise = 0.0

    def tour(self) -> bool:
        """One task, if one is due."""
        if time.monotonic() >= self._prochaine_reprise:
            self._prochaine_reprise = time.monotonic() + REPRISE_S
            reprendre_abandonnees(self.bail)
        tache = prendre(self.bail, self.battement.identifiant)
        if tache is None:
            return False
        self.battement.dire(f"{libelle(tache.code)} (n° {tache.pk})")
        debut = time.monotonic()
        reussie = executer(tache, self.bail, self.arret_demande)
        self.battement.dire("")
        self._dire(
            f"{tache.code} n° {tache.pk} : {'faite' if reussie else 'non faite'}"
            f" en {time.monotonic() - debut:.1f} s"
        )
        self.faites += 1
        if self.limite is not None and self.faites >= self.limite:
            self.arreter()
        return True


def vider_la_file(limite: int = 1000) -> int:
    """Run all that is due in this process and on this connection, without lock: tests and commands."""
    faites = 0
    while faites < limite and (tache := prendre(None, "sur place")) is not None:
        executer(tache)
        faites += 1
    return faites
