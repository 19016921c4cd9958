"""Tables of sanitation, one module a subject."""

from assainissement.models.avis_reseau import AvisReseau
from assainissement.models.controles import Controle, Observation, Travail
from assainissement.models.entretiens import Entretien, Vidangeur
from assainissement.models.imports_reseau import ImportRaepa, LigneRaepa, RetourRaepa
from assainissement.models.indicateurs import AnnexeRPQS, IndicateurAnnuel
from assainissement.models.installations import (
    Element,
    Installation,
    InstallationAdresse,
    InstallationParcelle,
    InstallationTiers,
)
from assainissement.models.obligations import Obligation
from assainissement.models.pfac import Pfac
from assainissement.models.points import PointControle
from assainissement.models.projets import ProjetAnc
from assainissement.models.raccordements import (
    Branchement,
    BranchementParcelle,
    ControleAC,
    DerogationRaccordement,
)
from assainissement.models.redevances import AvoirRedevance, Contrat, LigneRedevance, LotRedevance
from assainissement.models.reglement import ReglementService
from assainissement.models.relances import LotLettres
from assainissement.models.reprise import ControleRepris, ImportZonage
from assainissement.models.reseau import (
    Appareillage,
    Arete,
    Intervention,
    Noeud,
    Ouvrage,
    Reparation,
    Troncon,
)
from assainissement.models.tarifs import DeliberationTarif, LigneTarif, ParametreLoi
from assainissement.models.terrain import (
    EtapeTournee,
    Indisponibilite,
    PhotoControle,
    Prestataire,
    Tournee,
)
from assainissement.models.ventes import DeclarationVente
from assainissement.models.zonage import ZonageAssainissement, ZoneEnjeu

__all__ = [
    "AnnexeRPQS",
    "Appareillage",
    "Arete",
    "AvisReseau",
    "AvoirRedevance",
    "Branchement",
    "BranchementParcelle",
    "Contrat",
    "Controle",
    "ControleAC",
    "ControleRepris",
    "DeclarationVente",
    "DeliberationTarif",
    "DerogationRaccordement",
    "Element",
    "Entretien",
    "EtapeTournee",
    "ImportRaepa",
    "ImportZonage",
    "IndicateurAnnuel",
    "Indisponibilite",
    "Installation",
    "InstallationAdresse",
    "InstallationParcelle",
    "InstallationTiers",
    "Intervention",
    "LigneRaepa",
    "LigneRedevance",
    "LigneTarif",
    "LotLettres",
    "LotRedevance",
    "Noeud",
    "Obligation",
    "Observation",
    "Ouvrage",
    "ParametreLoi",
    "Pfac",
    "PhotoControle",
    "PointControle",
    "Prestataire",
    "ProjetAnc",
    "ReglementService",
    "Reparation",
    "RetourRaepa",
    "Tournee",
    "Travail",
    "Troncon",
    "Vidangeur",
    "ZonageAssainissement",
    "ZoneEnjeu",
]
