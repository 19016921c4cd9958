"""Addresses of printing to scale."""

from django.urls import URLPattern, path

from mairie.impression import vues

urlpatterns: list[URLPattern] = [
    path("carte/impression/plan.pdf", vues.plan, name="carte_impression"),
    path("carte/impression/cadre", vues.cadre, name="carte_impression_cadre"),
    path("carte/impression/note.pdf", vues.note, name="carte_note"),
    path("carte/impression/serie/", vues.serie, name="impression_serie"),
    path("carte/impression/<int:pk>/plan.pdf", vues.telecharger, name="impression_pdf"),
]
