"""Tables of the town hall, one module a subject."""

from mairie.models.collectivites import Appartenance, Collectivite, Habilitation, Service
from mairie.models.comptes import GestionnaireUtilisateurs, Utilisateur
from mairie.models.dossiers import DossierSuivi, Evenement, contrainte_etats
from mairie.models.evenements import EvenementDomaine, Livraison
from mairie.models.numerotation import SerieNumerotation

__all__ = [
    "Appartenance",
    "Collectivite",
    "DossierSuivi",
    "Evenement",
    "EvenementDomaine",
    "GestionnaireUtilisateurs",
    "Habilitation",
    "Livraison",
    "SerieNumerotation",
    "Service",
    "Utilisateur",
    "contrainte_etats",
]
