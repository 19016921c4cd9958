"""Properties through the services: order of entry, majorations that never shorten, replay = stored."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mairie.workflow.controle import controler
from tests.personnes import commune
from tests.plan_factice import ecrire_plan
from tests.urba.fabrique_urba import DEPOT, agir, dossier, qualifie

CODES = ("ABF_ABORDS_SPR", "CDPENAF", "COMMISSION_DEP_REG", "COMMISSION_NAT", "DEFRICHEMENT", "RESERVE_NAT")
LETTRES = st.lists(
    st.tuples(st.sampled_from(CODES), st.integers(3, 40), st.booleans()),
    min_size=1,
    max_size=4,
    unique_by=(lambda x: x[0], lambda x: x[1]),
)
REGLAGE = settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def apres(db, time_machine):
    time_machine.move_to("2026-06-30T10:00:00+02:00", tick=False)
    ecrire_plan()
    commune()


def vivre(lettres: list[tuple[str, int, bool]]) -> dict[str, Any]:
    """A permit with these letters entered in that order: its dates, once its replay agrees."""
    d = dossier("PC")
    qualifie(d, DEPOT + timedelta(2))
    for code, jour, fondee in lettres:
        majorations = [{"code": code, "fondee": fondee}]
        agir(
            d, "notification_majoration", "instructeur", DEPOT + timedelta(jour), {"majorations": majorations}
        )
    d.refresh_from_db()
    rapport = controler("urba.instruction")
    assert rapport.dossiers == 1
    assert rapport.ecarts == []
    return dict(d.dates)


def essai(lettres: list[tuple[str, int, bool]]) -> dict[str, Any]:
    """The same, then taken back."""
    with transaction.atomic():
        dates = vivre(lettres)
        transaction.set_rollback(True)
    return dates


@given(LETTRES, st.randoms())
@REGLAGE
def test_l_ordre_de_saisie_ne_change_pas_ce_qui_est_garde(apres, lettres, hasard):
    melange = list(lettres)
    hasard.shuffle(melange)
    assert essai(lettres) == essai(melange)


@given(LETTRES)
@REGLAGE
def test_une_lettre_de_plus_n_abrege_jamais_ce_qui_est_garde(apres, lettres):
    sans, avec = essai(lettres[:-1]), essai(lettres)
    assert date.fromisoformat(avec["date_limite"]) >= date.fromisoformat(sans["date_limite"])
