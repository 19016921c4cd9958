"""States of works in words (spec §5.5). Pure."""

from __future__ import annotations

LIBELLES = {
    "": "à créer",
    "programmee": "au programme",
    "inscrite": "inscrite au calendrier",
    "refus_inscription": "inscription refusée",
    "deposee": "demande à répondre",
    "accordee": "accordée",
    "reportee": "reportée",
    "acceptee_tacite": "acceptée faute de réponse",
    "urgente": "urgence, motifs attendus",
    "urgence_motivee": "urgence motivée",
    "urgence_non_motivee": "urgence sans motif à 24 heures",
    "en_cours": "travaux en cours",
    "terminee": "travaux terminés",
    "refection_controlee": "réfection contrôlée",
    "suspendue": "suspendue",
}
FINALS = ("refus_inscription", "refection_controlee")
# May begin, or have begun.
PERMIS = (
    "inscrite", "accordee", "reportee", "acceptee_tacite", "urgente", "urgence_motivee",
    "urgence_non_motivee",
)  # fmt: skip
# On the calendar that everybody may read, once published.
PUBLICS = (*PERMIS, "en_cours", "suspendue", "terminee")
# Wait for an answer of the town hall.
A_REPONDRE = ("programmee", "deposee")
