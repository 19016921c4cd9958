"""Rights and roles of sanitation (spec §12)."""

from __future__ import annotations

from typing import Any

from mairie.delegations import TypeActe, declarer_types_actes
from mairie.roles import Droit, Role, declarer_droits, declarer_metier, declarer_roles

LIRE = "assainissement.lire"
ENREGISTRER = "assainissement.enregistrer"
SAISIR = "assainissement.saisir_controle"
# A firm sees and fills what is entrusted to it; who holds the rights above needs these for the same pages.
VOIR_CONTROLE = "assainissement.voir_controle"
REALISER = "assainissement.realiser"
VALIDER = "assainissement.valider"
FACTURER = "assainissement.facturer"
SIGNER = "assainissement.signer"
REGLER = "assainissement.regler"

_AGENT = frozenset({"mairie.agent", "mairie.lire", LIRE, VOIR_CONTROLE})


def declarer() -> None:
    """The table of the specification, one role a column."""
    declarer_metier("assainissement", "Assainissement")
    declarer_droits(
        Droit(LIRE, "Consulter les installations et leurs rapports"),
        Droit(ENREGISTRER, "Enregistrer et modifier une installation, planifier ses contrôles"),
        Droit(SAISIR, "Saisir un contrôle et rédiger son rapport"),
        Droit(VOIR_CONTROLE, "Voir les contrôles qui lui sont confiés"),
        Droit(REALISER, "Remplir sur place les contrôles qui lui sont confiés"),
        Droit(VALIDER, "Valider un rapport, prolonger, désactiver"),
        Droit(FACTURER, "Facturer les contrôles"),
        Droit(SIGNER, "Mettre en demeure, raccourcir un délai"),
        Droit(REGLER, "Régler les paramètres du service"),
    )
    declarer_roles(
        Role("assainissement", "technicien", "Technicien du SPANC", _AGENT | {ENREGISTRER, SAISIR, REALISER}),
        Role(
            "assainissement",
            "responsable",
            "Responsable du SPANC",
            _AGENT | {ENREGISTRER, SAISIR, REALISER, VALIDER, FACTURER, REGLER, "mairie.gerer_modeles"},
        ),
        Role(
            "assainissement",
            "gestionnaire",
            "Gestionnaire de la facturation",
            _AGENT | {ENREGISTRER, FACTURER},
        ),
        Role("assainissement", "elu", "Élu (mises en demeure)", _AGENT | {SIGNER}, signataire=True),
        Role(
            "assainissement",
            "prestataire",
            "Prestataire (contrôles confiés)",
            frozenset({"mairie.agent", VOIR_CONTROLE, REALISER}),
            description="Voit et remplit les contrôles confiés à son entreprise, rien d'autre.",
        ),
        Role("assainissement", "lecture", "Lecture seule", _AGENT, description="Urbanisme, élus."),
    )
    declarer_types_actes(TypeActe("assainissement.mise_en_demeure", "Mises en demeure du SPANC"))


def peut_enregistrer(utilisateur: Any, objet: Any) -> bool:
    """Technicien, responsable or gestionnaire of the commune."""
    return bool(utilisateur.has_perm(ENREGISTRER, objet.insee))


def peut_saisir(utilisateur: Any, objet: Any) -> bool:
    """Technicien or responsable of the commune; the firm to which this control is entrusted."""
    if utilisateur.has_perm(SAISIR, objet.insee):
        return True
    return bool(utilisateur.has_perm(REALISER, objet.insee)) and est_confie(utilisateur, objet)


def est_confie(utilisateur: Any, controle: Any) -> bool:
    """The control is entrusted to a firm of which this account is one."""
    firme = getattr(controle, "prestataire", None)
    return bool(firme and firme.actif and firme.comptes.filter(pk=utilisateur.pk).exists())
