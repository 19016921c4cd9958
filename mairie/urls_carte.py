"""Addresses of what the town hall adds to the map."""

from django.urls import URLPattern, path

from mairie.carte import sites, vues

urlpatterns: list[URLPattern] = [
    path("reglages/carte/", sites.sites, name="carte_sites"),
    path("reglages/carte/<int:pk>/retirer/", sites.retirer, name="carte_site_retirer"),
    path("carte/vues/", vues.vues, name="carte_vues"),
    path("carte/vues/<int:pk>/supprimer", vues.supprimer, name="carte_vue_supprimer"),
]
