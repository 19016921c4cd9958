"""Rights and roles of the town hall itself; each trade declares its own beside its code."""

from __future__ import annotations

from mairie.roles import Droit, Role, declarer_droits, declarer_metier, declarer_roles

ADMINISTRER = "mairie.administrer"
LIRE = "mairie.lire"
LIRE_JOURNAL = "mairie.lire_journal"
AGENT = "mairie.agent"
CONSULTER_SERVICES = "mairie.consulter_services"


def declarer() -> None:
    """Rights of the shared floor. Administrateur gives no right on a trade's dossiers, nor on owners."""
    declarer_metier("mairie", "Mairie")
    declarer_droits(
        Droit(AGENT, "Entrer au bureau des agents"),
        Droit(LIRE, "Consulter les personnes, adresses, pièces et courriers de sa collectivité"),
        Droit(ADMINISTRER, "Régler la collectivité : agents, services, modèles, tables de référence"),
        Droit(CONSULTER_SERVICES, "Consulter des services et enregistrer leurs avis"),
        Droit(LIRE_JOURNAL, "Lire le journal des actes et des consultations"),
    )
    declarer_roles(
        Role(
            "mairie",
            "administrateur",
            "Administrateur",
            frozenset({AGENT, LIRE, ADMINISTRER, CONSULTER_SERVICES}),
            description="Gère les agents, les services, les modèles et les réglages de sa collectivité.",
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
