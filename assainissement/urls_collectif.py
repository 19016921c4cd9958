"""Addresses of connections, of their controls, of the yearly report, of upkeep and of imports."""

from django.urls import URLPattern, path

from assainissement.vues import controles_ac, entretiens, raccordements, rpqs, zonage, zonage_import

BASE = "assainissement/"
BRANCHEMENT = f"{BASE}branchements/<int:pk>/"
CONTROLE_AC = f"{BASE}controles-ac/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(f"{BASE}branchements/nouveau/", raccordements.nouveau, name="ass_branchement_nouveau"),
    path(BRANCHEMENT, raccordements.branchement, name="ass_branchement"),
    path(f"{BRANCHEMENT}modifier/", raccordements.modifier, name="ass_branchement_modifier"),
    path(f"{BRANCHEMENT}raccorder/", raccordements.raccorder, name="ass_branchement_raccorder"),
    path(f"{BRANCHEMENT}deroger/", raccordements.deroger, name="ass_branchement_deroger"),
    path(f"{BRANCHEMENT}corriger-date/", raccordements.corriger_jour, name="ass_branchement_corriger_date"),
    path(
        f"{BRANCHEMENT}derogations/<int:derogation>/",
        raccordements.corriger_derogation,
        name="ass_derogation_corriger",
    ),
    path(f"{BASE}rpqs/", rpqs.annexe, name="ass_rpqs"),
    path(f"{BASE}rpqs/lignes/", rpqs.lignes, name="ass_rpqs_lignes"),
    path(f"{BASE}rpqs/csv/", rpqs.csv, name="ass_rpqs_csv"),
    path(f"{BASE}rpqs/pdf/", rpqs.pdf, name="ass_rpqs_pdf"),
    path(f"{BASE}rpqs/saisir/", rpqs.saisir, name="ass_rpqs_saisir"),
    path(f"{BASE}rpqs/publier/", rpqs.publier, name="ass_rpqs_publier"),
    path(f"{BASE}installations/<int:pk>/entretiens/", entretiens.nouveau, name="ass_entretien"),
    path(
        f"{BASE}installations/<int:pk>/entretiens/<int:entretien>/",
        entretiens.corriger,
        name="ass_entretien_corriger",
    ),
    path(f"{BASE}zonage/importer/", zonage_import.deposer, name="ass_zonage_importer"),
    path(
        f"{BASE}zonage/importer-enjeux/",
        zonage_import.deposer,
        {"genre": "enjeu"},
        name="ass_enjeux_importer",
    ),
    path(f"{BASE}zonage/imports/<int:pk>/", zonage_import.rapport, name="ass_zonage_rapport"),
    path(f"{BASE}zonage/imports/<int:pk>/rejets/", zonage_import.rejets, name="ass_zonage_rejets"),
    path(f"{BASE}zonage/zones/<slug:genre>/<int:pk>/", zonage.zone, name="ass_zone"),
    path(f"{BASE}controles-ac/nouveau/", controles_ac.nouveau, name="ass_controle_ac_nouveau"),
    path(CONTROLE_AC, controles_ac.controle, name="ass_controle_ac"),
    path(f"{CONTROLE_AC}corriger/", controles_ac.corriger, name="ass_controle_ac_corriger"),
    path(f"{CONTROLE_AC}affecter/", controles_ac.affecter, name="ass_controle_ac_affecter"),
    path(f"{CONTROLE_AC}points/", controles_ac.points, name="ass_controle_ac_points"),
    path(f"{CONTROLE_AC}contre-visite/", controles_ac.contre_visite, name="ass_controle_ac_contre_visite"),
    path(f"{CONTROLE_AC}annuler/", controles_ac.annuler, name="ass_controle_ac_annuler"),
    path(f"{CONTROLE_AC}evenements/<slug:code>/", controles_ac.evenement, name="ass_controle_ac_evenement"),
]
