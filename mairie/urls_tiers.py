"""Addresses of persons, streets and numbers, files."""

from django.urls import URLPattern, path

from mairie.vues import adresses, tiers

urlpatterns: list[URLPattern] = [
    path("adresses/", adresses.bases, name="adresses"),
    path("adresses/choisir/", adresses.choisir, name="adresses_choisir"),
    path("adresses/<str:insee>/bal.csv", adresses.export_bal, name="bal_csv"),
    path("adresses/voies/<int:pk>/", adresses.voie, name="voie"),
    path("adresses/voies/<int:pk>/numero/", adresses.nouvelle_adresse, name="adresse_nouvelle"),
    path("adresses/numeros/<int:pk>/", adresses.adresse, name="adresse"),
    path("adresses/numeros/<int:pk>/placer/", adresses.placer, name="adresse_placer"),
    path("tiers/doublons/", tiers.lister_doublons, name="tiers_doublons"),
    path("tiers/choisir/", tiers.choisir, name="tiers_choisir"),
    path("tiers/<int:pk>/fusionner/<int:autre>/", tiers.fusionner, name="tiers_fusionner"),
    path("tiers/fusions/<int:pk>/annuler/", tiers.annuler_fusion, name="tiers_fusion_annuler"),
    path("tiers/<int:pk>/droits/", tiers.droits_de_la_personne, name="tiers_droits"),
    path("tiers/<int:pk>/copie.zip", tiers.copie, name="tiers_copie"),
]
