"""Command ``importer_plu``."""

from gis_data.contraintes.imports import importer_plu
from gis_data.contraintes.imports.commande import CommandeImport


class Command(CommandeImport):
    """See ``docs/plu-et-servitudes.md``."""

    help = "Importe des documents d'urbanisme au standard CNIG (PLU, PLUi, POS, CC, PSMV)."
    genre = "plu"
    importer = staticmethod(importer_plu)
