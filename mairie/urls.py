"""Addresses of this app."""

from django.urls import URLPattern, path

from mairie import views

urlpatterns: list[URLPattern] = [
    path("", views.accueil, name="accueil"),
    path("recherche/", views.recherche, name="recherche"),
    path("sante/", views.sante, name="sante"),
]
