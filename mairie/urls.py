"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, include, path

from mairie import views, vues_avis
from mairie.ecrans import ecrans, vues_reference
from mairie.ecrans.adresses import adresses
from mairie.vues import journal

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("mairie.urls_accueil")),
    path("", include("mairie.urls_carte")),
    path("", include("mairie.urls_courriers")),
    path("", include("mairie.urls_impression")),
    path("connexion/", include("mairie.comptes.urls")),
    path("administration/", include("mairie.comptes.urls_administration")),
    path("recherche/", views.recherche, name="recherche"),
    path("avis/<str:jeton>/", vues_avis.avis, name="avis"),
    path("consultations/<int:pk>/<slug:nom>/", vues_avis.acte, name="consultation_acte"),
    path("sante/", views.sante, name="sante"),
    path("journal/", journal.lire, name="journal"),
    path("journal/export/", journal.exporter, name="journal_export"),
    path("journal/totaux/", journal.totaux, name="journal_totaux"),
    path("", include("mairie.urls_bureau")),
    path("", include("mairie.urls_taches")),
    path("", include("mairie.urls_terrain")),
    path("reglages/tables/", vues_reference.lister, name="tables_reference"),
    path("", include("mairie.urls_tiers")),
    # Screens that every app has declared.
    *adresses(*ecrans()),
]
