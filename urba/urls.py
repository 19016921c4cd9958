"""Addresses of the permits. The list of dossiers is declared in ``urba.ecrans``."""

from django.urls import URLPattern, path

from urba.vues import (
    bureau,
    courriers,
    depot,
    dossier,
    lies,
    lots,
    pieces,
    signature,
    suites,
    suivi,
    technique,
    terrain,
)

urlpatterns: list[URLPattern] = [
    path("urba/", bureau.bureau, name="urba_bureau"),
    path("urba/deposer/", depot.nouveau, name="urba_deposer"),
    path("urba/deposer/delai", depot.apercu_delai, name="urba_apercu_delai"),
    path("urba/dossiers/<int:pk>/", dossier.dossier, name="urba_dossier"),
    path("urba/dossiers/<int:pk>/annuler/", dossier.annuler, name="urba_annuler"),
    path("urba/dossiers/<int:pk>/cle/", suivi.cle, name="urba_cle"),
    path("urba/dossiers/<int:pk>/consulter/", dossier.consulter, name="urba_consulter"),
    path("urba/dossiers/<int:pk>/liens/", lies.lier, name="urba_lier"),
    path("urba/dossiers/<int:pk>/contraintes/", lies.contraintes, name="urba_contraintes"),
    path("urba/dossiers/<int:pk>/lots/", lots.lots_dossier, name="urba_lots_dossier"),
    path("urba/dossiers/<int:pk>/demander/<slug:nature>/", suites.demander_suite, name="urba_demander"),
    path("urba/dossiers/<int:pk>/technique/", technique.technique_dossier, name="urba_technique"),
    path("urba/dossiers/<int:pk>/terrain/", terrain.terrain, name="urba_terrain"),
    path("urba/dossiers/<int:pk>/pieces/<slug:code>/", pieces.examiner, name="urba_examiner_piece"),
    path("urba/dossiers/<int:pk>/evenements/<slug:code>/", dossier.evenement, name="urba_evenement"),
    path("urba/dossiers/<int:pk>/courriers/<slug:code>/", courriers.preparer, name="urba_courrier_preparer"),
    path(
        "urba/dossiers/<int:pk>/courriers/<int:courrier>/reputee-recue/",
        courriers.reputer,
        name="urba_courrier_reputer",
    ),
    path("urba/suivi/<str:numero>/", suivi.suivi, name="urba_suivi"),
    path("urba/signature/", signature.signature, name="urba_signature"),
    path("urba/signature/<int:pk>/renvoyer/", signature.renvoyer, name="urba_renvoyer"),
]
