"""Counting of the billed periods: which begin when, and what each of them weighs."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from datetime import MAXYEAR, date, timedelta
from fractions import Fraction

from domainepublic.regles.tables.redevance import DEMI_JOURNEES, JOURS_DU_BLOC


def premiers_jours(periode: str, debut: date, fin: date) -> Iterator[date]:
    """First day, inside ``[debut, fin]``, of each period begun; days come in order, ``debut`` first."""
    if periode in ("mois_commence", "an"):
        jour: date | None = debut
        while jour is not None and jour <= fin:
            yield jour
            jour = _mois_suivant(jour) if periode == "mois_commence" else _annee_suivante(jour)
    elif periode == "operation":
        yield debut
    else:
        pas = JOURS_DU_BLOC.get(periode, 1)
        for decalage in range(0, (fin - debut).days + 1, pas):
            yield debut + timedelta(days=decalage)


def _annee_suivante(jour: date) -> date | None:
    return date(jour.year + 1, 1, 1) if jour.year < MAXYEAR else None


def _mois_suivant(jour: date) -> date | None:
    return _annee_suivante(jour) if jour.month == 12 else date(jour.year, jour.month + 1, 1)


def demi_journees(jour: date, debut: date, fin: date, debut_demi: str, fin_demi: str) -> int:
    """Half-days of one day: two, less a morning not taken on ``debut``, less an afternoon on ``fin``."""
    matin, apres_midi = DEMI_JOURNEES
    return 2 - (jour == debut and debut_demi == apres_midi) - (jour == fin and fin_demi == matin)


def poids_annee(prorata: str, premier: date, fin: date) -> tuple[Fraction, str]:
    """Share of the calendar year of ``premier`` that is billed, and the same as text (``8/12``)."""
    dernier = min(fin, date(premier.year, 12, 31))
    if prorata == "aucun":
        return Fraction(1), "1"
    if prorata == "mois_commence":
        parts, tout = dernier.month - premier.month + 1, 12
    else:
        parts, tout = (dernier - premier).days + 1, 366 if isleap(premier.year) else 365
    return Fraction(parts, tout), f"{parts}/{tout}"
