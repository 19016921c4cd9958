"""Addresses of the service, below ``/ogc/``."""

from django.urls import URLPattern, path

from gis_data.ogc import vues

urlpatterns: list[URLPattern] = [
    path("ogc/", vues.accueil, name="ogc"),
    path("ogc/conformance", vues.conformite, name="ogc_conformite"),
    path("ogc/api", vues.api, name="ogc_api"),
    path("ogc/collections", vues.collections, name="ogc_collections"),
    path("ogc/collections/<slug:nom>", vues.collection, name="ogc_collection"),
    path("ogc/collections/<slug:nom>/queryables", vues.proprietes, name="ogc_proprietes"),
    path("ogc/collections/<slug:nom>/items", vues.objets, name="ogc_objets"),
    path("ogc/collections/<slug:nom>/items/<str:identifiant>", vues.objet, name="ogc_objet"),
]
