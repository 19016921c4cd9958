"""Addresses of projects, sales, owners and of « Mon adresse »."""

from django.urls import URLPattern, path

from assainissement.vues import adresse, avis_reseau, documents, projets, proprietaire, rapports, ventes

BASE = "assainissement/"
PROJET = f"{BASE}projets/<int:pk>/"
VENTE = f"{BASE}ventes/<int:pk>/"
AVIS = f"{BASE}avis-reseau/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path(f"{BASE}mon-adresse/", adresse.mon_adresse, name="ass_mon_adresse"),
    path(f"{BASE}documents/", documents.documents, name="ass_documents"),
    path(f"{BASE}suivi/<str:numero>/", proprietaire.suivi, name="ass_suivi"),
    path(f"{BASE}suivi/<str:numero>/rapports/<int:pk>/", proprietaire.rapport, name="ass_suivi_rapport"),
    path(
        f"{BASE}permis/<str:autorisation>/installations/<int:pk>/rapports/<int:lettre>/",
        rapports.du_permis,
        name="ass_rapport_permis",
    ),
    path(f"{BASE}installations/<int:pk>/cle/", proprietaire.cle, name="ass_cle"),
    path(f"{BASE}installations/<int:pk>/cle/retirer/", proprietaire.retirer, name="ass_cle_retirer"),
    path(f"{BASE}projets/nouveau/", projets.nouveau, name="ass_projet_nouveau"),
    path(PROJET, projets.projet, name="ass_projet"),
    path(f"{PROJET}evenements/<slug:code>/", projets.evenement, name="ass_projet_evenement"),
    path(AVIS, avis_reseau.avis, name="ass_avis_reseau"),
    path(f"{AVIS}evenements/<slug:code>/", avis_reseau.evenement, name="ass_avis_reseau_evenement"),
    path(f"{BASE}a-rattacher/", projets.a_rattacher, name="ass_a_rattacher"),
    path(f"{BASE}a-rattacher/<int:pk>/", projets.rattacher, name="ass_rattacher"),
    path(f"{BASE}ventes/rechercher/", ventes.rechercher, name="ass_vente_rechercher"),
    path(f"{BASE}ventes/nouvelle/", ventes.nouvelle, name="ass_vente_nouvelle"),
    path(f"{BASE}ventes/importer/", ventes.importer, name="ass_ventes_importer"),
    path(VENTE, ventes.vente, name="ass_vente"),
    path(f"{VENTE}corriger/", ventes.corriger, name="ass_vente_corriger"),
    path(f"{VENTE}annuler/", ventes.annuler, name="ass_vente_annuler"),
    path(f"{VENTE}certificat-raccordement/", ventes.certifier, name="ass_vente_certifier"),
    path(f"{VENTE}repondre/", ventes.repondre, name="ass_vente_repondre"),
    path(f"{VENTE}evenements/<slug:code>/", ventes.evenement, name="ass_vente_evenement"),
]
