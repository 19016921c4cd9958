"""Files of the house's own objects: persons, streets."""

from __future__ import annotations

from django.urls import reverse

from mairie.models import Tiers, Voie
from mairie.perms import GERER_ADRESSES, GERER_TIERS
from mairie.pieces.registre import Porteur
from mairie.pieces.registre import declarer as declarer_porteur

CODES_TIERS = (
    ("identite", "Pièce d'identité"),
    ("pouvoir", "Pouvoir, mandat"),
    ("kbis", "Extrait Kbis, statuts"),
    ("assurance", "Attestation d'assurance"),
    ("autre", "Autre"),
)
CODES_VOIE = (
    ("deliberation", "Délibération de dénomination"),
    ("plan", "Plan de numérotage"),
    ("photo", "Photographie"),
    ("autre", "Autre"),
)


def declarer() -> None:
    """Persons (never published) and streets."""
    declarer_porteur(
        Porteur(
            Tiers,
            Tiers.objects.visibles_par,
            GERER_TIERS,
            lambda t: reverse("mairie_tiers_fiche", args=[t.pk]),
            codes=lambda t: CODES_TIERS,
            publiable=False,
        )
    )
    declarer_porteur(
        Porteur(
            Voie,
            Voie.objects.visibles_par,
            GERER_ADRESSES,
            lambda v: reverse("voie", args=[v.pk]),
            codes=lambda v: CODES_VOIE,
        )
    )
