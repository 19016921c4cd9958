"""Addresses of the public domain. The list of files is declared in ``domainepublic.ecrans``."""

from django.urls import URLPattern, path

from domainepublic.vues import (
    affichette,
    bureau,
    conflits,
    constats,
    coordination,
    courriers,
    demande,
    depot,
    dossier,
    emprises,
    flux,
    mesures,
    renouvellement,
    roles,
    suivi,
    tarifs,
    travaux_publics,
)

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
    path(f"{BASE}demande/", demande.commencer, name="odp_demande"),
    path(f"{BASE}demande/envoyee/", demande.envoyee, name="odp_demande_envoyee"),
    path(f"{BASE}demande/<str:jeton>/", demande.reprendre, name="odp_demande_reprise"),
    path(f"{BASE}demande/<str:jeton>/<slug:etape>/", demande.etape, name="odp_demande_etape"),
    path(f"{BASE}suivi/<str:numero>/", suivi.suivi, name="odp_suivi"),
    path(f"{BASE}travaux/", travaux_publics.carte, name="odp_travaux"),
    path(f"{BASE}travaux/<int:pk>/", travaux_publics.chantier, name="odp_chantier"),
    path(f"{BASE}constats/<int:pk>/", constats.constat, name="odp_constat"),
    path(f"{BASE}constats/<int:pk>/<slug:quoi>/", constats.agir, name="odp_constat_agir"),
    path(f"{BASE}dossiers/<int:pk>/facturer-sans-titre/", constats.facturer, name="odp_facturer_sans_titre"),
    path(f"{BASE}dossiers/<int:pk>/mesures/ajouter/", mesures.ajouter, name="odp_mesure_ajouter"),
    path(
        f"{BASE}dossiers/<int:pk>/mesures/<int:mesure>/retirer/", mesures.retirer, name="odp_mesure_retirer"
    ),
    path(f"{BASE}dossiers/<int:pk>/dialog/", mesures.charge, name="odp_dialog"),
    path(f"{BASE}conflits/apercu/", conflits.apercu, name="odp_conflits_apercu"),
    path(f"{BASE}calendrier/", coordination.calendrier, name="odp_calendrier"),
    path(f"{BASE}calendrier/declarer/", coordination.nouveaux, name="odp_travaux_nouveaux"),
    path(f"{BASE}calendrier/<int:pk>/", coordination.travail, name="odp_travail"),
    path(f"{BASE}calendrier/<int:pk>/occuper/", coordination.occuper, name="odp_travail_occuper"),
    path(f"{BASE}calendrier/<int:pk>/<slug:code>/", coordination.evenement, name="odp_travail_evenement"),
    path(f"{BASE}dossiers/<int:pk>/courriers/<slug:code>/", courriers.preparer, name="odp_courrier_preparer"),
    path(
        f"{BASE}dossiers/<int:pk>/affichette-<slug:taille>.pdf", affichette.affichette, name="odp_affichette"
    ),
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
