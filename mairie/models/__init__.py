"""Tables of the town hall, one module a subject."""

from mairie.models.comptes import GestionnaireUtilisateurs, Utilisateur
from mairie.models.dossiers import DossierSuivi, Evenement, contrainte_etats
from mairie.models.evenements import EvenementDomaine
from mairie.models.numerotation import SerieNumerotation

__all__ = [
    "DossierSuivi",
    "Evenement",
    "EvenementDomaine",
    "GestionnaireUtilisateurs",
    "SerieNumerotation",
    "Utilisateur",
    "contrainte_etats",
]
