"""Tables of sanitation, one module a subject."""

from assainissement.models.controles import Controle, Observation, Travail
from assainissement.models.installations import (
    Element,
    Installation,
    InstallationAdresse,
    InstallationParcelle,
    InstallationTiers,
)
from assainissement.models.obligations import Obligation
from assainissement.models.points import PointControle
from assainissement.models.redevances import Contrat, LigneRedevance, LotRedevance
from assainissement.models.reglement import ReglementService
from assainissement.models.tarifs import DeliberationTarif, LigneTarif, ParametreLoi
from assainissement.models.zonage import ZonageAssainissement, ZoneEnjeu

__all__ = [
    "Contrat",
    "Controle",
    "DeliberationTarif",
    "Element",
    "Installation",
    "InstallationAdresse",
    "InstallationParcelle",
    "InstallationTiers",
    "LigneRedevance",
    "LigneTarif",
    "LotRedevance",
    "Obligation",
    "Observation",
    "ParametreLoi",
    "PointControle",
    "ReglementService",
    "Travail",
    "ZonageAssainissement",
    "ZoneEnjeu",
]
