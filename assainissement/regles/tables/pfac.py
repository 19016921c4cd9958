"""Contribution to the sewer (PFAC): ways to vote it, natures of works, reasons why nothing is due."""

from __future__ import annotations

SURFACE, FORFAIT, MIXTE = "surface", "forfait", "mixte"
MODES = (SURFACE, FORFAIT, MIXTE)
NATURES = ("neuf", "extension", "existant", "changement_destination", "annexe")
LOGEMENTS_MAX = 99_999

ARTICLE, ARTICLE_ASSIMILE = "L1331-7", "L1331-7-1"

PAS_DE_DELIBERATION, HORS_PERIODE, SANS_EAU_USEE, TAM, ZAC, PLAFOND_NUL = (
    "pas_de_deliberation",
    "hors_periode",
    "aucune_eau_usee_supplementaire",
    "taxe_amenagement_majoree",
    "zac",
    "plafond_nul",
)
# In the order in which they are looked for.
MOTIFS = {
    PAS_DE_DELIBERATION: "Aucune délibération n'institue la participation.",
    HORS_PERIODE: "Le raccordement est hors de la période de la délibération.",
    SANS_EAU_USEE: "Le projet n'apporte pas d'eaux usées supplémentaires.",
    TAM: "La taxe d'aménagement majorée finance déjà le réseau.",
    ZAC: "L'aménageur de la ZAC a payé tout le réseau.",
    PLAFOND_NUL: "Le plafond est nul : le branchement a coûté davantage que l'installation évitée.",
}
