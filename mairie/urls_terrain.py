"""Addresses of the field, all under the scope of one worker."""

from django.urls import URLPattern, path

from mairie.hors_ligne import vues

urlpatterns: list[URLPattern] = [
    path("terrain/", vues.accueil, name="terrain"),
    path("terrain/service.js", vues.service, name="terrain_service"),
    path("terrain/etat", vues.etat, name="terrain_etat"),
    path("terrain/<slug:code>/<str:cle>/", vues.fiche, name="terrain_fiche"),
]
