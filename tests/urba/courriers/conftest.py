"""Each test has its own store of files, the templates, the tiny plan and a frozen day."""

from __future__ import annotations

from datetime import date

import pytest

from tests.plan_factice import ecrire_plan
from tests.urba.courriers import fabrique


@pytest.fixture(autouse=True)
def _magasin(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def aller(db, time_machine):
    """Go to a day; it starts on 2 March 2026."""

    def vers(jour: date) -> None:
        time_machine.move_to(f"{jour.isoformat()}T10:00:00+01:00", tick=False)

    vers(date(2026, 3, 2))
    ecrire_plan()
    fabrique.mairie()
    return vers
