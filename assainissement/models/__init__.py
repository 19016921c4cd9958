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
from assainissement.models.reglement import ReglementService
from assainissement.models.zonage import ZonageAssainissement, ZoneEnjeu

__all__ = [
    "Controle",
    "Element",
    "Installation",
    "InstallationAdresse",
    "InstallationParcelle",
    "InstallationTiers",
    "Obligation",
    "Observation",
    "PointControle",
    "ReglementService",
    "Travail",
    "ZonageAssainissement",
    "ZoneEnjeu",
]
