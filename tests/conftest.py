"""Fixtures that every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gis_data import emprise
from gis_data.tuiles import service
from tests.plan_factice import Plan, ecrire_plan


@pytest.fixture(autouse=True)
def _rien_en_memoire() -> Iterator[None]:
    """What the web process keeps for some seconds must not pass from a test to the next."""
    service.oublier_versions()
    emprise.oublier_emprise()
    yield
    service.oublier_versions()
    emprise.oublier_emprise()


@pytest.fixture
def plan(db: None) -> Plan:
    """The tiny plan of ``tests.plan_factice``."""
    return ecrire_plan()
