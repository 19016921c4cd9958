"""What the letters of the permits declare at start."""

from __future__ import annotations

from mairie import numerotation, references
from mairie.courriers import sujets
from mairie.delegations import declarer_types_actes
from urba.courriers import demo, modeles
from urba.courriers.catalogue import ARRETES
from urba.courriers.champs import declarer_champs
from urba.courriers.sujet import SUJET, TYPES_ACTES

SERIE = numerotation.Genre(
    ARRETES, "Registre des arrêtés d'urbanisme", lambda s, n: f"{s.annee}-URBA-{n:04d}", maximum=9_999
)


def declarer() -> None:
    """From ``AppConfig.ready``."""
    declarer_types_actes(*TYPES_ACTES)
    numerotation.declarer(SERIE)
    declarer_champs()
    sujets.declarer(SUJET)
    demo.declarer()
    references.declarer("modèles de lettres de l'urbanisme", modeles.charger)
