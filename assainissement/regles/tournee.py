"""Which visits to make on one day, in which order: near one another, the most due first. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import hypot

# A visit due for a year is worth this many metres of detour; one not due yet costs as much, a year ahead.
METRES_PAR_AN = 3000.0
# Beyond, being later changes nothing.
RETARD_MAX_ANS = 3.0
_ANNEE = 365.25


@dataclass(frozen=True)
class Visite:
    """A control that may be made: place in metres (null: unknown), due date, whether its day is fixed."""

    cle: int
    x: float | None
    y: float | None
    echeance: date | None = None
    fixee: bool = False

    @property
    def situee(self) -> bool:
        """Its place is known."""
        return self.x is not None and self.y is not None


def distance(a: Visite, b: Visite) -> float:
    """In metres, as the crow flies; 0 where a place is unknown."""
    if a.x is None or a.y is None or b.x is None or b.y is None:
        return 0.0
    return hypot(a.x - b.x, a.y - b.y)


def urgence(v: Visite, jour: date) -> float:
    """In metres: what its due date is worth on that day; negative when it can wait, 0 without a date."""
    if v.echeance is None:
        return 0.0
    ans = (jour - v.echeance).days / _ANNEE
    return METRES_PAR_AN * max(-RETARD_MAX_ANS, min(RETARD_MAX_ANS, ans))


def proposer(candidates: Sequence[Visite], jour: date, nombre: int, rayon_m: float) -> list[int]:
    """Keys of at most ``nombre`` visits, in the order of the road.

    Those fixed for that day come first, whatever their number and place; the others are taken one by one,
    the best of due date and detour, no farther than ``rayon_m`` from the first. A visit without place is
    taken last: nothing says that it is near.
    """
    prises = [v for v in candidates if v.fixee]
    restent = [v for v in candidates if not v.fixee and v.situee]
    if not prises and restent and nombre > 0:
        prises = [max(restent, key=lambda v: (urgence(v, jour), -v.cle))]
    centre = next((v for v in prises if v.situee), None)
    restent = [v for v in restent if v not in prises and (centre is None or distance(v, centre) <= rayon_m)]
    while restent and len(prises) < nombre:
        situees = [p for p in prises if p.situee]

        def gain(v: Visite, ici: Sequence[Visite] = tuple(situees)) -> tuple[float, int]:
            return urgence(v, jour) - min((distance(v, p) for p in ici), default=0.0), -v.cle

        choisie = max(restent, key=gain)
        prises.append(choisie)
        restent.remove(choisie)
    sans_lieu = sorted(
        (v for v in candidates if not v.fixee and not v.situee), key=lambda v: (-urgence(v, jour), v.cle)
    )
    prises += sans_lieu[: max(0, nombre - len(prises))]
    return ordonner(prises)


def ordonner(visites: Sequence[Visite]) -> list[int]:
    """A short way through all: nearest neighbour, then crossings undone; those without place at the end."""
    situees = [v for v in visites if v.situee]
    if not situees:
        return [v.cle for v in visites]
    # From the one farthest from the middle: a road does not begin at its middle.
    cx = sum(v.x or 0 for v in situees) / len(situees)
    cy = sum(v.y or 0 for v in situees) / len(situees)
    depart = max(situees, key=lambda v: (hypot((v.x or 0) - cx, (v.y or 0) - cy), -v.cle))
    chemin, restent = [depart], [v for v in situees if v is not depart]
    while restent:
        proche = min(restent, key=lambda v: (distance(chemin[-1], v), v.cle))
        chemin.append(proche)
        restent.remove(proche)
    chemin = _decroiser(chemin)
    return [v.cle for v in chemin] + [v.cle for v in visites if not v.situee]


def _decroiser(chemin: list[Visite]) -> list[Visite]:
    """Turn round a part of the way as long as it shortens it; the first visit stays first."""
    mieux = True
    while mieux:
        mieux = False
        for i in range(len(chemin) - 2):
            for j in range(i + 2, len(chemin)):
                avant = distance(chemin[i], chemin[i + 1])
                apres = distance(chemin[i], chemin[j])
                if j + 1 < len(chemin):
                    avant += distance(chemin[j], chemin[j + 1])
                    apres += distance(chemin[i + 1], chemin[j + 1])
                if apres < avant - 1e-6:
                    chemin[i + 1 : j + 1] = reversed(chemin[i + 1 : j + 1])
                    mieux = True
    return chemin


def longueur(visites: Sequence[Visite]) -> float:
    """Metres from the first to the last, as the crow flies; those without place are passed over."""
    situees = [v for v in visites if v.situee]
    return sum(distance(a, b) for a, b in itertools.pairwise(situees))
