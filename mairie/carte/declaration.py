"""What the town hall declares about the map."""

from gis_data.carte import extensions
from mairie.carte.vues import reglages
from mairie.menu import Rubrique, ajouter
from mairie.perms import ADMINISTRER


def declarer() -> None:
    """Saved views on the map page; the administrator's list of sites in the rail."""
    extensions.ajouter("vues", reglages)
    ajouter(
        Rubrique(
            "carte_sites",
            "Sites qui montrent la carte",
            "bi-window-stack",
            "/reglages/carte/",
            940,
            ADMINISTRER,
            groupe="Administration",
        )
    )
