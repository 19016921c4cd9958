"""Layers of the cadastral plan: what they hold (``plan``, ``details``), how they look (``dessins``)."""

from cadastre.couches.decoupage import COUCHES_DECOUPAGE
from cadastre.couches.details import COUCHES_DETAILS
from cadastre.couches.plan import COUCHES_PLAN
from gis_data.couches import Groupe, enregistrer, enregistrer_groupe


def enregistrer_couches() -> None:
    """Called once, when the applications are ready."""
    enregistrer_groupe(Groupe("plan", "Plan cadastral"))
    enregistrer(*COUCHES_DECOUPAGE, *COUCHES_PLAN, *COUCHES_DETAILS)
