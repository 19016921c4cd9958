"""Files of installations and of controls: photos, plans, slips, old reports."""

from __future__ import annotations

from assainissement import perms
from assainissement.models import Controle, Installation
from mairie.pieces.registre import Porteur, declarer

CODES_CONTROLE = (
    ("photo", "Photo"),
    ("croquis", "Croquis"),
    ("signature", "Signature"),
    ("rapport", "Rapport signé"),
    ("autre", "Autre"),
)
CODES_INSTALLATION = (
    ("plan", "Plan"), ("etude", "Étude de filière"), ("bordereau", "Bordereau de vidange"),
    ("facture", "Facture de travaux"), ("rapport", "Ancien rapport"), ("autre", "Autre"),
)  # fmt: skip


def declarer_porteurs() -> None:
    """From ``AppConfig.ready``: never published, they show private homes."""
    declarer(
        Porteur(
            Installation,
            Installation.objects.visibles_par,
            perms.ENREGISTRER,
            lambda i: i.get_absolute_url(),
            gerer=perms.VALIDER,
            codes=lambda i: CODES_INSTALLATION,
            publiable=False,
        )
    )
    declarer(
        Porteur(
            Controle,
            Controle.objects.visibles_par,
            perms.REALISER,
            lambda c: c.get_absolute_url(),
            gerer=perms.VALIDER,
            codes=lambda c: CODES_CONTROLE,
            publiable=False,
            nues=frozenset({"photo", "croquis"}),
        )
    )
