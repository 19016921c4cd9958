"""Tables of the permits, one module a subject."""

from urba.models.dossiers import DossierAutorisation, DossierInstruction, LienDossier
from urba.models.personnes import DemandeurDossier
from urba.models.pieces import ExamenPiece
from urba.models.projet import DonneesTechniques
from urba.models.terrain import DossierParcelle, Terrain

__all__ = [
    "DemandeurDossier",
    "DonneesTechniques",
    "DossierAutorisation",
    "DossierInstruction",
    "DossierParcelle",
    "ExamenPiece",
    "LienDossier",
    "Terrain",
]
