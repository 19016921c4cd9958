"""What accounts bring to the registries of the house, from ``AppConfig.ready``."""

from mairie.comptes import traces
from mairie.menu import Rubrique, ajouter
from mairie.perms import ADMINISTRER

GROUPE = "Administration"


def declarer() -> None:
    """Lines of the log, entries of the rail."""
    traces.declarer_actions()
    ajouter(
        Rubrique(
            "agents", "Agents et élus", "bi-person-badge", "/administration/personnes/", 800,
            ADMINISTRER, GROUPE
        ),
        Rubrique(
            "invitations", "Invitations", "bi-envelope-plus", "/administration/invitations/", 810,
            ADMINISTRER, GROUPE,
        ),
        Rubrique(
            "delegations", "Signatures", "bi-pen", "/administration/delegations/", 820, ADMINISTRER, GROUPE
        ),
        Rubrique(
            "collectivites", "Collectivités", "bi-bank", "/administration/collectivites/", 830,
            ADMINISTRER, GROUPE,
        ),
    )  # fmt: skip
