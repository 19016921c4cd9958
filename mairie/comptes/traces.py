"""Lines of the log about accounts and rights."""

from mairie.journal import Action, declarer

HABILITATION_ACCORDEE = "mairie.habilitation_accordee"
HABILITATION_TERMINEE = "mairie.habilitation_terminee"
INVITATION_ENVOYEE = "mairie.invitation_envoyee"
INVITATION_REVOQUEE = "mairie.invitation_revoquee"
INVITATION_ACCEPTEE = "mairie.invitation_acceptee"
COMPTE_OUVERT = "mairie.compte_ouvert"
COMPTE_FERME = "mairie.compte_ferme"
COMPTE_MODIFIE = "mairie.compte_modifie"
COMPTE_VERROUILLE = "mairie.compte_verrouille"
SECOND_FACTEUR_RETIRE = "mairie.second_facteur_retire"
DELEGATION_CREEE = "mairie.delegation_creee"
DELEGATION_TERMINEE = "mairie.delegation_terminee"
SERVICE_MODIFIE = "mairie.service_modifie"
COLLECTIVITE_MODIFIEE = "mairie.collectivite_modifiee"
APPARTENANCE_MODIFIEE = "mairie.appartenance_modifiee"
CONNEXION = "mairie.connexion"


def declarer_actions() -> None:
    """From ``AppConfig.ready``."""
    declarer(
        Action(CONNEXION, "Connexion"),
        Action(HABILITATION_ACCORDEE, "Habilitation accordée"),
        Action(HABILITATION_TERMINEE, "Habilitation terminée"),
        Action(INVITATION_ENVOYEE, "Invitation envoyée"),
        Action(INVITATION_REVOQUEE, "Invitation révoquée"),
        Action(INVITATION_ACCEPTEE, "Invitation acceptée"),
        Action(COMPTE_OUVERT, "Compte ouvert de nouveau"),
        Action(COMPTE_FERME, "Compte fermé"),
        Action(COMPTE_MODIFIE, "Compte modifié"),
        Action(COMPTE_VERROUILLE, "Compte verrouillé après des échecs"),
        Action(SECOND_FACTEUR_RETIRE, "Second facteur retiré"),
        Action(DELEGATION_CREEE, "Délégation de signature créée"),
        Action(DELEGATION_TERMINEE, "Délégation de signature terminée"),
        Action(SERVICE_MODIFIE, "Service créé ou modifié"),
        Action(COLLECTIVITE_MODIFIEE, "Collectivité modifiée"),
        Action(APPARTENANCE_MODIFIEE, "Appartenance à un EPCI modifiée"),
    )
