"""Addresses of tasks."""

from django.urls import path

from mairie.vues import taches

urlpatterns = [
    path("reglages/taches/", taches.lister, name="taches"),
    path("reglages/taches/<int:pk>/", taches.detail, name="tache"),
    path("reglages/taches/<int:pk>/relancer/", taches.relancer_une, name="tache_relancer"),
    path("reglages/taches/programmes/<str:code>/", taches.lancer_programme, name="programme_lancer"),
    path("reglages/taches/programmes/<str:code>/regler/", taches.regler_programme, name="programme_regler"),
    path("taches/<int:pk>/", taches.suivre, name="tache_suivre"),
]
