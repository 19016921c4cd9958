"""Addresses of letters and mail."""

from __future__ import annotations

from django.urls import URLPattern, path

from mairie.vues import actes, courriels

urlpatterns: list[URLPattern] = [
    path("actes/<str:code>/", actes.verifier, name="acte_public"),
    path("reglages/courriels/", courriels.lister, name="courriels"),
    path("reglages/courriels/envoyer/", courriels.envoyer, name="courriels_envoyer"),
    path("reglages/courriels/<int:pk>/relancer/", courriels.relancer, name="courriels_relancer"),
    path("reglages/courriels/<int:pk>/abandonner/", courriels.abandonner, name="courriels_abandonner"),
]
