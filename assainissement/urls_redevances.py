"""Addresses of fees, tariffs, contracts and contributions."""

from django.urls import URLPattern, path

from assainissement.vues import pfac, redevances, relances, tarifs

BASE = "assainissement/"
TARIFS, FINANCES, PFAC = f"{BASE}tarifs/", f"{BASE}finances/", f"{BASE}pfac/"
REDEVANCE = f"{BASE}redevances/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(TARIFS, tarifs.liste, name="ass_tarifs"),
    path(f"{TARIFS}nouvelle/<slug:objet>/", tarifs.nouvelle, name="ass_tarif_nouveau"),
    path(f"{TARIFS}<int:pk>/", tarifs.tarif, name="ass_tarif"),
    path(f"{TARIFS}<int:pk>/<slug:quoi>/", tarifs.modifier, name="ass_tarif_modifier"),
    path(f"{BASE}parametres/", tarifs.parametres, name="ass_parametres"),
    path(f"{BASE}parametres/<int:pk>/activer/", tarifs.activer, name="ass_parametre_activer"),
    path(REDEVANCE, redevances.ligne, name="ass_redevance"),
    path(f"{REDEVANCE}evenements/<slug:code>/", redevances.evenement, name="ass_redevance_evenement"),
    path(f"{REDEVANCE}avoir/", redevances.avoir, name="ass_redevance_avoir"),
    path(FINANCES, redevances.envois, name="ass_envois"),
    path(f"{FINANCES}transmettre/<slug:insee>/", redevances.transmettre, name="ass_transmettre"),
    path(f"{FINANCES}<int:pk>/", redevances.lot, name="ass_envoi"),
    path(f"{FINANCES}<int:pk>/fichier.csv", redevances.fichier, name="ass_envoi_fichier"),
    path(f"{FINANCES}paiements/", redevances.lire_paiements, name="ass_paiements"),
    path(f"{FINANCES}paiements/rejets/", redevances.paiements_rejetes, name="ass_paiements_rejets"),
    path(f"{BASE}contrats/facturer/", redevances.facturer_contrats, name="ass_contrats_facturer"),
    path(f"{PFAC}nouvelle/", pfac.nouvelle, name="ass_pfac_nouvelle"),
    path(f"{PFAC}<int:pk>/", pfac.pfac, name="ass_pfac"),
    path(f"{PFAC}<int:pk>/completer/", pfac.completer, name="ass_pfac_completer"),
    path(f"{PFAC}<int:pk>/annuler/", pfac.annuler, name="ass_pfac_annuler"),
    path(f"{PFAC}<int:pk>/evenements/<slug:code>/", pfac.evenement, name="ass_pfac_evenement"),
    path(f"{BASE}relances/", relances.liste, name="ass_relances"),
    path(f"{BASE}relances/<slug:liste>/lettres/", relances.lettres, name="ass_relances_lettres"),
]
