"""One test for each side of each threshold."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from mairie.regles.urgence import PALIERS, jours_restants, palier, rappel_du, urgence

JOUR = date(2026, 3, 12)


@pytest.mark.parametrize(
    ("jours", "attendu"),
    [
        (-400, "retard"),
        (-1, "retard"),
        (0, "jour"),
        (1, "cinq"),
        (5, "cinq"),
        (6, "quinze"),
        (15, "quinze"),
        (16, "plus_tard"),
        (4000, "plus_tard"),
    ],
)
def test_l_urgence_suit_les_jours_calendaires_restants(jours, attendu):
    limite = JOUR + timedelta(days=jours)
    assert (urgence(limite, JOUR), jours_restants(limite, JOUR)) == (attendu, jours)
    assert palier(limite, JOUR).libelle


def test_un_mois_et_un_changement_d_annee_ne_comptent_que_leurs_jours():
    assert urgence(date(2027, 1, 5), date(2026, 12, 31)) == "cinq"
    assert urgence(date(2028, 3, 1), date(2028, 2, 24)) == "quinze", "29 February counts"


def test_les_paliers_se_suivent_sans_trou():
    bornes = [p.jusque for p in PALIERS]
    assert bornes == [-1, 0, 5, 15, None]
    assert len({p.libelle for p in PALIERS}) == len(PALIERS)


@pytest.mark.parametrize(
    ("jours", "attendu"),
    [
        (16, False),
        (15, True),
        (14, False),
        (6, False),
        (5, True),
        (4, False),
        (1, False),
        (0, True),
        (-1, False),
    ],
)
def test_le_resume_part_a_quinze_cinq_et_zero_jours(jours, attendu):
    assert rappel_du(JOUR + timedelta(days=jours), JOUR) == bool(attendu)
