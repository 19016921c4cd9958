"""The tiny plan, and what is asked of a sheet of it."""

from __future__ import annotations

import pytest
import time_machine

from tests.plan_factice import lonlat


def demander(x: float = 90, y: float = 35, **options: object) -> dict[str, str]:
    """Parameters of a sheet centred on (x, y) metres of the tiny plan."""
    lon, lat = lonlat(x, y)
    defaut = {"lat": f"{lat:.8f}", "lon": f"{lon:.8f}", "echelle": "1000", "format": "a4"}
    return {**defaut, **{nom: str(valeur) for nom, valeur in options.items()}}


@pytest.fixture(autouse=True)
def _le_jour():
    with time_machine.travel("2026-03-12 10:00", tick=False):
        yield
