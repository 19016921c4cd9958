"""Tables of the public domain, one module a subject."""

from domainepublic.models.conflits import Compatibilite, Conflit
from domainepublic.models.constats import Constat
from domainepublic.models.dossiers import DossierODP
from domainepublic.models.emprises import Emprise
from domainepublic.models.factures import LigneFacturable, Paiement, Role, Titre
from domainepublic.models.liens import Alerte, Proposition, Riverain
from domainepublic.models.mesures import MesureCirculation
from domainepublic.models.parametres import ParametreODP, ValeurParametre
from domainepublic.models.programmes import LigneProgramme
from domainepublic.models.publicites import Interet
from domainepublic.models.reglages import ReglageType
from domainepublic.models.tarifs import GrilleTarifaire, Tarif, ZoneTarifaire
from domainepublic.models.travaux import DemandeTravaux, RevetementVoie
from domainepublic.models.types import TypeOccupation
from domainepublic.models.voirie import GestionVoirie, LigneBus, PointEau, TransfertPolice

__all__ = [
    "Alerte",
    "Compatibilite",
    "Conflit",
    "Constat",
    "DemandeTravaux",
    "DossierODP",
    "Emprise",
    "GestionVoirie",
    "GrilleTarifaire",
    "Interet",
    "LigneBus",
    "LigneFacturable",
    "LigneProgramme",
    "MesureCirculation",
    "Paiement",
    "ParametreODP",
    "PointEau",
    "Proposition",
    "ReglageType",
    "RevetementVoie",
    "Riverain",
    "Role",
    "Tarif",
    "Titre",
    "TransfertPolice",
    "TypeOccupation",
    "ValeurParametre",
    "ZoneTarifaire",
]
