"""Rights and roles of the permits (spec §10), and who may do what on one dossier."""

from __future__ import annotations

from typing import Any

from mairie.roles import Droit, Role, declarer_droits, declarer_metier, declarer_roles

LIRE = "urba.lire"
DEPOSER = "urba.deposer"
INSTRUIRE = "urba.instruire"
AFFECTER = "urba.affecter"
DIRIGER = "urba.diriger"
SIGNER = "urba.signer"
CONTROLER = "urba.controler_travaux"
ADMINISTRER = "urba.administrer"

_AGENT = frozenset({"mairie.agent", "mairie.lire", LIRE})


def declarer() -> None:
    """The table of the specification, one role a column."""
    declarer_metier("urba", "Autorisations d'urbanisme")
    declarer_droits(
        Droit(LIRE, "Consulter les dossiers d'urbanisme"),
        Droit(DEPOSER, "Enregistrer dépôts, pièces, dates de lettres et affichages"),
        Droit(INSTRUIRE, "Qualifier, consulter, écrire les lettres, proposer la décision"),
        Droit(AFFECTER, "Confier un dossier à un instructeur"),
        Droit(DIRIGER, "Annuler, corriger une date, suivre tout le service"),
        Droit(SIGNER, "Signer ou renvoyer une décision, retirer"),
        Droit(CONTROLER, "Visiter les travaux, récoler"),
        Droit(ADMINISTRER, "Régler types, nomenclatures, services et taux d'urbanisme"),
    )
    declarer_roles(
        Role("urba", "guichet", "Guichet unique", _AGENT | {DEPOSER}),
        Role(
            "urba",
            "instructeur",
            "Instructeur",
            _AGENT | {DEPOSER, INSTRUIRE, CONTROLER, "mairie.consulter_services"},
        ),
        Role(
            "urba",
            "chef",
            "Chef de service",
            _AGENT
            | {
                DEPOSER,
                INSTRUIRE,
                AFFECTER,
                DIRIGER,
                CONTROLER,
                "mairie.consulter_services",
                "mairie.gerer_modeles",
            },
        ),
        Role("urba", "signataire", "Signataire", _AGENT | {SIGNER}, signataire=True),
        Role("urba", "technicien", "Technicien du contrôle", _AGENT | {CONTROLER}),
        Role("urba", "lecture", "Lecture seule", _AGENT, description="Élus, autres services."),
        Role(
            "urba",
            "administrateur",
            "Administrateur de l'urbanisme",
            _AGENT | {ADMINISTRER, "mairie.gerer_modeles"},
        ),
    )


def peut_instruire(utilisateur: Any, dossier: Any) -> bool:
    """Instructeur of the commune, on a dossier that is hers or nobody's; chef on any."""
    if utilisateur.has_perm(DIRIGER, dossier.insee):
        return True
    return utilisateur.has_perm(INSTRUIRE, dossier.insee) and dossier.instructeur_id in (None, utilisateur.pk)
