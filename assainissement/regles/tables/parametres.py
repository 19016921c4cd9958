"""Legal parameters: every figure of the rules is read here, none is written in a condition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class ParametreLoi:
    """One parameter; ``valide_au`` None while in force; an ``a_confirmer`` row is inactive."""

    code: str
    valeur: Decimal
    unite: str
    libelle: str
    article: str
    valide_du: date
    valide_au: date | None = None
    a_confirmer: bool = False


_ARRETE_2012 = date(2012, 7, 1)

PARAMETRES = {
    ligne.code: ligne
    for ligne in (
        ParametreLoi("ANC_DELAI_TRAVAUX_AB", Decimal(4), "annees", "travaux, cas a et b, de la notification",
                     "arrêté du 27/04/2012, art. 4 et 5", _ARRETE_2012),
        ParametreLoi("ANC_DELAI_VENTE", Decimal(1), "annees", "travaux après l'acte de vente, cas a, b et c",
                     "arrêté du 27/04/2012, art. 4 ; CSP L1331-11-1", _ARRETE_2012),
        ParametreLoi("ANC_VALIDITE_RAPPORT", Decimal(3), "annees", "validité du rapport pour une vente",
                     "CSP L1331-11-1 ; arrêté du 27/04/2012, art. 4", _ARRETE_2012),
        ParametreLoi("ANC_FREQUENCE_MAX", Decimal(10), "annees", "entre deux contrôles au plus",
                     "CGCT L2224-8 ; arrêté du 27/04/2012, art. 7", _ARRETE_2012),
        ParametreLoi("ANC_RAPPORT_CAPACITE", Decimal("0.5"), "rapport",
                     "capacité sur charge, significatif jusqu'à cette valeur comprise",
                     "arrêté du 27/04/2012, annexe II", _ARRETE_2012),
        ParametreLoi("ANC_PUITS", Decimal(35), "m", "distance au puits, strictement moins",
                     "arrêté du 27/04/2012, annexe II ; arrêté du 07/09/2009", _ARRETE_2012),
        ParametreLoi("ANC_MAIRE", Decimal(47), "mois", "plus long délai raccourci par le maire",
                     "arrêté du 27/04/2012, art. 5 ; CGCT L2212-2", _ARRETE_2012),
        ParametreLoi("AC_RACCORDEMENT", Decimal(2), "annees", "raccordement, de la mise en service du réseau",
                     "CSP L1331-1", date(2000, 6, 22)),
        ParametreLoi("AC_PROLONGATION_MAX", Decimal(10), "annees", "prolongation, ANC récent et conforme",
                     "CSP L1331-1 ; arrêté local", date(2000, 6, 22), a_confirmer=True),
        ParametreLoi("AC_MAJORATION_MAX", Decimal(400), "pourcent", "majoration de la redevance",
                     "CSP L1331-8", date(2021, 8, 25), a_confirmer=True),
        ParametreLoi("AC_VALIDITE_DOCUMENT", Decimal(10), "annees", "validité du document de raccordement",
                     "CGCT L2224-8, II", date(2023, 1, 1)),
        ParametreLoi("AC_DELAI_DOCUMENT", Decimal(42), "jours", "remise du document, de la demande",
                     "décret 2022-521", date(2023, 1, 1)),
        ParametreLoi("PFAC_PLAFOND", Decimal("0.8"), "rapport", "part du coût d'un ANC évité",
                     "CSP L1331-7", _ARRETE_2012),
        ParametreLoi("PFAC_CONTESTATION", Decimal(2), "mois", "contestation du titre",
                     "CGCT L1617-5", _ARRETE_2012),
    )
}  # fmt: skip


def parametre(code: str) -> Decimal:
    """Value of a confirmed parameter; ``LookupError`` for an inactive one."""
    ligne = PARAMETRES[code]
    if ligne.a_confirmer:
        raise LookupError(f"parameter {code} is not confirmed")
    return ligne.valeur


def entier(code: str) -> int:
    """The same as a whole number (years, months, days)."""
    return int(parametre(code))
