"""Addresses of the field: rounds, who makes a control, the new version of a report."""

from django.urls import URLPattern, path

from assainissement.vues import terrain, tournees

BASE = "assainissement/"
CONTROLE = f"{BASE}controles/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(f"{CONTROLE}affecter/", terrain.affecter, name="ass_affecter"),
    path(f"{CONTROLE}rectifier/", terrain.rectifier, name="ass_rectifier"),
    path(f"{BASE}tournees/nouvelle/", tournees.nouvelle, name="ass_tournee_nouvelle"),
    path(f"{BASE}tournees/<int:pk>/", tournees.tournee, name="ass_tournee"),
    path(f"{BASE}tournees/<int:pk>/feuille.pdf", tournees.feuille, name="ass_tournee_feuille"),
    path(f"{BASE}tournees/<int:pk>/changer/", tournees.changer, name="ass_tournee_changer"),
]
