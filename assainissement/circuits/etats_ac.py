"""States of a control of connection in words, and their groups (spec §7). Pure."""

from __future__ import annotations

CONTROLE_AC = {
    "": "à créer",
    "demande": "demandé",
    "affecte": "affecté",
    "formulaire_recu": "à valider",
    "a_corriger": "à corriger",
    "valide_conforme": "conforme",
    "valide_non_conforme": "non conforme",
    "travaux": "travaux annoncés",
    "contre_visite": "contre-visite demandée",
    "annule": "annulé",
}
FINALS = ("valide_conforme", "annule")
# The document is still due.
OUVERTS = ("demande", "affecte", "formulaire_recu", "a_corriger")
VALIDES = ("valide_conforme", "valide_non_conforme", "travaux", "contre_visite")
SAISISSABLES = ("demande", "affecte", "a_corriger")
MOTIFS = {
    "neuf": "branchement neuf",
    "modification": "branchement modifié",
    "vente": "vente",
    "demande": "demande du propriétaire",
    "campagne": "campagne de contrôle",
}
# The owner asked: the document is due within six weeks (décret 2022-521).
SUR_DEMANDE = ("vente", "demande")
LOGEMENTS = {"maison": "maison", "appartement": "appartement", "autre": "autre immeuble"}
BRANCHEMENT = {
    "raccorde": "raccordé",
    "deroge": "en dérogation",
    "en_retard": "raccordement en retard",
    "a_raccorder": "à raccorder",
}
RESEAUX = {"EU": "eaux usées", "EP": "eaux pluviales", "unitaire": "unitaire"}
