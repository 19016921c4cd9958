"""Files of connections and of their controls."""

from __future__ import annotations

from assainissement import perms
from assainissement.models import Branchement, ControleAC
from mairie.pieces.registre import Porteur, declarer

CODES_BRANCHEMENT = (
    ("plan", "Plan"),
    ("arrete", "Arrêté de dérogation"),
    ("photo", "Photo"),
    ("autre", "Autre"),
)
CODES_CONTROLE = (
    ("formulaire", "Formulaire du contrôleur"),
    ("photo", "Photo"),
    ("croquis", "Croquis"),
    ("facture", "Facture de travaux"),
    ("autre", "Autre"),
)


def declarer_porteurs() -> None:
    """From ``AppConfig.ready``: never published, they show private homes."""
    declarer(
        Porteur(
            Branchement,
            Branchement.objects.visibles_par,
            perms.ENREGISTRER,
            lambda b: b.get_absolute_url(),
            gerer=perms.VALIDER,
            codes=lambda b: CODES_BRANCHEMENT,
            publiable=False,
        )
    )
    declarer(
        Porteur(
            ControleAC,
            ControleAC.objects.visibles_par,
            perms.SAISIR,
            lambda c: c.get_absolute_url(),
            gerer=perms.VALIDER,
            codes=lambda c: CODES_CONTROLE,
            publiable=False,
        )
    )
