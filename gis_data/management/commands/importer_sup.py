"""Command ``importer_sup``."""

from gis_data.contraintes.imports import importer_sup
from gis_data.contraintes.imports.commande import CommandeImport


class Command(CommandeImport):
    """See ``docs/plu-et-servitudes.md``."""

    help = "Importe des lots de servitudes d'utilité publique au standard CNIG."
    genre = "sup"
    importer = staticmethod(importer_sup)
