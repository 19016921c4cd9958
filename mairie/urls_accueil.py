"""Addresses of the home and of the agents' frame."""

from django.urls import URLPattern, path

from mairie.vues import accueil, cadre, premiers_pas, simulateurs, suivi

urlpatterns: list[URLPattern] = [
    path("", accueil.accueil, name="accueil"),
    path("autour/", accueil.autour, name="autour"),
    path("demarches/", accueil.demarches, name="demarches"),
    path("suivi/", suivi.suivi, name="suivi_usager"),
    path("suivi/fermer/", suivi.fermer, name="suivi_fermer"),
    path("simulateurs/", simulateurs.index, name="simulateurs"),
    path("simulateurs/<slug:code>/", simulateurs.simulateur, name="simulateur"),
    path("commune/", cadre.choisir_commune, name="choisir_commune"),
    path("bureau/charte/", cadre.charte, name="charte"),
    path("reglages/premiers-pas/", premiers_pas.premiers_pas, name="premiers_pas"),
]
