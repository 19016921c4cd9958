"""Local rules of collective sanitation: delays of connection and of documents."""

from __future__ import annotations

from datetime import date

import pytest

from assainissement.regles.raccordement import (
    etat_branchement,
    fin_validite_controle,
    limite_raccordement,
    remise_du_document,
)


def test_deux_ans_pour_se_raccorder():
    assert limite_raccordement(date(2024, 2, 29)) == date(2026, 2, 28)


def test_six_semaines_pour_le_document():
    assert remise_du_document(date(2026, 1, 1)) == date(2026, 2, 12)


@pytest.mark.parametrize(
    ("motif", "mois", "fin"),
    [
        ("neuf", None, date(2036, 3, 31)),
        ("neuf", 6, date(2036, 3, 31)),
        ("vente", None, date(2036, 3, 31)),
        ("vente", 6, date(2026, 9, 30)),
        ("vente", 119, date(2036, 2, 29)),
        ("vente", 240, date(2036, 3, 31)),
    ],
)
def test_validite_d_un_controle(motif, mois, fin):
    assert fin_validite_controle(date(2026, 3, 31), motif, mois) == fin


@pytest.mark.parametrize(
    ("jour", "raccorde_le", "derogations", "etat"),
    [
        (date(2026, 1, 1), None, (), "a_raccorder"),
        (date(2026, 1, 2), None, (), "en_retard"),
        (date(2026, 1, 2), date(2026, 1, 2), (), "raccorde"),
        (date(2026, 1, 2), date(2026, 1, 3), (), "en_retard"),
        (date(2026, 1, 2), None, ((date(2025, 1, 1), date(2026, 1, 2)),), "deroge"),
        (date(2026, 1, 3), None, ((date(2025, 1, 1), date(2026, 1, 2)),), "en_retard"),
    ],
)
def test_etat_d_un_branchement(jour, raccorde_le, derogations, etat):
    assert etat_branchement(jour, date(2024, 1, 1), raccorde_le, derogations) == etat
