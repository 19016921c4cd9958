"""Tables of the town hall, one module a subject."""

from mairie.models.collectivites import Appartenance, Collectivite, Habilitation, Service
from mairie.models.comptes import GestionnaireUtilisateurs, Utilisateur
from mairie.models.consultations import Consultation, DelaiService, ServiceConsulte, VersionAvis
from mairie.models.dossiers import DossierSuivi, Evenement, contrainte_etats
from mairie.models.evenements import EvenementDomaine, Livraison
from mairie.models.journal import JournalActe, JournalTotal
from mairie.models.liens import Brouillon, DemandeNouveauLien, EssaiLien, LienSecret, UsageLien
from mairie.models.numerotation import SerieNumerotation

__all__ = [
    "Appartenance",
    "Brouillon",
    "Collectivite",
    "Consultation",
    "DelaiService",
    "DemandeNouveauLien",
    "DossierSuivi",
    "EssaiLien",
    "Evenement",
    "EvenementDomaine",
    "GestionnaireUtilisateurs",
    "Habilitation",
    "JournalActe",
    "JournalTotal",
    "LienSecret",
    "Livraison",
    "SerieNumerotation",
    "Service",
    "ServiceConsulte",
    "UsageLien",
    "Utilisateur",
    "VersionAvis",
    "contrainte_etats",
]
