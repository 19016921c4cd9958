"""Addresses of this app."""

from django.urls import URLPattern, path

from cadastre.vues import parcelle

urlpatterns: list[URLPattern] = [
    path("parcelles/<str:idu>.geojson", parcelle.geojson, name="parcelle_geojson"),
    path("parcelles/<str:ecrit>/", parcelle.fiche, name="parcelle"),
]
