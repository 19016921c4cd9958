"""What the town hall declares about the map."""

from datetime import timedelta

from gis_data.carte import extensions
from gis_data.tuiles import cache
from mairie.carte.tuiles import reconstruire_tuiles
from mairie.carte.vues import reglages
from mairie.menu import Rubrique, ajouter
from mairie.perms import ADMINISTRER
from mairie.taches.programmes import Programme, programmer


def declarer() -> None:
    """Saved views on the map page; the administrator's list of sites in the rail."""
    extensions.ajouter("vues", reglages)
    programmer(
        Programme(
            "mairie.reconstruire_tuiles",
            "Tuiles de la carte",
            reconstruire_tuiles,
            intervalle=timedelta(minutes=5),
            condition=cache.actif,
        )
    )
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
