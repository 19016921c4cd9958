"""Addresses of sanitation. Lists are declared in ``assainissement.ecrans``."""

from django.urls import URLPattern, path

from assainissement import urls_collectif, urls_liens, urls_redevances, urls_reseau, urls_terrain
from assainissement.vues import bureau, controles, installations, personnes, zonage

BASE = "assainissement/"
INSTALLATION = f"{BASE}installations/<int:pk>/"
CONTROLE = f"{BASE}controles/<int:pk>/"

urlpatterns: list[URLPattern] = [
    *urls_liens.urlpatterns,
    path(BASE, bureau.bureau, name="ass_bureau"),
    path(f"{BASE}installations/nouvelle/", installations.nouvelle, name="ass_nouvelle"),
    path(INSTALLATION, installations.installation, name="ass_installation"),
    path(f"{INSTALLATION}modifier/", installations.modifier, name="ass_installation_modifier"),
    path(f"{INSTALLATION}elements/", installations.element, name="ass_element"),
    path(f"{INSTALLATION}elements/<int:element>/", installations.element_corrige, name="ass_element_corrige"),
    path(f"{INSTALLATION}personnes/", personnes.installation, name="ass_personnes"),
    path(f"{INSTALLATION}personnes/<int:lien>/terminer/", personnes.terminer, name="ass_personne_terminer"),
    path(f"{INSTALLATION}planifier/", installations.planifier, name="ass_planifier"),
    path(f"{INSTALLATION}annuler/", installations.annuler, name="ass_installation_annuler"),
    path(
        f"{INSTALLATION}evenements/<slug:code>/", installations.evenement, name="ass_installation_evenement"
    ),
    path(CONTROLE, controles.controle, name="ass_controle"),
    path(f"{CONTROLE}saisie/<slug:ecran>/", controles.saisie, name="ass_saisie"),
    path(f"{CONTROLE}conclusion/", controles.conclusion, name="ass_conclusion"),
    path(f"{CONTROLE}annuler/", controles.annuler, name="ass_controle_annuler"),
    path(f"{CONTROLE}evenements/<slug:code>/", controles.evenement, name="ass_controle_evenement"),
    path(f"{BASE}zonage/", zonage.zones, name="ass_zonage"),
    path(f"{BASE}zonage/ajouter/<slug:genre>/", zonage.ajouter, name="ass_zone_ajouter"),
    path(f"{BASE}obligations/<int:pk>/", controles.obligation, name="ass_obligation"),
    path(f"{BASE}obligations/<int:pk>/travaux/", controles.travaux_faits, name="ass_travaux_faits"),
    path(f"{BASE}obligations/<int:pk>/annuler/", controles.annuler_obligation, name="ass_obligation_annuler"),
    path(
        f"{BASE}obligations/<int:pk>/evenements/<slug:code>/",
        controles.evenement_obligation,
        name="ass_obligation_evenement",
    ),
    *urls_collectif.urlpatterns,
    *urls_reseau.urlpatterns,
    *urls_redevances.urlpatterns,
    *urls_terrain.urlpatterns,
]
