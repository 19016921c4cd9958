"""Addresses: each app keeps its own list; the fixed ones are in the design."""

from django.contrib import admin
from django.urls import include, path

from config.api import api

handler400 = "mairie.erreurs.invalide"
handler403 = "mairie.erreurs.refusee"
handler404 = "mairie.erreurs.introuvable"
handler500 = "mairie.erreurs.panne"

urlpatterns = [
    path("api/", api.urls),
    path("django/", admin.site.urls),
    path("", include("mairie.urls")),
    path("", include("gis_data.urls")),
    path("", include("cadastre.urls")),
    path("", include("urba.urls")),
    path("", include("assainissement.urls")),
    path("", include("domainepublic.urls")),
]
