"""Addresses of the constraints, part of the map's."""

from django.urls import URLPattern, path

from gis_data.contraintes import vues

urlpatterns: list[URLPattern] = [
    path("carte/pieces/<int:numero>", vues.piece, name="carte_piece"),
]
