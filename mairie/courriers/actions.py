"""Lines of the audit log that letters and mail write."""

from mairie.journal import Action, Nature, declarer

LETTRE_PREPAREE = "mairie.lettre_preparee"
LETTRE_FINALISEE = "mairie.lettre_finalisee"
LETTRE_SIGNEE = "mairie.lettre_signee"
LETTRE_ENVOYEE = "mairie.lettre_envoyee"
LETTRE_SUIVIE = "mairie.lettre_suivie"
LETTRE_ABANDONNEE = "mairie.lettre_abandonnee"
LETTRE_LUE = "mairie.lettre_lue"
MODELE_MIS_EN_SERVICE = "mairie.modele_mis_en_service"
ENTETE_MODIFIE = "mairie.entete_modifie"
COURRIEL_RELANCE = "mairie.courriel_relance"
COURRIEL_ABANDONNE = "mairie.courriel_abandonne"


def declarer_actions() -> None:
    """From ``AppConfig.ready``."""
    declarer(
        Action(LETTRE_PREPAREE, "Lettre préparée"),
        Action(LETTRE_FINALISEE, "Lettre finalisée"),
        Action(LETTRE_SIGNEE, "Lettre signée"),
        Action(LETTRE_ENVOYEE, "Lettre envoyée"),
        Action(LETTRE_SUIVIE, "Suivi d'un envoi enregistré"),
        Action(LETTRE_ABANDONNEE, "Lettre abandonnée"),
        Action(LETTRE_LUE, "Lettre consultée", Nature.CONSULTATION),
        Action(MODELE_MIS_EN_SERVICE, "Modèle de lettre mis en service"),
        Action(ENTETE_MODIFIE, "En-tête de lettre modifié"),
        Action(COURRIEL_RELANCE, "Courriel relancé"),
        Action(COURRIEL_ABANDONNE, "Courriel abandonné"),
    )
