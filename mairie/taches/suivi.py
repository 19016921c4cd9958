"""What a running task may say and ask: progress, point of resumption, whether to stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mairie.taches.bail import Bail

_AVANCER = """
    INSERT INTO mairie_avancementtache (tache_id, pourcent, texte, le) VALUES (%s, %s, %s, now())
    ON CONFLICT (tache_id) DO UPDATE SET pourcent = EXCLUDED.pourcent, texte = EXCLUDED.texte, le = now()
"""


class ArretDemande(Exception):
    """The worker is asked to stop: the task goes back to the queue, and the try does not count."""


class BailPerdu(Exception):
    """The lock is gone: another worker may have the task, this one must write nothing more."""


class EchecDefinitif(Exception):
    """Raised by a task that no further try can save; its French message is shown to the administrator."""


class Suivi:
    """The follow-up of one run of one task. Without lease (tests, commands) progress is not written."""

    def __init__(
        self, tache: Any, bail: Bail | None = None, arret: Callable[[], bool] = lambda: False
    ) -> None:
        self.tache = tache
        self._bail, self._arret = bail, arret

    @property
    def essai(self) -> int:
        """Which try this is, from 1."""
        return int(self.tache.essais)

    @property
    def reprise(self) -> dict[str, Any]:
        """What the last ``marquer`` kept; empty at the first run."""
        return dict(self.tache.reprise)

    def avancer(self, pourcent: float, texte: str = "") -> None:
        """Say how far the task is (0 to 100), at once visible to all; the place where it may be stopped."""
        if self._bail is not None:
            if not self._bail.tient():
                raise BailPerdu
            part = min(100, max(0, int(pourcent)))
            self._bail.executer(_AVANCER, (self.tache.pk, part, texte[:200]))
        if self._arret():
            raise ArretDemande

    def marquer(self, **reprise: Any) -> None:
        """Keep where to go on after an interruption, in the same transaction as the work done so far."""
        from mairie.models import Tache

        self.tache.reprise = reprise
        touchees = Tache.objects.filter(pk=self.tache.pk, essais=self.tache.essais).update(reprise=reprise)
        if not touchees:
            raise BailPerdu
