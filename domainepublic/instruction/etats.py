"""States of an occupation in words, and their groups (spec §4). Pure."""

from __future__ import annotations

LIBELLES = {
    "": "à créer",
    "brouillon": "brouillon",
    "depose": "déposé",
    "incomplet": "incomplet",
    "publicite": "en publicité",
    "mise_en_concurrence": "en concurrence",
    "en_instruction": "en instruction",
    "en_avis": "avis demandés",
    "a_signer": "à signer",
    "accorde": "accordé",
    "actif": "en cours d'occupation",
    "prolongation_demandee": "prolongation demandée",
    "suspendu": "suspendu",
    "a_controler": "fin à contrôler",
    "infraction": "en infraction",
    "pv_dresse": "procès-verbal dressé",
    "refuse": "refusé",
    "sans_suite": "sans suite",
    "retire": "retiré",
    "caduc": "caduc",
    "termine": "terminé",
    "regularise": "régularisé",
}
FINALS = ("refuse", "sans_suite", "retire", "caduc", "termine", "regularise")
# Awaiting an answer: the clock of silence runs.
EN_ATTENTE = (
    "depose", "incomplet", "publicite", "mise_en_concurrence", "en_instruction", "en_avis", "a_signer",
)  # fmt: skip
# The emprises, dates and facts may still change.
MODIFIABLES = ("brouillon", "depose", "incomplet", "publicite", "en_instruction", "en_avis")
# A title holds the ground, or may hold it again.
TITRES = ("accorde", "actif", "prolongation_demandee", "suspendu")
# Shown to everybody on the map (spec §9).
PUBLICS = ("accorde", "actif", "prolongation_demandee")

MOTIFS_RETRAIT = {
    "interet_general": "intérêt général",
    "inexecution": "inexécution des conditions",
    "renonciation": "renonciation du titulaire",
}
# What becomes of the days of a suspension, once it is over.
COMPENSATIONS = {
    "avoir": "un avoir, au prorata des jours suspendus",
    "fin_repoussee": "la fin repoussée d'autant",
    "aucune": "rien : la suspension tenait au titulaire",
}
