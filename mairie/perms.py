"""Rights and roles of the town hall itself; each trade declares its own beside its code."""

from __future__ import annotations

from mairie.roles import Droit, Role, declarer_droits, declarer_metier, declarer_roles

ADMINISTRER = "mairie.administrer"
LIRE = "mairie.lire"
LIRE_JOURNAL = "mairie.lire_journal"
AGENT = "mairie.agent"
CONSULTER_SERVICES = "mairie.consulter_services"
GERER_TIERS = "mairie.gerer_tiers"
EFFACER_TIERS = "mairie.effacer_tiers"
GERER_ADRESSES = "mairie.gerer_adresses"
REDIGER_COURRIER = "mairie.rediger_courrier"
GERER_MODELES = "mairie.gerer_modeles"


def declarer() -> None:
    """Rights of the shared floor. Administrateur gives no right on a trade's dossiers, nor on owners."""
    declarer_metier("mairie", "Mairie")
    declarer_droits(
        Droit(AGENT, "Entrer au bureau des agents"),
        Droit(LIRE, "Consulter les personnes, adresses, pièces et courriers de sa collectivité"),
        Droit(ADMINISTRER, "Régler la collectivité : agents, services, modèles, tables de référence"),
        Droit(CONSULTER_SERVICES, "Consulter des services et enregistrer leurs avis"),
        Droit(GERER_TIERS, "Saisir, corriger et fusionner les fiches des personnes"),
        Droit(EFFACER_TIERS, "Donner à une personne la copie de ses données, les effacer"),
        Droit(GERER_ADRESSES, "Modifier les voies et les numéros, certifier, publier la base adresses"),
        Droit(REDIGER_COURRIER, "Écrire, finaliser et envoyer les courriers de la mairie"),
        Droit(GERER_MODELES, "Modifier les modèles de lettres, les phrases et les en-têtes"),
        Droit(LIRE_JOURNAL, "Lire le journal des actes et des consultations"),
    )
    declarer_roles(
        Role(
            "mairie",
            "administrateur",
            "Administrateur",
            frozenset(
                {
                    *(AGENT, LIRE, ADMINISTRER, CONSULTER_SERVICES),
                    *(GERER_TIERS, EFFACER_TIERS, GERER_ADRESSES),
                    *(REDIGER_COURRIER, GERER_MODELES),
                }
            ),
            description="Gère les agents, les services, les personnes, les adresses et les réglages.",
        ),
        Role(
            "mairie",
            "lecteur",
            "Lecteur",
            frozenset({AGENT, LIRE}),
            description="Consulte sans rien modifier : élus, autres services.",
        ),
        Role(
            "mairie",
            "dpo",
            "Délégué à la protection des données",
            frozenset({AGENT, LIRE_JOURNAL}),
            description="Lit le journal et les statistiques d'accès, aucune donnée des dossiers.",
        ),
    )
