"""Addresses of the planning documents and of the declared layers, part of the map's."""

from django.urls import URLPattern, path, re_path

from gis_data.contraintes import gestion, vues

urlpatterns: list[URLPattern] = [
    path("carte/pieces/<int:numero>", vues.piece, name="carte_piece"),
    path("carte/donnees/", gestion.accueil, name="donnees"),
    re_path(r"^carte/donnees/importer/(?P<genre>plu|sup)/$", gestion.importer, name="donnees_importer"),
    path("carte/donnees/rapports/<int:travail>/", gestion.rapport, name="donnees_rapport"),
    path("carte/donnees/documents/<int:pk>/retirer/", gestion.retirer_document, name="donnees_retirer"),
    path("carte/donnees/couches/nouvelle/", gestion.declarer, name="donnees_declarer"),
    path("carte/donnees/couches/<int:pk>/", gestion.couche, name="donnees_couche"),
    path("carte/donnees/couches/<int:pk>/remplacer/", gestion.remplacer, name="donnees_remplacer"),
    path("carte/donnees/couches/<int:pk>/retirer/", gestion.retirer_couche, name="donnees_retirer_couche"),
]
