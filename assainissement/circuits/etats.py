"""States in words, and their groups (spec §7). Pure."""

from __future__ import annotations

INSTALLATION = {
    "": "à créer",
    "projet": "en projet",
    "active": "active",
    "desactivee": "désactivée",
}
MOTIFS_DESACTIVATION = {
    "raccordee_ac": "raccordée au réseau",
    "demolie": "démolie",
    "doublon": "enregistrée deux fois",
}

CONTROLE = {
    "": "à créer",
    "a_planifier": "à planifier",
    "rdv_propose": "rendez-vous proposé",
    "rdv_fixe": "rendez-vous fixé",
    "absent": "occupant absent",
    "refus": "visite refusée",
    "relance": "relancé",
    "redevance_majoree": "redevance majorée",
    "visite_faite": "visite faite",
    "rapport_redige": "rapport à valider",
    "rapport_valide": "rapport à notifier",
    "notifie": "rapport notifié",
    "facture": "facturé",
    "clos": "clos",
    "annule": "annulé",
}
CONTROLE_FINALS = ("clos", "annule")
# Nothing is notified yet: one control of a nature at a time.
OUVERTS = (
    "a_planifier",
    "rdv_propose",
    "rdv_fixe",
    "absent",
    "refus",
    "relance",
    "redevance_majoree",
    "visite_faite",
    "rapport_redige",
    "rapport_valide",
)
# The observations may still be written.
SAISISSABLES = ("a_planifier", "rdv_fixe", "visite_faite")
# A conception may be concluded at the desk.
SUR_PIECES = ("a_planifier", "rdv_propose", "rdv_fixe", "visite_faite", "rapport_redige")
# The conclusion is frozen.
CONCLUS = ("rapport_valide", "notifie", "facture", "clos")
NOTIFIES = ("notifie", "facture", "clos")
MANQUES = ("absent", "refus", "relance", "redevance_majoree")

OBLIGATION = {
    "": "à créer",
    "ouverte": "ouverte",
    "travaux_annonces": "travaux annoncés",
    "contre_visite": "contre-visite prévue",
    "prolongee": "prolongée",
    "mise_en_demeure": "mise en demeure",
    "penalite": "pénalité",
    "levee": "levée",
}
OBLIGATION_FINALS = ("levee",)
OBLIGATIONS = {
    "travaux": "Travaux à faire",
    "absence": "Installation à créer",
    "acces": "Accès à donner au contrôleur",
}
