"""Due dates of non-collective sanitation: outcomes of a visit, codes, bounds of the local rules."""

from __future__ import annotations

from dataclasses import dataclass

from assainissement.regles.tables.parametres import entier

VISITE_FAITE, REFUS, ABSENT, REPORT_ABUSIF = "visite_faite", "refus", "absent", "report_abusif"
ISSUES = (VISITE_FAITE, REFUS, ABSENT, REPORT_ABUSIF)
ISSUES_A_MAJORER = (REFUS, REPORT_ABUSIF)  # CSP L1331-8; an absence never is
RELANCES_MAX = 99

# Codes of « why this date ».
LEVEE, MEILLEURS_DELAIS, VENTE_ABSENCE, DELAI_MAIRE, QUATRE_ANS, UN_AN_ACTE, ATTENTE, AUCUNE, SANS_OBJET = (
    "levee",
    "meilleurs_delais",
    "delai_vente_absence",
    "delai_maire",
    "4_ans_notification",
    "1_an_acte",
    "en_attente_notification",
    "aucune",
    "sans_objet",
)
PERIODIQUE, VERIFICATION_ABSENCE, RELANCE = "periodique", "verification_absence", "relance"


@dataclass(frozen=True)
class ParametreReglement:
    """One parameter that a service votes in its règlement, within bounds; None: not set."""

    code: str
    minimum: int
    maximum: int
    defaut: int | None


PARAMETRES_REGLEMENT = (
    ParametreReglement("frequence_periodique_annees", 1, entier("ANC_FREQUENCE_MAX"), 10),
    ParametreReglement("frequence_danger_annees", 1, entier("ANC_FREQUENCE_MAX"), None),
    ParametreReglement("frequence_electromecanique_annees", 1, entier("ANC_FREQUENCE_MAX"), None),
    ParametreReglement("delai_verification_absence_mois", 1, 60, 6),
    ParametreReglement("delai_vente_absence_mois", 1, 60, None),
    ParametreReglement("delai_relance_mois", 1, 60, 3),
    ParametreReglement("relances_avant_majoration", 0, 10, 1),
)
