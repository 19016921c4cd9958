"""Slots of appointments, as owners choose them and as agents write them; which get in each other's way.

An owner is given a half-day: nothing else goes in it. An agent says an hour, and makes several in a morning.
"""

from __future__ import annotations

import re

CRENEAUX = {"matin": "le matin, de 9 h à 12 h", "apres_midi": "l'après-midi, de 14 h à 17 h"}
MIDI = 12
_HEURE = re.compile(r"\b(\d{1,2})\s*(?:h|:)(?:\s*(\d{2})\b)?", re.IGNORECASE)


def moments(creneau: str) -> tuple[str, ...]:
    """Half-days that a slot takes, as an agent writes it; both where it says none."""
    lue = _HEURE.search(creneau)
    if lue is None:
        return tuple(CRENEAUX)
    return ("matin",) if int(lue[1]) < MIDI else ("apres_midi",)


def se_genent(un: str, autre: str) -> bool:
    """Two slots of one day that one person cannot hold both."""
    if un == autre:
        return True
    offerts = CRENEAUX.values()
    if un in offerts or autre in offerts:
        return bool({*moments(un)} & {*moments(autre)})
    siens, les_siens = _plage(un), _plage(autre)
    if siens is None or les_siens is None:
        return False
    (debut, fin), (autre_debut, autre_fin) = siens, les_siens
    return debut == autre_debut or (debut < autre_fin and autre_debut < fin)


def _plage(creneau: str) -> tuple[int, int] | None:
    """Minutes of the day from and to, the same where one hour alone is said; null without any."""
    dites = [int(heures) * 60 + int(minutes or 0) for heures, minutes in _HEURE.findall(creneau)]
    return (dites[0], max(dites[0], dites[-1])) if dites else None
