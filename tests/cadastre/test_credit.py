"""Whom a plan is credited to."""

from __future__ import annotations

import pytest

from cadastre.regles.credit import DGFIP, producteur
from gis_data.demo.feuilles import AUTEUR


@pytest.mark.parametrize(
    ("auteurs", "attendu"),
    [
        ([AUTEUR], AUTEUR),
        ([AUTEUR, AUTEUR], AUTEUR),
        (["CDIF de POLE TOPOGRAPHIQUE"], DGFIP),
        # Delivered before the author was kept.
        ([""], DGFIP),
        ([], DGFIP),
        # One true sheet among them is enough.
        ([AUTEUR, "CDIF de BONNEVILLE"], DGFIP),
        ([AUTEUR, ""], DGFIP),
    ],
)
def test_le_plan_est_credite_a_qui_l_a_fait(auteurs, attendu):
    assert producteur(auteurs) == attendu
