"""The day, the plan and the questions of the tests of sanitation."""

from __future__ import annotations

from datetime import date

import pytest

from tests.assainissement.fabrique_anc import JOUR
from tests.personnes import commune
from tests.plan_factice import ecrire_plan


@pytest.fixture
def aller(db, time_machine):
    """Go to a day; the tests begin in spring 2026, on the tiny plan."""
    from assainissement.references import charger_points

    def vers(jour: date) -> None:
        time_machine.move_to(f"{jour.isoformat()}T10:00:00+01:00", tick=False)

    vers(JOUR)
    ecrire_plan()
    commune()
    charger_points()
    return vers


@pytest.fixture
def dessin(db, tmp_path, settings):
    """A commune without plan, and a folder for the files drawn for it."""
    settings.MEDIA_ROOT = tmp_path / "media"
    commune()
    (tmp_path / "fichiers").mkdir()
    return tmp_path / "fichiers"
