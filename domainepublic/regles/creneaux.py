"""Weekly time slots of an occupation or of a traffic measure, in local time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from domainepublic.regles.lecture import Objet

JOURS = ("lun", "mar", "mer", "jeu", "ven", "sam", "dim")
JOURS_LISIBLES = {
    "lun": "lundi", "mar": "mardi", "mer": "mercredi", "jeu": "jeudi", "ven": "vendredi", "sam": "samedi",
    "dim": "dimanche",
}  # fmt: skip
MINUIT = 24 * 60
_HEURE = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")

Plages = list[tuple[int, int]]  # minutes of one day, [from, to)


@dataclass(frozen=True)
class Creneau:
    """``jours`` of the week (Monday 0), minutes ``de`` and ``a``; ``a`` before ``de`` runs past midnight."""

    jours: frozenset[int]
    de: int
    a: int

    @property
    def passe_minuit(self) -> bool:
        """Whether the slot goes on the next day for at least a minute."""
        return 0 < self.a < self.de


def lire_creneaux(objet: Objet) -> tuple[Creneau, ...]:
    """Slots of the field ``creneaux``, empty when there is none (then the whole day counts)."""
    creneaux = []
    for element in objet.objets("creneaux"):
        jours = frozenset(JOURS.index(jour) for jour in element.choix_multiples("jours", JOURS))
        de = _lire_heure(element, "de", minuit=False)
        a = _lire_heure(element, "a", minuit=True)
        if a == de:
            raise element.faute("a", "Le créneau ne dure rien : l'heure de fin est celle du début.")
        creneaux.append(Creneau(jours or frozenset(range(7)), de, a))
    return tuple(creneaux)


def creneaux_gardes(gardes: Sequence[Mapping[str, Any]]) -> tuple[Creneau, ...]:
    """Slots as an emprise or a measure keeps them, already checked."""
    return lire_creneaux(Objet({"creneaux": list(gardes)}))


def en_mots(creneau: Mapping[str, Any]) -> str:
    """One slot: its days where it has some, then its hours; its days alone where it takes them whole."""
    heures = f"{creneau['de']} – {creneau['a']}"
    jours = [JOURS_LISIBLES[j] for j in JOURS if j in (creneau.get("jours") or [])]
    if not jours:
        return heures
    liste = f"{', '.join(jours[:-1])} et {jours[-1]}" if len(jours) > 1 else jours[0]
    if (creneau["de"], creneau["a"]) == ("00:00", "24:00"):
        return liste
    return f"{liste}, {heures}"


def occupe_entre(creneaux: Sequence[Creneau], debut: date, fin: date | None, du: date, au: date) -> bool:
    """Whether something is there on one of the days ``du``…``au``: a market of Saturdays is not, on a Sunday.

    A slot past midnight still takes the day after, even after ``fin``.
    """
    jour = max(debut, du)
    # A week says all, and one day more for what spills.
    dernier = min(au, jour + timedelta(days=7))
    while jour <= dernier:
        veille = jour - timedelta(days=1)
        plages = plages_du_jour(
            creneaux,
            jour.weekday(),
            occupe=debut <= jour and (fin is None or jour <= fin),
            occupe_la_veille=debut <= veille and (fin is None or veille <= fin),
        )
        if plages:
            return True
        jour += timedelta(days=1)
    return False


def _lire_heure(objet: Objet, nom: str, *, minuit: bool) -> int:
    valeur = objet.exiger(nom)
    if minuit and valeur == "24:00":
        return MINUIT
    trouve = _HEURE.fullmatch(valeur) if isinstance(valeur, str) else None
    if trouve is None:
        raise objet.faute(nom, "Une heure est attendue, écrite HH:MM.")
    return int(trouve[1]) * 60 + int(trouve[2])


def plages_du_jour(
    creneaux: Sequence[Creneau], jour_semaine: int, *, occupe: bool, occupe_la_veille: bool
) -> Plages:
    """Occupied minutes of a day; a slot of the day before that passed midnight spills into it."""
    if not creneaux:
        return [(0, MINUIT)] if occupe else []
    plages = []
    for creneau in creneaux:
        if occupe and jour_semaine in creneau.jours:
            plages.append((creneau.de, creneau.a if creneau.a > creneau.de else MINUIT))
        if occupe_la_veille and creneau.passe_minuit and (jour_semaine - 1) % 7 in creneau.jours:
            plages.append((0, creneau.a))
    return plages


def se_recouvrent(plages_a: Plages, plages_b: Plages) -> bool:
    """Whether two sets of minutes share more than 0 minute."""
    return any(max(de, de_b) < min(a, a_b) for de, a in plages_a for de_b, a_b in plages_b)
