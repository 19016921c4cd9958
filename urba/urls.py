"""Addresses of the permits. The list of dossiers is declared in ``urba.ecrans``."""

from django.urls import URLPattern, path

from urba.vues import bureau, depot, dossier

urlpatterns: list[URLPattern] = [
    path("urba/", bureau.bureau, name="urba_bureau"),
    path("urba/deposer/", depot.nouveau, name="urba_deposer"),
    path("urba/deposer/delai", depot.apercu_delai, name="urba_apercu_delai"),
    path("urba/dossiers/<int:pk>/", dossier.dossier, name="urba_dossier"),
    path("urba/dossiers/<int:pk>/annuler/", dossier.annuler, name="urba_annuler"),
    path("urba/dossiers/<int:pk>/consulter/", dossier.consulter, name="urba_consulter"),
    path("urba/dossiers/<int:pk>/evenements/<slug:code>/", dossier.evenement, name="urba_evenement"),
]
