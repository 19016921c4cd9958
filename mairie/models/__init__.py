"""Tables of the town hall, one module a subject."""

from mairie.models.comptes import GestionnaireUtilisateurs, Utilisateur
from mairie.models.dossiers import DossierSuivi, Evenement, contrainte_etats
from mairie.models.evenements import EvenementDomaine, Livraison
from mairie.models.numerotation import SerieNumerotation

__all__ = [
    "DossierSuivi",
    "Evenement",
    "EvenementDomaine",
    "GestionnaireUtilisateurs",
    "Livraison",
    "SerieNumerotation",
    "Utilisateur",
    "contrainte_etats",
]
