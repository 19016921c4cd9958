"""Addresses of the home and of the agents' frame."""

from django.urls import URLPattern, path

from mairie.vues import accueil, cadre, premiers_pas

urlpatterns: list[URLPattern] = [
    path("", accueil.accueil, name="accueil"),
    path("demarches/", accueil.demarches, name="demarches"),
    path("commune/", cadre.choisir_commune, name="choisir_commune"),
    path("bureau/charte/", cadre.charte, name="charte"),
    path("reglages/premiers-pas/", premiers_pas.premiers_pas, name="premiers_pas"),
]
