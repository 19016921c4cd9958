"""Rights and roles of the public domain (spec §11)."""

from __future__ import annotations

from typing import Any

from mairie.delegations import TypeActe, declarer_types_actes
from mairie.perms import CONSULTER_SERVICES, GERER_MODELES
from mairie.roles import Droit, Role, declarer_droits, declarer_metier, declarer_roles

LIRE = "domainepublic.lire"
LIRE_TOUT = "domainepublic.lire_dossier"
INSTRUIRE = "domainepublic.instruire"
LEVER = "domainepublic.lever_conflit"
SIGNER = "domainepublic.signer"
FACTURER = "domainepublic.facturer"
CONSTATER = "domainepublic.constater"
TARIFER = "domainepublic.regler_tarifs"
COORDONNER = "domainepublic.coordonner_travaux"
REGLER_VOIRIE = "domainepublic.regler_voirie"
REGLER_COMPATIBILITE = "domainepublic.regler_compatibilite"
ADMINISTRER = "domainepublic.administrer"

_TERRAIN = frozenset({"mairie.agent", "mairie.lire", LIRE})
_AGENT = _TERRAIN | {LIRE_TOUT}


def declarer() -> None:
    """The table of the specification, one role a column."""
    declarer_metier("domainepublic", "Domaine public")
    declarer_droits(
        Droit(LIRE, "Consulter les occupations du domaine public"),
        Droit(LIRE_TOUT, "Lire leur redevance, leurs lettres, leurs avis et leurs pièces"),
        Droit(INSTRUIRE, "Enregistrer, modifier, instruire une occupation"),
        Droit(LEVER, "Lever un conflit bloquant, avec un motif"),
        Droit(SIGNER, "Signer, refuser, retirer une occupation"),
        Droit(FACTURER, "Figer une redevance, émettre un avoir, tenir les rôles"),
        Droit(CONSTATER, "Constater une occupation, contrôler sa fin"),
        Droit(TARIFER, "Saisir les grilles tarifaires et leurs zones"),
        Droit(COORDONNER, "Tenir le calendrier des travaux"),
        Droit(REGLER_VOIRIE, "Tenir les revêtements, les gestionnaires des voies, les points d'eau, les bus"),
        Droit(REGLER_COMPATIBILITE, "Régler la compatibilité des occupations"),
        Droit(ADMINISTRER, "Régler les types, les services, les délais"),
    )
    declarer_roles(
        Role(
            "domainepublic",
            "instructeur",
            "Instructeur de l'occupation",
            _AGENT | {INSTRUIRE, CONSTATER, CONSULTER_SERVICES},
        ),
        Role(
            "domainepublic",
            "responsable",
            "Responsable de l'occupation",
            _AGENT | {INSTRUIRE, CONSTATER, LEVER, CONSULTER_SERVICES, REGLER_COMPATIBILITE, GERER_MODELES},
        ),
        Role("domainepublic", "signataire", "Signataire", _AGENT | {SIGNER, LEVER}, signataire=True),
        Role("domainepublic", "finances", "Finances", _AGENT | {FACTURER, TARIFER}),
        Role("domainepublic", "assermente", "Agent assermenté", _TERRAIN | {CONSTATER}),
        Role("domainepublic", "coordination", "Coordination de voirie", _AGENT | {COORDONNER, REGLER_VOIRIE}),
        Role("domainepublic", "lecture", "Lecture seule", _AGENT, description="Élus, autres services."),
        Role(
            "domainepublic",
            "administrateur",
            "Administrateur du domaine public",
            _AGENT | {ADMINISTRER, TARIFER, REGLER_VOIRIE, REGLER_COMPATIBILITE, GERER_MODELES},
        ),
    )
    declarer_types_actes(TypeActe("domainepublic.acte", "Titres d'occupation et arrêtés de circulation"))


def peut_instruire(utilisateur: Any, dossier: Any) -> bool:
    """Instructeur or responsable of the commune."""
    return bool(utilisateur.has_perm(INSTRUIRE, dossier.insee))
