"""Addresses of letters and mail."""

from __future__ import annotations

from django.urls import URLPattern, path

from mairie.vues import actes, courriels, courriers, modeles_courrier

urlpatterns: list[URLPattern] = [
    path("courriers/nouveau/", courriers.nouveau, name="courriers_nouveau"),
    path("courriers/dossier/<str:genre>/<int:pk>/", courriers.bureau, name="courriers_dossier"),
    path("courriers/dossier/<str:genre>/<int:pk>/preparer/", courriers.preparer, name="courriers_preparer"),
    path("courriers/modeles/nouveau/", modeles_courrier.nouveau, name="modele_courrier_nouveau"),
    path("courriers/modeles/livres/", modeles_courrier.livres, name="modeles_livres"),
    path("courriers/modeles/<int:pk>/", modeles_courrier.modele, name="modele_courrier"),
    path("courriers/modeles/<int:pk>/<slug:acte>/", modeles_courrier.agir, name="modele_courrier_agir"),
    path(
        "courriers/modeles/<int:pk>/version-<int:numero>.pdf",
        modeles_courrier.apercu,
        name="modele_courrier_apercu",
    ),
    path("reglages/en-tetes/", modeles_courrier.lister_entetes, name="entetes"),
    path("reglages/en-tetes/<str:code>/", modeles_courrier.entete, name="entete"),
    path("reglages/en-tetes/<str:code>/logo/", modeles_courrier.logo, name="entete_logo"),
    path("reglages/en-tetes/<str:code>/<slug:metier>/", modeles_courrier.entete, name="entete_metier"),
    path(
        "reglages/en-tetes/<str:code>/<slug:metier>/logo/", modeles_courrier.logo, name="entete_metier_logo"
    ),
    path("courriers/<int:pk>/", courriers.lettre, name="courrier"),
    path("courriers/<int:pk>/lettre.pdf", courriers.pdf, name="courrier_pdf"),
    path("courriers/<int:pk>/<slug:acte>/", courriers.agir, name="courrier_agir"),
    path("actes/<str:code>/", actes.verifier, name="acte_public"),
    path("reglages/courriels/", courriels.lister, name="courriels"),
    path("reglages/courriels/envoyer/", courriels.envoyer, name="courriels_envoyer"),
    path("reglages/courriels/<int:pk>/relancer/", courriels.relancer, name="courriels_relancer"),
    path("reglages/courriels/<int:pk>/abandonner/", courriels.abandonner, name="courriels_abandonner"),
]
