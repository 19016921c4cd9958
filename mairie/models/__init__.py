"""Tables of the town hall, one module a subject."""

from mairie.models.comptes import GestionnaireUtilisateurs, Utilisateur
from mairie.models.evenements import EvenementDomaine
from mairie.models.numerotation import SerieNumerotation

__all__ = [
    "EvenementDomaine",
    "GestionnaireUtilisateurs",
    "SerieNumerotation",
    "Utilisateur",
]
