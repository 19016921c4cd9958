"""What follows works found conform: the first periodic control. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from assainissement.regles.echeances import plus_annees
from assainissement.regles.tables.parametres import entier


def premier_periodique(visite: date, electromecanique: bool, reglement: Mapping[str, int]) -> date:
    """Day of the first periodic control after an execution found conform (CGCT L2224-8).

    ``reglement``: parameters of the service that are set; the legal maximum holds for the others.
    """
    frequences = [int(reglement.get("frequence_periodique_annees") or entier("ANC_FREQUENCE_MAX"))]
    moteur = reglement.get("frequence_electromecanique_annees")
    if electromecanique and moteur:
        frequences.append(int(moteur))
    return plus_annees(visite, min(frequences))
