"""Addresses: each app keeps its own list; the fixed ones are in the design."""

from django.urls import include, path

urlpatterns = [
    path("", include("mairie.urls")),
    path("", include("gis_data.urls")),
    path("", include("cadastre.urls")),
]
