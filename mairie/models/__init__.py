"""Tables of the town hall, one module a subject."""

from mairie.models import historique as _historique  # noqa: F401 - its trackers make tables
from mairie.models.adresses import Adresse, BaseAdresses, EcartAdresse, Voie
from mairie.models.collectivites import Appartenance, Collectivite, Habilitation, Service
from mairie.models.comptes import GestionnaireUtilisateurs, Utilisateur
from mairie.models.consultations import Consultation, DelaiService, ServiceConsulte, VersionAvis
from mairie.models.courriels import CourrielSortant
from mairie.models.courriers import Courrier, SuiviCourrier
from mairie.models.delegations import Delegation
from mairie.models.dossiers import DossierSuivi, Evenement, contrainte_etats
from mairie.models.echeances import Echeance, PreferenceBureau
from mairie.models.ecrans import CorrespondanceImport, ImportTable, PreferenceEcran, VueEnregistree
from mairie.models.evenements import EvenementDomaine, Livraison
from mairie.models.hors_ligne import SaisieRecue
from mairie.models.impressions import Impression
from mairie.models.invitations import Invitation
from mairie.models.journal import JournalActe, JournalTotal
from mairie.models.liens import Brouillon, DemandeNouveauLien, EssaiLien, LienSecret, UsageLien
from mairie.models.modeles_courrier import (
    EnTete,
    FormeCourrier,
    ModeCourrier,
    ModeleCourrier,
    Phrase,
    VersionModele,
)
from mairie.models.modeles_livres import ModeleLivre
from mairie.models.numerotation import SerieNumerotation
from mairie.models.pieces import Piece
from mairie.models.reference import RequeteReference, TableReference
from mairie.models.sauvegardes import Sauvegarde
from mairie.models.taches import AvancementTache, Battement, Programmation, Tache
from mairie.models.tiers import FusionTiers, HistoriqueTiers, NonDoublon, Tiers

__all__ = [
    "Adresse",
    "Appartenance",
    "AvancementTache",
    "BaseAdresses",
    "Battement",
    "Brouillon",
    "Collectivite",
    "Consultation",
    "CorrespondanceImport",
    "CourrielSortant",
    "Courrier",
    "DelaiService",
    "Delegation",
    "DemandeNouveauLien",
    "DossierSuivi",
    "EcartAdresse",
    "Echeance",
    "EnTete",
    "EssaiLien",
    "Evenement",
    "EvenementDomaine",
    "FormeCourrier",
    "FusionTiers",
    "GestionnaireUtilisateurs",
    "Habilitation",
    "HistoriqueTiers",
    "ImportTable",
    "Impression",
    "Invitation",
    "JournalActe",
    "JournalTotal",
    "LienSecret",
    "Livraison",
    "ModeCourrier",
    "ModeleCourrier",
    "ModeleLivre",
    "NonDoublon",
    "Phrase",
    "Piece",
    "PreferenceBureau",
    "PreferenceEcran",
    "Programmation",
    "RequeteReference",
    "SaisieRecue",
    "Sauvegarde",
    "SerieNumerotation",
    "Service",
    "ServiceConsulte",
    "SuiviCourrier",
    "TableReference",
    "Tache",
    "Tiers",
    "UsageLien",
    "Utilisateur",
    "VersionAvis",
    "VersionModele",
    "Voie",
    "VueEnregistree",
    "contrainte_etats",
]
