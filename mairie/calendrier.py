"""Calendar of the law: months in one jump, public holidays, clear (« franc ») delays. Pure: no Django."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, date, timedelta
from functools import lru_cache

UN_JOUR = timedelta(days=1)


def plus_mois(jour: date, mois: int) -> date:
    """Same day number ``mois`` months later (or earlier), else the last day of that month: one single jump.

    Raises ``OverflowError`` outside the years that a date can hold.
    """
    annee, rang = divmod(jour.year * 12 + jour.month - 1 + mois, 12)
    if not MINYEAR <= annee <= MAXYEAR:
        raise OverflowError("date out of range")
    return date(annee, rang + 1, min(jour.day, monthrange(annee, rang + 1)[1]))


def paques(annee: int) -> date:
    """Easter Sunday of the Gregorian calendar (method of Meeus)."""
    a, (b, c) = annee % 19, divmod(annee, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    ecart = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * ecart) // 433
    mois = (h + ecart - 7 * m + 90) // 25
    return date(annee, mois, (h + ecart - 7 * m + 33 * mois + 19) % 32)


@lru_cache(maxsize=256)
def jours_feries(annee: int, alsace_moselle: bool = False) -> frozenset[date]:
    """Public holidays of a year (code du travail, L.3133-1; L.3134-13 in Alsace-Moselle)."""
    dimanche = paques(annee)
    fixes = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    mobiles = [1, 39, 50]
    if alsace_moselle:
        fixes.append((12, 26))
        mobiles.append(-2)
    return frozenset(
        [date(annee, mois, jour) for mois, jour in fixes] + [dimanche + timedelta(days=n) for n in mobiles]
    )


def est_ouvrable(jour: date, alsace_moselle: bool = False) -> bool:
    """False on Saturday, Sunday and public holidays."""
    return jour.weekday() < 5 and jour not in jours_feries(jour.year, alsace_moselle)


def jour_utile(jour: date, alsace_moselle: bool = False) -> date:
    """``jour`` itself, or the next day that is neither Saturday, Sunday nor a public holiday."""
    while not est_ouvrable(jour, alsace_moselle):
        jour += UN_JOUR
    return jour


def delai_franc(depart: date, mois: int, alsace_moselle: bool = False) -> date:
    """Last useful day of a clear delay: ``depart`` + ``mois`` + 1 day, moved past days off (CPC 641, 642)."""
    return jour_utile(plus_mois(depart, mois) + UN_JOUR, alsace_moselle)


def jma(jour: date) -> str:
    """The date as people read it: ``05/03/2026``."""
    return f"{jour.day:02d}/{jour.month:02d}/{jour.year:04d}"
