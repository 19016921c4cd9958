"""Tables of the town hall, one module a subject."""

from mairie.models import historique as _historique  # noqa: F401 - its trackers make tables
from mairie.models.collectivites import Appartenance, Collectivite, Habilitation, Service
from mairie.models.comptes import GestionnaireUtilisateurs, Utilisateur
from mairie.models.consultations import Consultation, DelaiService, ServiceConsulte, VersionAvis
from mairie.models.delegations import Delegation
from mairie.models.dossiers import DossierSuivi, Evenement, contrainte_etats
from mairie.models.evenements import EvenementDomaine, Livraison
from mairie.models.invitations import Invitation
from mairie.models.journal import JournalActe, JournalTotal
from mairie.models.liens import Brouillon, DemandeNouveauLien, EssaiLien, LienSecret, UsageLien
from mairie.models.numerotation import SerieNumerotation

__all__ = [
    "Appartenance",
    "Brouillon",
    "Collectivite",
    "Consultation",
    "DelaiService",
    "Delegation",
    "DemandeNouveauLien",
    "DossierSuivi",
    "EssaiLien",
    "Evenement",
    "EvenementDomaine",
    "GestionnaireUtilisateurs",
    "Habilitation",
    "Invitation",
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
