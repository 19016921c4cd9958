"""Tables of the permits, one module a subject."""

from urba.models.contraintes import ContrainteDossier, ControleCouches
from urba.models.dossiers import DossierAutorisation, DossierInstruction, LienDossier
from urba.models.lots import Lot, TitulaireLot
from urba.models.personnes import DemandeurDossier
from urba.models.pieces import ExamenPiece
from urba.models.projet import DonneesTechniques
from urba.models.terrain import DossierParcelle, Terrain

__all__ = [
    "ContrainteDossier",
    "ControleCouches",
    "DemandeurDossier",
    "DonneesTechniques",
    "DossierAutorisation",
    "DossierInstruction",
    "DossierParcelle",
    "ExamenPiece",
    "LienDossier",
    "Lot",
    "Terrain",
    "TitulaireLot",
]
