"""Entries of the agents' rail that belong to the shared floor."""

from mairie.menu import Rubrique, ajouter


def declarer() -> None:
    """The entries that every agent has; each subject adds its own beside them."""
    ajouter(
        Rubrique("bureau", "Bureau", "bi-inboxes", "/bureau/", 0, touche="b"),
        Rubrique("carte", "Carte", "bi-map", "/carte/", 10, touche="c"),
        Rubrique("recherche", "Recherche", "bi-search", "/recherche/", 20, touche="r"),
        Rubrique("cadastre", "Cadastre", "bi-grid-1x2", "/cadastre/", 30, touche="k"),
    )
