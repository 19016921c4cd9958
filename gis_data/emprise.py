"""Where the loaded territory lies: where the map opens."""

from __future__ import annotations

import time
from collections.abc import Callable

# West, south, east, north, in degrees.
Emprise = tuple[float, float, float, float]

_SOURCES: list[Callable[[], list[Emprise]]] = []
_LUES: tuple[float, list[Emprise]] | None = None
DUREE_S = 15.0


def declarer_emprises(source: Callable[[], list[Emprise]]) -> None:
    """An app that holds the territory's outlines gives their extents, one a commune."""
    _SOURCES.append(source)


def emprises_lonlat() -> list[Emprise]:
    """Extents of the communes loaded; read at most every few seconds."""
    global _LUES  # noqa: PLW0603
    maintenant = time.monotonic()
    if _LUES is None or maintenant - _LUES[0] > DUREE_S:
        _LUES = (maintenant, [emprise for source in _SOURCES for emprise in source()])
    return _LUES[1]


def emprise_lonlat() -> Emprise | None:
    """Extent of the whole territory, null when nothing is loaded."""
    lues = emprises_lonlat()
    if not lues:
        return None
    ouests, suds, ests, nords = zip(*lues, strict=True)
    return min(ouests), min(suds), max(ests), max(nords)


def oublier_emprise() -> None:
    """For tests, which load and read within a second."""
    global _LUES  # noqa: PLW0603
    _LUES = None
