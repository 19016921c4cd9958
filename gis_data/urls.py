"""Addresses of this app: map, tiles, OGC API Features."""

from django.urls import URLPattern, path

from gis_data.carte import pages
from gis_data.carte import vues as carte
from gis_data.carte.export import vue_export
from gis_data.contraintes.urls import urlpatterns as contraintes
from gis_data.dessin import vues as dessin
from gis_data.ogc.urls import urlpatterns as ogc
from gis_data.tuiles import vues as tuiles

urlpatterns: list[URLPattern] = [
    path("carte/", pages.carte, name="carte"),
    path("carte/integree/", pages.carte_integree, name="carte_integree"),
    path("carte/identifier", carte.vue_identifier, name="carte_identifier"),
    path("carte/objet/<slug:nom>/<str:cle>", carte.vue_objet, name="carte_objet"),
    path("carte/objets", carte.vue_liste, name="carte_liste"),
    path("carte/filtres/<slug:nom>", carte.vue_filtres, name="carte_filtres"),
    path("carte/export/<slug:nom>.<slug:format_>", vue_export, name="carte_export"),
    path("carte/jours", carte.vue_jours, name="carte_jours"),
    path("carte/mesure", carte.vue_mesure, name="carte_mesure"),
    path("carte/coordonnees", carte.vue_coordonnees, name="carte_coordonnees"),
    path("carte/style-interne.json", carte.vue_style_interne, name="carte_style_interne"),
    path("carte/dessin/operation", dessin.operation, name="dessin_operation"),
    path("carte/dessin/importer", dessin.importer, name="dessin_importer"),
    path("carte/dessin/accroches", dessin.vue_accroches, name="dessin_accroches"),
    path("carte/dessin/parcelles", dessin.vue_parcelles, name="dessin_parcelles"),
    path("carte/couches.json", carte.vue_couches, name="carte_couches"),
    path("tuiles/style.json", tuiles.style, name="tuiles_style"),
    path("tuiles/<slug:nom>.json", tuiles.tilejson, name="tuiles_tilejson"),
    path("tuiles/<slug:nom>/<int:z>/<int:x>/<int:y>.pbf", tuiles.tuile, name="tuiles_tuile"),
    *contraintes,
    *ogc,
]
