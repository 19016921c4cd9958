"""Withdrawal of a decision that created rights: until when, and what must come before it."""

from __future__ import annotations

from datetime import date, timedelta

from mairie.calendrier import jma, plus_mois
from urba.regles.tables_echeances import OBSERVATIONS_JOURS, RETRAIT_CRPA_MOIS, RETRAIT_MOIS
from urba.regles.types import CERTIFICATS, INSTRUITES, Nature, TypeDelai


def du_crpa(type_: TypeDelai, nature: Nature) -> bool:
    """L.424-5 speaks of permits and declarations; the rest follows the general rule."""
    return type_ in CERTIFICATS or nature not in INSTRUITES


def article_retrait(type_: TypeDelai, nature: Nature) -> str:
    """Article that gives the time."""
    return "CRPA L.242-1" if du_crpa(type_, nature) else "L.424-5"


def limite_retrait(type_: TypeDelai, nature: Nature, decision_le: date) -> date:
    """Last day of a withdrawal that the holder did not ask for."""
    return plus_mois(decision_le, RETRAIT_CRPA_MOIS if du_crpa(type_, nature) else RETRAIT_MOIS)


def refus_contradictoire(lettre_le: date | None, decision_le: date | None, retrait_le: date) -> str:
    """Why the adversarial procedure does not bear this withdrawal; empty when it does.

    ``lettre_le``: day when the holder received the letter that opens it.
    """
    if lettre_le is None:
        return (
            "Un retrait suit une procédure contradictoire : datez la lettre qui l'ouvre (CRPA L.121-1,"
            " L.122-1)."
        )
    if decision_le is not None and lettre_le < decision_le:
        return (
            f"La lettre contradictoire ({jma(lettre_le)}) ne peut précéder la décision ({jma(decision_le)})."
        )
    if lettre_le > retrait_le:
        return f"La lettre contradictoire ({jma(lettre_le)}) ne peut suivre le retrait ({jma(retrait_le)})."
    fin = lettre_le + timedelta(days=OBSERVATIONS_JOURS)
    if retrait_le <= fin:
        return (
            f"Le titulaire peut présenter ses observations jusqu'au {jma(fin)} (CRPA L.122-1) : attendez,"
            " ou dites l'urgence qui permet de ne pas le faire (CRPA L.121-2)."
        )
    return ""
