"""Addresses of this app: map and tiles."""

from django.urls import URLPattern, path

from gis_data.carte import vues as carte
from gis_data.tuiles import vues as tuiles

urlpatterns: list[URLPattern] = [
    path("carte/", carte.carte, name="carte"),
    path("carte/integree/", carte.carte_integree, name="carte_integree"),
    path("carte/identifier", carte.vue_identifier, name="carte_identifier"),
    path("carte/objet/<slug:nom>/<str:cle>", carte.vue_objet, name="carte_objet"),
    path("carte/couches.json", carte.vue_couches, name="carte_couches"),
    path("tuiles/style.json", tuiles.style, name="tuiles_style"),
    path("tuiles/<slug:nom>.json", tuiles.tilejson, name="tuiles_tilejson"),
    path("tuiles/<slug:nom>/<int:z>/<int:x>/<int:y>.pbf", tuiles.tuile, name="tuiles_tuile"),
]
