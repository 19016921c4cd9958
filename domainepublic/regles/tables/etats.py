"""States of a dossier, and the weight that its emprises have in a conflict."""

from __future__ import annotations

FERME, PROJET, IGNORE = "ferme", "projet", "ignore"

POIDS_DES_ETATS = {
    "brouillon": IGNORE,
    "depose": PROJET,
    "incomplet": PROJET,
    "publicite": PROJET,
    "mise_en_concurrence": PROJET,
    "en_instruction": PROJET,
    "en_avis": PROJET,
    "a_signer": FERME,
    "accorde": FERME,
    "actif": FERME,
    "prolongation_demandee": FERME,
    "suspendu": PROJET,
    "a_controler": FERME,
    "infraction": FERME,
    "pv_dresse": FERME,
    "refuse": IGNORE,
    "sans_suite": IGNORE,
    "retire": IGNORE,
    "caduc": IGNORE,
    "termine": IGNORE,
    "regularise": IGNORE,
}
ETATS = tuple(POIDS_DES_ETATS)
