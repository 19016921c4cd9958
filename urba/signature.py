"""May this person sign this act that day? By office or delegation (spec §6, §10)."""

from __future__ import annotations

from datetime import date
from typing import Any

from mairie.calendrier import jma
from mairie.roles import Acteur

TYPE_ACTE = "urba.decision"


def refus_de_signer(acteur: Acteur, dossier: Any, jour: date) -> str | None:
    """Why not; null when a title to sign is in force that day."""
    from mairie.delegations import signature_de

    if acteur.utilisateur is None:
        return "Une décision se signe par une personne qui en a le titre."
    if signature_de(acteur.utilisateur, dossier.insee, TYPE_ACTE, jour) is None:
        return (
            f"Aucune délégation de signature en vigueur le {jma(jour)} pour ce compte :"
            " l'administrateur enregistre la délégation et sa date."
        )
    return None
