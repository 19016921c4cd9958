"""Schedules as data, and the pure computation of their slots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from django.core.exceptions import ImproperlyConfigured

from mairie.taches.declaration import TacheDeclaree

TOUS_LES_JOURS = frozenset(range(7))
# Slots caught up at most, for a schedule that wants each of them.
RATTRAPAGE_MAX = 31


@dataclass(frozen=True)
class Programme:
    """When a task is queued: at ``heure`` (local) on ``jours`` (0: Monday), or every ``intervalle``.

    ``chaque_creneau``: after an absence each missed slot is run, the task receiving its ``jour`` (ISO date);
    otherwise the last one stands for all. ``condition``: asked at each slot, false: nothing is queued.
    """

    code: str
    libelle: str
    tache: TacheDeclaree
    heure: time | None = None
    intervalle: timedelta | None = None
    jours: frozenset[int] = TOUS_LES_JOURS
    chaque_creneau: bool = False
    condition: Callable[[], bool] | None = None

    def __post_init__(self) -> None:
        if (self.heure is None) == (self.intervalle is None):
            raise ImproperlyConfigured(f"{self.code} : une heure ou un intervalle, l'un des deux.")
        if self.intervalle is not None and (self.intervalle < timedelta(seconds=1) or self.chaque_creneau):
            raise ImproperlyConfigured(f"{self.code} : intervalle d'une seconde au moins, sans rattrapage.")
        if not self.jours or not self.jours <= TOUS_LES_JOURS:
            raise ImproperlyConfigured(f"{self.code} : jours de 0 (lundi) à 6 (dimanche).")

    @property
    def rythme(self) -> str:
        """In words, for the administrator."""
        if self.intervalle is not None:
            secondes = int(self.intervalle.total_seconds())
            return f"toutes les {secondes} s" if secondes < 120 else f"toutes les {secondes // 60} min"
        heure = f"{self.heure:%H h %M}" if self.heure else ""
        if self.jours == TOUS_LES_JOURS:
            return f"chaque jour à {heure}"
        noms = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
        return f"{', '.join(noms[j] for j in sorted(self.jours))} à {heure}"


def creneaux(programme: Programme, apres: datetime, jusque: datetime, fuseau: tzinfo) -> list[datetime]:
    """Slots in ``(apres, jusque]``, in UTC, oldest first; with an interval, only the last one.

    An hour that the change to summer time skips is run an hour later; one that comes twice, the first time.
    """
    if programme.intervalle is not None:
        tours = int((jusque - apres) / programme.intervalle)
        return [apres + tours * programme.intervalle] if tours >= 1 else []
    assert programme.heure is not None  # noqa: S101 - checked when made
    trouves = []
    for jour in _jours(apres.astimezone(fuseau).date(), jusque.astimezone(fuseau).date()):
        if jour.weekday() not in programme.jours:
            continue
        moment = datetime.combine(jour, programme.heure, tzinfo=fuseau).astimezone(UTC)
        if apres < moment <= jusque:
            trouves.append(moment)
    return trouves[-RATTRAPAGE_MAX:] if programme.chaque_creneau else trouves[-1:]


def prochain(programme: Programme, apres: datetime, fuseau: tzinfo) -> datetime:
    """The first slot after a moment."""
    if programme.intervalle is not None:
        return apres + programme.intervalle
    assert programme.heure is not None  # noqa: S101 - checked when made
    local = apres.astimezone(fuseau).date()
    for jour in _jours(local, local + timedelta(days=8)):
        moment = datetime.combine(jour, programme.heure, tzinfo=fuseau).astimezone(UTC)
        if jour.weekday() in programme.jours and moment > apres:
            return moment
    raise AssertionError("une semaine a sept jours")


def _jours(premier: date, dernier: date) -> Iterator[date]:
    for n in range((dernier - premier).days + 1):
        yield premier + timedelta(days=n)


_programmes: dict[str, Programme] = {}


def programmer(*programmes: Programme) -> None:
    """Add schedules, from ``AppConfig.ready``; the same code twice must be the same."""
    for programme in programmes:
        if _programmes.setdefault(programme.code, programme) != programme:
            raise ImproperlyConfigured(f"Programme {programme.code} déclaré deux fois")


def programmes() -> dict[str, Programme]:
    """All schedules by code."""
    return dict(_programmes)
