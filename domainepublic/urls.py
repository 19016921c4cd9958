"""Addresses of the public domain. The list of files is declared in ``domainepublic.ecrans``."""

from django.urls import URLPattern, path

from domainepublic.vues import bureau, depot, dossier, emprises

BASE = "domaine-public/"

urlpatterns: list[URLPattern] = [
    path(BASE, bureau.bureau, name="odp_bureau"),
    path(f"{BASE}deposer/", depot.nouveau, name="odp_deposer"),
    path(f"{BASE}dossiers/<int:pk>/", dossier.dossier, name="odp_dossier"),
    path(f"{BASE}dossiers/<int:pk>/annuler/", dossier.annuler, name="odp_annuler"),
    path(f"{BASE}dossiers/<int:pk>/faits/", dossier.faits, name="odp_faits"),
    path(f"{BASE}dossiers/<int:pk>/emprises/ajouter/", emprises.ajouter, name="odp_emprise_ajouter"),
    path(f"{BASE}dossiers/<int:pk>/emprises/<int:rang>/", emprises.modifier, name="odp_emprise_modifier"),
    path(
        f"{BASE}dossiers/<int:pk>/emprises/<int:rang>/retirer/",
        emprises.retirer,
        name="odp_emprise_retirer",
    ),
    path(f"{BASE}dossiers/<int:pk>/evenements/<slug:code>/", dossier.evenement, name="odp_evenement"),
]
