"""The calendar of the law."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mairie.calendrier import delai_franc, est_ouvrable, jma, jour_utile, jours_feries, paques, plus_mois
from mairie.templatetags.charte import jour_mois

JOURS = st.dates(date(1900, 1, 1), date(2200, 12, 31))


@pytest.mark.parametrize(
    ("depart", "mois", "attendu"),
    [
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2025-01-31", 2, "2025-03-31"),
        ("2025-12-31", 2, "2026-02-28"),
        ("2025-11-30", 3, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2028-04-30", -2, "2028-02-29"),
        ("2025-01-15", -1, "2024-12-15"),
        ("2025-03-12", 0, "2025-03-12"),
    ],
)
def test_plus_mois(depart: str, mois: int, attendu: str) -> None:
    assert plus_mois(date.fromisoformat(depart), mois) == date.fromisoformat(attendu)


def test_plus_mois_hors_calendrier() -> None:
    with pytest.raises(OverflowError):
        plus_mois(date(9999, 12, 1), 1)
    with pytest.raises(OverflowError):
        plus_mois(date(1, 1, 1), -1)


@given(JOURS, st.integers(-240, 240))
def test_plus_mois_garde_le_quantieme_ou_le_dernier_jour(jour: date, mois: int) -> None:
    resultat = plus_mois(jour, mois)
    assert (resultat.year * 12 + resultat.month) - (jour.year * 12 + jour.month) == mois
    assert resultat.day == jour.day or (resultat.day < jour.day and (resultat + timedelta(1)).day == 1)


@pytest.mark.parametrize(
    ("annee", "dimanche"),
    [
        (1981, (4, 19)),
        (2000, (4, 23)),
        (2008, (3, 23)),
        (2024, (3, 31)),
        (2025, (4, 20)),
        (2026, (4, 5)),
        (2038, (4, 25)),
    ],
)
def test_paques(annee: int, dimanche: tuple[int, int]) -> None:
    assert paques(annee) == date(annee, *dimanche)


def test_jours_feries_2026() -> None:
    attendus = [
        "01-01",
        "04-06",
        "05-01",
        "05-08",
        "05-14",
        "05-25",
        "07-14",
        "08-15",
        "11-01",
        "11-11",
        "12-25",
    ]
    assert jours_feries(2026) == {date.fromisoformat(f"2026-{j}") for j in attendus}
    assert jours_feries(2026, True) - jours_feries(2026) == {date(2026, 4, 3), date(2026, 12, 26)}


def test_jour_utile_saute_les_jours_feries_en_chaine() -> None:
    # Friday 25, Saturday 26, Sunday 27 December 2026.
    assert jour_utile(date(2026, 12, 25)) == date(2026, 12, 28)
    assert jour_utile(date(2025, 12, 25)) == date(2025, 12, 26)
    assert jour_utile(date(2025, 12, 25), True) == date(2025, 12, 29)
    assert jour_utile(date(2026, 4, 3)) == date(2026, 4, 3)
    assert jour_utile(date(2026, 4, 3), True) == date(2026, 4, 7)
    # The year changes on the way: Thursday 1 January 2026.
    assert delai_franc(date(2025, 10, 31), 2) == date(2026, 1, 2)


@given(JOURS, st.booleans())
def test_jour_utile_est_le_premier_jour_ouvrable(jour: date, alsace: bool) -> None:
    utile = jour_utile(jour, alsace)
    assert utile >= jour and est_ouvrable(utile, alsace)
    assert not any(est_ouvrable(jour + timedelta(n), alsace) for n in range((utile - jour).days))


def test_jma() -> None:
    assert jma(date(2026, 3, 5)) == "05/03/2026"


@pytest.mark.parametrize(
    ("valeur", "attendu"),
    [
        (date(2026, 3, 1), "1er mars 2026"),
        (date(2026, 3, 11), "11 mars 2026"),
        # One in the morning in Paris: the day of the commune, not that of UTC.
        (datetime(2026, 7, 31, 23, 30, tzinfo=UTC), "1er août 2026"),
        (None, ""),
    ],
)
def test_un_premier_du_mois_s_ecrit_1er(valeur: date | None, attendu: str) -> None:
    assert jour_mois(valeur) == attendu
