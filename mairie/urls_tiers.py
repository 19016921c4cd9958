"""Addresses of persons, streets and numbers, files."""

from django.urls import URLPattern, path

from mairie.vues import adresses, pieces, tiers

urlpatterns: list[URLPattern] = [
    path("adresses/", adresses.bases, name="adresses"),
    path("adresses/choisir/", adresses.choisir, name="adresses_choisir"),
    path("adresses/<str:insee>/bal.csv", adresses.export_bal, name="bal_csv"),
    path("adresses/voies/<int:pk>/", adresses.voie, name="voie"),
    path("adresses/voies/<int:pk>/numero/", adresses.nouvelle_adresse, name="adresse_nouvelle"),
    path("adresses/numeros/<int:pk>/", adresses.adresse, name="adresse"),
    path("adresses/numeros/<int:pk>/placer/", adresses.placer, name="adresse_placer"),
    path("pieces/<str:genre>/<int:pk>/deposer/", pieces.deposer, name="pieces_deposer"),
    path("pieces/<str:genre>/<int:pk>/toutes.zip", pieces.toutes, name="pieces_zip"),
    path("pieces/<uuid:uuid>/", pieces.piece, name="piece"),
    path("pieces/<uuid:uuid>/fichier", pieces.fichier, name="piece_fichier"),
    path("pieces/<uuid:uuid>/vignette", pieces.vignette, name="piece_vignette"),
    path("pieces/<uuid:uuid>/apercu/<int:page>", pieces.apercu, name="piece_apercu"),
    path("pieces/<uuid:uuid>/copie", pieces.copie, name="piece_copie"),
    path("pieces/<uuid:uuid>/publique", pieces.publique, name="piece_publique"),
    path("pieces/<uuid:uuid>/publier/", pieces.publier, name="piece_publier"),
    path("pieces/<uuid:uuid>/retirer/", pieces.retirer, name="piece_retirer"),
    path("pieces/<uuid:uuid>/flouter/", pieces.flouter, name="piece_flouter"),
    path("tiers/doublons/", tiers.lister_doublons, name="tiers_doublons"),
    path("tiers/choisir/", tiers.choisir, name="tiers_choisir"),
    path("tiers/<int:pk>/fusionner/<int:autre>/", tiers.fusionner, name="tiers_fusionner"),
    path("tiers/fusions/<int:pk>/annuler/", tiers.annuler_fusion, name="tiers_fusion_annuler"),
    path("tiers/<int:pk>/droits/", tiers.droits_de_la_personne, name="tiers_droits"),
    path("tiers/<int:pk>/copie.zip", tiers.copie, name="tiers_copie"),
]
