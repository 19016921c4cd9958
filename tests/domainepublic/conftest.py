"""The day and the plan of the tests of the public domain."""

from __future__ import annotations

from datetime import date

import pytest

from tests.domainepublic.fabrique_odp import DEPOT
from tests.personnes import commune
from tests.plan_factice import ecrire_plan


@pytest.fixture
def aller(db, time_machine):
    """Go to a day; the tests begin on the day of deposit, on the tiny plan."""

    def vers(jour: date) -> None:
        time_machine.move_to(f"{jour.isoformat()}T10:00:00+01:00", tick=False)

    vers(DEPOT)
    ecrire_plan()
    commune()
    return vers
