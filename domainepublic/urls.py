"""Addresses of the public domain. The list of files is declared in ``domainepublic.ecrans``."""

from django.urls import URLPattern, path

from domainepublic.vues import bureau, conflits, depot, dossier, emprises, flux, renouvellement, roles, tarifs

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
    path(f"{BASE}dossiers/<int:pk>/conflits/", conflits.recalculer, name="odp_conflits"),
    path(f"{BASE}dossiers/<int:pk>/conflits/<int:conflit>/lever/", conflits.lever, name="odp_conflit_lever"),
    path(f"{BASE}flux/chantiers.geojson", flux.chantiers, name="odp_flux_chantiers"),
    path(f"{BASE}flux/voie/<str:code>.<slug:genre>", flux.voie, name="odp_flux_voie"),
    path(f"{BASE}renouvellement/", renouvellement.renouvellement, name="odp_renouvellement"),
    path(f"{BASE}tarifs/", tarifs.liste, name="odp_tarifs"),
    path(f"{BASE}tarifs/<int:pk>/", tarifs.grille, name="odp_grille"),
    path(f"{BASE}tarifs/<int:pk>/<slug:quoi>/", tarifs.modifier, name="odp_grille_modifier"),
    path(f"{BASE}roles/", roles.liste, name="odp_roles"),
    path(f"{BASE}roles/preparer/<str:insee>/", roles.preparer, name="odp_role_preparer"),
    path(f"{BASE}roles/<int:pk>/", roles.role, name="odp_role"),
    path(f"{BASE}roles/<int:pk>/fichier.<slug:genre>", roles.fichier, name="odp_role_fichier"),
    path(f"{BASE}roles/<int:pk>/titres/<int:titre>/", roles.encaisser, name="odp_titre_encaisser"),
    path(f"{BASE}roles/<int:pk>/<slug:quoi>/", roles.agir, name="odp_role_agir"),
]
