"""Legal values after the decision: validity, appeals, completion (spec §5.8), each with its article."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from urba.regles.types import DP, PERMIS, TypeDelai

VALIDITE_MOIS = 36
"""R.424-17, R.424-18: permits and DP, from notification (tacit: birth)."""
VALIDITE_CU_MOIS = 18
"""L.410-1: from signature."""
PROROGATION_MOIS = 12
"""R.424-21."""
PROROGATIONS_MAX = 2
PROROGATION_PREAVIS_MOIS = 2
"""R.424-22: asked two months before the end at the latest."""
PROROGATION_SILENCE_MOIS = 2
"""R.424-23, R.410-17-1: accepted by silence after two months."""
INTERRUPTION_MOIS = 12
"""R.424-17, second paragraph."""
RETRAIT_MOIS = 3
"""L.424-5: permits, modifications and declarations."""
RETRAIT_CRPA_MOIS = 4
"""CRPA L.242-1: transfers, prorogations, certificates (spec §19: to be confirmed for certificates)."""
OBSERVATIONS_JOURS = 15
"""What our letter grants for observations; the CRPA asks for a reasonable time (L.121-1, L.122-1)."""
TRANSMISSION_JOURS = 15
"""CGCT L.2131-2."""
EXECUTOIRE_PD_JOURS = 15
"""L.452-1."""
DEFERE_MOIS = 2
"""CGCT L.2131-6."""
AFFICHAGE_MAIRIE_JOURS = 8
AFFICHAGE_MAIRIE_MOIS = 2
"""R.424-15."""
AFFICHAGE_TERRAIN_MOIS = 2
"""R.600-2: continuous display."""
RECOURS_MOIS = 2
"""R.600-2 (third parties), CJA R.421-1 (applicant)."""
RECOURS_ABSOLU_MOIS = 6
"""R.600-3: from completion."""
GRACIEUX_REJET_MOIS = 2
CONTESTATION_MOIS = 3
CONTESTATION_RECOLEMENT_MOIS = 5
"""R.462-6, R.462-7: five months when récolement is obligatory."""
ATTESTATION_JOURS = 15
"""R.462-10."""
DECLARATION_TAXE_JOURS = 90

TYPES_RECOURS_ABSOLU = DP | (PERMIS - {TypeDelai.PD})
TYPES_DAACT = TYPES_RECOURS_ABSOLU


class RegleValidite(StrEnum):
    """Rule that gives the validity."""

    TROIS_ANS = "R.424-17"
    CINQ_ANS = "DECRET_2025_461_5_ANS"
    PLUS_UN_AN = "DECRET_2025_461_PLUS_1_AN"
    CERTIFICAT = "L.410-1"


@dataclass(frozen=True)
class Fenetre:
    """Decisions dated within these days, both included."""

    du: date
    au: date

    def contient(self, jour: date) -> bool:
        """True when ``jour`` is in the window."""
        return self.du <= jour <= self.au


DECRET_5_ANS = Fenetre(date(2022, 5, 28), date(2024, 5, 28))
DECRET_5_ANS_MOIS = 60
"""Décret 2025-461: 60 months, no prorogation."""
DECRET_PLUS_1_AN = Fenetre(date(2021, 1, 1), date(2022, 5, 27))
DECRET_PLUS_1_AN_MOIS = 12
DECRET_ENTREE_EN_VIGUEUR = date(2025, 5, 27)
"""Décret 2025-461: + 12 months when still valid on that day."""


@dataclass(frozen=True)
class RegimeGracieux:
    """Gracious appeal: months to file it, whether it prolongs the court delay."""

    mois: int
    proroge: bool
    article: str


L600_12_2_DU = date(2025, 11, 28)
"""First day of the decisions under L.600-12-2 (not for a CU)."""
GRACIEUX_ANCIEN = RegimeGracieux(2, True, "CJA R.421-1")
GRACIEUX_NOUVEAU = RegimeGracieux(1, False, "L.600-12-2")

MOTIFS_RECOLEMENT = {
    "MONUMENT": "Immeuble inscrit ou classé au titre des monuments historiques",
    "ABORDS_SPR": "Abords d'un monument ou site patrimonial remarquable",
    "SITE": "Site classé, en instance de classement ou inscrit",
    "ERP_IGH": "Établissement recevant du public ou immeuble de grande hauteur",
    "COEUR_PARC": "Cœur de parc national",
    "RESERVE_NAT": "Réserve naturelle",
    "PLAN_RISQUES": "Secteur d'un plan de prévention des risques",
}
"""R.462-7: reasons that make the récolement obligatory."""
