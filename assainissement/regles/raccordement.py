"""Local rules of collective sanitation: connection, document of connection, late owners.

Sources: CSP L1331-1, CGCT L2224-8, décret 2022-521.
"""

from __future__ import annotations

from datetime import date, timedelta

from assainissement.regles.tables.parametres import entier
from mairie.calendrier import plus_mois

MAISON, APPARTEMENT, AUTRE = "maison", "appartement", "autre"
VENTE = "vente"


def limite_raccordement(mise_en_service: date) -> date:
    """Last day to connect a building: two years after the sewer was put into service."""
    return plus_mois(mise_en_service, 12 * entier("AC_RACCORDEMENT"))


def remise_du_document(demande_le: date) -> date:
    """Last day to hand the owner the document he asked for: six weeks."""
    return demande_le + timedelta(days=entier("AC_DELAI_DOCUMENT"))


def fin_validite_controle(visite_le: date, motif: str, duree_reglement_mois: int | None = None) -> date:
    """Last day of validity: ten years, or for a sale the shorter number of months of the règlement."""
    mois = 12 * entier("AC_VALIDITE_DOCUMENT")
    if motif == VENTE and duree_reglement_mois is not None:
        mois = min(mois, duree_reglement_mois)
    return plus_mois(visite_le, mois)


def etat_branchement(
    jour: date,
    mise_en_service: date,
    raccorde_le: date | None,
    derogations: tuple[tuple[date, date], ...] = (),
) -> str:
    """``raccorde``, ``deroge`` (a derogation covers the day), ``en_retard``, else ``a_raccorder``."""
    if raccorde_le is not None and raccorde_le <= jour:
        return "raccorde"
    if any(du <= jour <= au for du, au in derogations):
        return "deroge"
    return "en_retard" if jour > limite_raccordement(mise_en_service) else "a_raccorder"
