"""Entry without network: forms that a trade declares are kept on the device and sent once."""

from mairie.hors_ligne.registre import (
    Conflit,
    Fait,
    FicheTerrain,
    SaisieRefusee,
    SaisieTerrain,
    declarer,
    saisie,
    saisies,
)

__all__ = [
    "Conflit",
    "Fait",
    "FicheTerrain",
    "SaisieRefusee",
    "SaisieTerrain",
    "declarer",
    "saisie",
    "saisies",
]
