"""Days on which two occupations hold the ground at the same hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from domainepublic.regles.creneaux import Creneau, plages_du_jour, se_recouvrent

JOURS_SANS_FIN = 365  # listed when neither occupation has an end
_DERNIER_JOUR = date.max.toordinal()


@dataclass(frozen=True)
class Temps:
    """When an occupation holds the ground: both ends included, ``fin`` None without end."""

    debut: date
    fin: date | None
    creneaux: tuple[Creneau, ...] = ()

    @property
    def dernier_jour(self) -> int | None:
        """Ordinal of the last day touched, the spill of a slot past midnight included."""
        if self.fin is None:
            return None
        deborde = any(creneau.passe_minuit for creneau in self.creneaux)
        return min(self.fin.toordinal() + deborde, _DERNIER_JOUR)

    def occupe(self, jour: int) -> bool:
        """Whether the ordinal lies in the period."""
        return self.debut.toordinal() <= jour and (self.fin is None or jour <= self.fin.toordinal())


def jours_communs(a: Temps, b: Temps, limite: int) -> tuple[tuple[date, ...], int]:
    """Days of overlapping hours: the first ``limite`` of them, and how many there are in all.

    Two occupations without end are followed over 365 days from the later beginning.
    """
    premier = max(a.debut, b.debut).toordinal()
    fins = [fin for fin in (a.dernier_jour, b.dernier_jour) if fin is not None]
    dernier = min(fins) if fins else min(premier + JOURS_SANS_FIN - 1, _DERNIER_JOUR)
    if dernier < premier:
        return (), 0
    # Strictly inside both periods only the day of the week matters.
    fins_periode = [temps.fin.toordinal() for temps in (a, b) if temps.fin is not None]
    regulier_au = min([*fins_periode, dernier])
    semaine = [_recouvre(a, b, (jour - 1) % 7, dedans=True) for jour in range(1, 8)]
    nombre = 0
    for jour_semaine in range(7):
        if semaine[jour_semaine]:
            nombre += _compter(premier + 1, regulier_au, jour_semaine)
    bords = {premier, *range(max(regulier_au, premier) + 1, dernier + 1)}
    irreguliers = {jour: _recouvre_le(a, b, jour) for jour in bords}
    nombre += sum(irreguliers.values())
    if not nombre:
        return (), 0
    jours = _lister(premier, dernier, semaine, irreguliers)
    retenus = [jour for jour, _ in zip(jours, range(limite), strict=False)]
    return tuple(date.fromordinal(jour) for jour in retenus), nombre


def _lister(
    premier: int, dernier: int, semaine: Sequence[bool], irreguliers: dict[int, bool]
) -> Iterator[int]:
    for jour in range(premier, dernier + 1):
        if irreguliers.get(jour, semaine[(jour - 1) % 7]):
            yield jour


def _compter(premier: int, dernier: int, jour_semaine: int) -> int:
    """Number of days of one weekday (ordinal 1 is a Monday) between two ordinals included."""
    if dernier < premier:
        return 0
    decalage = (jour_semaine - (premier - 1)) % 7
    return max(0, (dernier - premier - decalage) // 7 + 1)


def _recouvre(a: Temps, b: Temps, jour_semaine: int, *, dedans: bool) -> bool:
    return se_recouvrent(
        plages_du_jour(a.creneaux, jour_semaine, occupe=dedans, occupe_la_veille=dedans),
        plages_du_jour(b.creneaux, jour_semaine, occupe=dedans, occupe_la_veille=dedans),
    )


def _recouvre_le(a: Temps, b: Temps, jour: int) -> bool:
    jour_semaine = (jour - 1) % 7
    plages = [
        plages_du_jour(
            temps.creneaux,
            jour_semaine,
            occupe=temps.occupe(jour),
            occupe_la_veille=temps.occupe(jour - 1),
        )
        for temps in (a, b)
    ]
    return se_recouvrent(plages[0], plages[1])
