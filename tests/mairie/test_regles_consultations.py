"""Clock of a consultation: both sides of each threshold."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mairie.regles.consultations import Limite, Unite, en_retard, limite, relance_due, silence_acquis

ENVOI, RECUE = date(2026, 3, 2), date(2026, 3, 5)


def test_le_delai_court_de_la_reception():
    assert limite(ENVOI, RECUE, 1, Unite.MOIS) == Limite(date(2026, 4, 5), True, "1 mois depuis la réception")


def test_sans_reception_le_delai_se_compte_de_l_envoi_et_n_est_pas_certain():
    assert limite(ENVOI, None, 15, Unite.JOURS) == Limite(date(2026, 3, 17), False, "15 jours depuis l'envoi")


def test_avant_l_envoi_il_n_y_a_pas_de_limite():
    assert limite(None, None, 1, Unite.MOIS) is None


def test_un_mois_depuis_le_31_finit_au_dernier_jour():
    assert limite(ENVOI, date(2026, 1, 31), 1, Unite.MOIS).jour == date(2026, 2, 28)
    assert limite(ENVOI, date(2026, 1, 31), 2, Unite.MOIS).jour == date(2026, 3, 31)


def test_un_delai_nul_n_existe_pas():
    with pytest.raises(ValueError, match="au moins un jour"):
        limite(ENVOI, RECUE, 0, Unite.JOURS)


@pytest.mark.parametrize(("jour", "attendu"), [(date(2026, 4, 5), False), (date(2026, 4, 6), True)])
def test_le_silence_parle_le_lendemain_du_dernier_jour(jour, attendu):
    fin = limite(ENVOI, RECUE, 1, Unite.MOIS)
    assert silence_acquis(fin, jour) is attendu
    assert en_retard(fin, jour) is attendu


def test_le_silence_ne_parle_jamais_sans_reception_datee():
    fin = limite(ENVOI, None, 1, Unite.MOIS)
    assert not silence_acquis(fin, date(2030, 1, 1))
    assert en_retard(fin, date(2030, 1, 1))
    assert not silence_acquis(None, date(2030, 1, 1))


FIN = Limite(date(2026, 4, 5), True, "")


@pytest.mark.parametrize(
    ("jour", "faites", "attendu"),
    [
        (date(2026, 3, 30), [], None),
        (date(2026, 3, 31), [], -5),
        (date(2026, 4, 2), [date(2026, 3, 31)], None),
        (date(2026, 4, 5), [date(2026, 3, 31)], None),
        (date(2026, 4, 6), [date(2026, 3, 31)], 1),
        (date(2026, 4, 9), [], 1),
        (date(2026, 4, 9), [date(2026, 4, 6)], None),
    ],
)
def test_relances_a_moins_cinq_et_plus_un(jour, faites, attendu):
    assert relance_due(FIN, jour, faites) == attendu


def test_pas_de_relance_avant_l_envoi():
    assert relance_due(None, date(2026, 4, 9), []) is None


@given(st.sets(st.integers(0, 60), min_size=1))
def test_des_nuits_manquees_ne_doublent_aucune_relance(nuits):
    faites: list[date] = []
    for n in sorted(nuits):
        jour = date(2026, 3, 10) + timedelta(n)
        if relance_due(FIN, jour, faites) is not None:
            faites.append(jour)
    assert len(faites) <= 2
