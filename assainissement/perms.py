"""Rights and roles of sanitation (spec §12)."""

from __future__ import annotations

from typing import Any

from mairie.delegations import TypeActe, declarer_types_actes
from mairie.roles import Droit, Role, declarer_droits, declarer_metier, declarer_roles

LIRE = "assainissement.lire"
ENREGISTRER = "assainissement.enregistrer"
SAISIR = "assainissement.saisir_controle"
VALIDER = "assainissement.valider"
FACTURER = "assainissement.facturer"
SIGNER = "assainissement.signer"
REGLER = "assainissement.regler"

_AGENT = frozenset({"mairie.agent", "mairie.lire", LIRE})


def declarer() -> None:
    """The table of the specification, one role a column."""
    declarer_metier("assainissement", "Assainissement")
    declarer_droits(
        Droit(LIRE, "Consulter les installations et leurs rapports"),
        Droit(ENREGISTRER, "Enregistrer et modifier une installation, planifier ses contrôles"),
        Droit(SAISIR, "Saisir un contrôle et rédiger son rapport"),
        Droit(VALIDER, "Valider un rapport, prolonger, désactiver"),
        Droit(FACTURER, "Facturer les contrôles"),
        Droit(SIGNER, "Mettre en demeure, raccourcir un délai"),
        Droit(REGLER, "Régler les paramètres du service"),
    )
    declarer_roles(
        Role("assainissement", "technicien", "Technicien du SPANC", _AGENT | {ENREGISTRER, SAISIR}),
        Role(
            "assainissement",
            "responsable",
            "Responsable du SPANC",
            _AGENT | {ENREGISTRER, SAISIR, VALIDER, FACTURER, REGLER},
        ),
        Role(
            "assainissement",
            "gestionnaire",
            "Gestionnaire de la facturation",
            _AGENT | {ENREGISTRER, FACTURER},
        ),
        Role("assainissement", "elu", "Élu (mises en demeure)", _AGENT | {SIGNER}, signataire=True),
        Role("assainissement", "lecture", "Lecture seule", _AGENT, description="Urbanisme, élus."),
    )
    declarer_types_actes(TypeActe("assainissement.mise_en_demeure", "Mises en demeure du SPANC"))


def peut_enregistrer(utilisateur: Any, objet: Any) -> bool:
    """Technicien, responsable or gestionnaire of the commune."""
    return bool(utilisateur.has_perm(ENREGISTRER, objet.insee))


def peut_saisir(utilisateur: Any, objet: Any) -> bool:
    """Technicien or responsable of the commune."""
    return bool(utilisateur.has_perm(SAISIR, objet.insee))
