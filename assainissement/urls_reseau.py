"""Addresses of the sewer network. Lists and pages of objects are declared in ``reseau.ecrans``."""

from django.urls import URLPattern, path

from assainissement.vues import imports_reseau, reseau

BASE = "assainissement/reseau/"

urlpatterns: list[URLPattern] = [
    path(BASE, reseau.reseau, name="ass_reseau"),
    path(f"{BASE}autour/", reseau.autour, name="ass_reseau_autour"),
    path(f"{BASE}suivre/<slug:genre>/<int:pk>/<slug:sens>/", reseau.suivre, name="ass_suivre"),
    path(f"{BASE}canalisations/<int:pk>/profil/", reseau.profil_en_long, name="ass_profil"),
    path(f"{BASE}exporter/<slug:insee>/<slug:format_>/", reseau.exporter, name="ass_raepa_exporter"),
    path(f"{BASE}<slug:genre>/<int:pk>/intervention/", reseau.noter, name="ass_intervention_noter"),
    path(f"{BASE}interventions/<int:pk>/", reseau.intervention, name="ass_intervention"),
    path(f"{BASE}importer/", imports_reseau.deposer, name="ass_raepa_importer"),
    path(f"{BASE}imports/<int:pk>/", imports_reseau.page, name="ass_raepa_import"),
    path(f"{BASE}imports/<int:pk>/rejets/", imports_reseau.rejets, name="ass_raepa_rejets"),
]
