"""Files of connections and of their controls."""

from __future__ import annotations

from typing import Any

from assainissement import perms, photos_ac
from assainissement.models import Branchement, ControleAC
from mairie.pieces.registre import Porteur, declarer

CODES_BRANCHEMENT = (
    ("plan", "Plan"),
    ("arrete", "Arrêté de dérogation"),
    ("photo", "Photo"),
    ("autre", "Autre"),
)
# A photo first: it is what one adds on the spot, from a phone.
CODES_CONTROLE = (
    (photos_ac.CODE, "Photo"),
    ("formulaire", "Formulaire du contrôleur"),
    ("croquis", "Croquis"),
    ("facture", "Facture de travaux"),
    ("autre", "Autre"),
)


def _ouvert(c: ControleAC, personne: Any) -> str:
    """A firm adds files while it fills the form; afterwards the service does."""
    if c.saisissable or personne.has_perm(perms.SAISIR, c.insee):
        return ""
    return f"Le contrôle est « {c.libelle_etat} » : envoyez au service ce que vous voulez y ajouter."


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
            nues=frozenset({"photo"}),
        )
    )
    declarer(
        Porteur(
            ControleAC,
            ControleAC.objects.visibles_par,
            perms.REALISER,
            lambda c: c.get_absolute_url(),
            gerer=perms.VALIDER,
            codes=lambda c: CODES_CONTROLE,
            ouvert=_ouvert,
            publiable=False,
            nues=frozenset({photos_ac.CODE, "croquis"}),
        )
    )
