"""Importers of CNIG packages: read by the guarded opener, checked whole, then written in one transaction."""

from gis_data.contraintes.imports.base import Anomalie, ImportRefuse, Rapport
from gis_data.contraintes.imports.plu import importer_plu
from gis_data.contraintes.imports.sup import importer_sup

__all__ = ["Anomalie", "ImportRefuse", "Rapport", "importer_plu", "importer_sup"]
