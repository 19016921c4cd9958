"""Extent of the loaded territory: where the map opens."""

from __future__ import annotations

import time
from collections.abc import Callable

Emprise = tuple[float, float, float, float]

_SOURCES: list[Callable[[], Emprise | None]] = []
_LUE: tuple[float, Emprise | None] | None = None
DUREE_S = 5.0


def declarer_emprise(source: Callable[[], Emprise | None]) -> None:
    """An app that holds the territory's outline says where it lies (degrees: west, south, east, north)."""
    _SOURCES.append(source)


def emprise_lonlat() -> Emprise | None:
    """Extent in degrees, null when nothing is loaded; read at most every few seconds."""
    global _LUE  # noqa: PLW0603
    maintenant = time.monotonic()
    if _LUE is None or maintenant - _LUE[0] > DUREE_S:
        trouvees = [e for source in _SOURCES if (e := source())]
        reunie = (
            (
                min(e[0] for e in trouvees),
                min(e[1] for e in trouvees),
                max(e[2] for e in trouvees),
                max(e[3] for e in trouvees),
            )
            if trouvees
            else None
        )
        _LUE = (maintenant, reunie)
    return _LUE[1]


def oublier_emprise() -> None:
    """For tests, which load and read within a second."""
    global _LUE  # noqa: PLW0603
    _LUE = None
