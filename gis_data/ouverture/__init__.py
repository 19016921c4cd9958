"""The one door by which a geographic file given by a person comes in.

``ouvrir`` checks the bytes against the declared format, unpacks archives safely and has a child process,
limited and with one GDAL driver, read it. ``lire_pour_dessin`` gives a drawing what such a file holds.
"""

from gis_data.ouverture.dessin import LIMITES_DESSIN, ImportDessin, lire_pour_dessin
from gis_data.ouverture.formats import FORMATS, FichierRefuse
from gis_data.ouverture.garde import Contenu, CoucheLue, Limites, ObjetLu, ouvrir

__all__ = [
    "FORMATS",
    "LIMITES_DESSIN",
    "Contenu",
    "CoucheLue",
    "FichierRefuse",
    "ImportDessin",
    "Limites",
    "ObjetLu",
    "lire_pour_dessin",
    "ouvrir",
]
