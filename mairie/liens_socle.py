"""Purposes of secret links that belong to the shared floor."""

from __future__ import annotations

from datetime import timedelta

from mairie.brouillons import duree
from mairie.consultations import SURSIS_LIEN, USAGE_LIEN
from mairie.liens import UsageDeLien, declarer_usage
from mairie.models import Brouillon


def declarer() -> None:
    """Answers of consulted services, and public drafts (each form resumes them at its own address)."""
    declarer_usage(
        UsageDeLien(USAGE_LIEN, "Avis d'un service consulté", SURSIS_LIEN, lambda jeton: f"/avis/{jeton}/")
    )
    declarer_usage(
        UsageDeLien(
            Brouillon.USAGE_LIEN,
            "Reprise d'un formulaire commencé",
            timedelta(days=duree().days),
            lambda jeton: f"/brouillons/{jeton}/",
        )
    )
