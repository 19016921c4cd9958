"""Deadlines of controls of connection on the agents' desk."""

from __future__ import annotations

from typing import Any

from assainissement import perms
from mairie.echeances import Fournisseur, fournir, publier, solder

DOCUMENT = "assainissement.document_ac"


def declarer() -> None:
    """From ``AppConfig.ready``."""
    fournir(
        Fournisseur(
            DOCUMENT,
            "assainissement",
            "Document de raccordement à remettre",
            perms.SAISIR,
            "bi-hourglass-split",
        )
    )


def publier_controle(c: Any) -> None:
    """Six weeks from the owner's request, until the control is validated."""
    if c.remise_avant is None:
        solder(c)
        return
    publier(
        c, DOCUMENT, c.remise_avant, reference=str(c), pourquoi=c.explication, responsable=c.agent, lieu=None
    )
