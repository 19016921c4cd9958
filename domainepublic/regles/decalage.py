"""First days, later and as many, on which a file meets nobody that would stop its signature (spec §7.5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from domainepublic.regles.conflits import Commun, aire_commune, chevauchement, paires_proches
from domainepublic.regles.conflits_lecture import Cas, lire_cas
from domainepublic.regles.simultaneite import Temps, jours_communs
from domainepublic.regles.tables.types import BLOQUANT

# A year and a day: beyond it, another place is wanted rather than another date.
DECALAGE_MAX_JOURS = 366


def premier_decalage(brut: Any, minimum: int = 1, maximum: int = DECALAGE_MAX_JOURS) -> int | None:
    """Days by which all emprises of the file ``examine`` move together; null when none is free.

    At least ``minimum``, at most ``maximum``.
    ``brut``: a case of the conflict engine whose other emprises cover the days to come too.
    """
    paires = _paires_bloquantes(lire_cas(brut), str(brut["examine"]))
    possibles = range(max(minimum, 1), maximum + 1)
    return next((n for n in possibles if not any(_ensemble(a, b, n) for a, b in paires)), None)


def _ensemble(a: Temps, b: Temps, jours: int) -> bool:
    """Whether ``a``, moved, holds the ground together with ``b``."""
    ecart = timedelta(days=jours)
    deplace = replace(a, debut=a.debut + ecart, fin=a.fin + ecart if a.fin else None)
    return jours_communs(deplace, b, 1)[1] > 0


def _paires_bloquantes(cas: Cas, examine: str) -> list[tuple[Temps, Temps]]:
    """Times of ours and of the other, for each pair that blocks as soon as it shares a day."""
    sortie = []
    for rang_a, rang_b in paires_proches(cas):
        a, b = cas.emprises[rang_a], cas.emprises[rang_b]
        if (a.dossier == examine) == (b.dossier == examine):
            continue
        commune = aire_commune(a.surface, b.surface)
        if commune <= cas.parametres.tolerance_m2:
            continue
        trouve = chevauchement(cas, a, b, Commun(commune, (), 1))
        if trouve is not None and trouve.niveau == BLOQUANT:
            sortie.append((a.temps, b.temps) if a.dossier == examine else (b.temps, a.temps))
    return sortie
