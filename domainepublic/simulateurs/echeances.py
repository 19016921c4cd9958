"""Simulator of the silence on a request of occupation, on the contract of ``echeances_odp``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from domainepublic.regles.echeances import echeances_odp
from domainepublic.simulateurs.redevance import THEME
from mairie.simulateurs import Champ, Fait, Groupe, Resultat, Simulateur
from mairie.simulateurs.modele import Genre

GROUPES = (
    Groupe(
        "La demande",
        (
            Champ("recue_le", "Reçue par la mairie le", Genre.DATE, obligatoire=True),
            Champ("decision_le", "Décision du", Genre.DATE),
            Champ("a_la_date", "Situation au", Genre.DATE),
        ),
    ),
    Groupe(
        "Demandes de pièces",
        (
            Champ("notifiee_le", "Notifiée le", Genre.DATE, obligatoire=True),
            Champ("date_limite", "Pièces à produire avant le", Genre.DATE),
            Champ("delai_jours", "Ou dans un délai (jours)", Genre.ENTIER),
            Champ("produites_le", "Produites le", Genre.DATE),
        ),
        "demandes_pieces",
        liste=True,
        singulier="Demande de pièces",
        replie=True,
    ),
)
ETATS = {
    "decidee": "décidée dans le délai",
    "decision_tardive": "décidée après le terme",
    "en_cours": "en cours",
    "refus_implicite": "refusée par le silence",
}


def traiter(cas: dict[str, Any]) -> Mapping[str, Any]:
    """The command's answer for a request of occupation."""
    return echeances_odp({**cas, "objet": "demande_occupation"})


def presenter(cas: Mapping[str, Any], reponse: Mapping[str, Any]) -> Resultat:
    """The term, the suspension, where the request stands."""
    terme = date.fromisoformat(reponse["terme"])
    faits = [Fait("Réponse avant le", terme)]
    if reponse["suspension_jours"]:
        faits.append(Fait("Délai suspendu", texte=f"{reponse['suspension_jours']} jours", note="CRPA L114-5"))
    if reponse["etat"]:
        faits.append(Fait("La demande est", texte=ETATS[reponse["etat"]]))
    sans_effet = [
        f"La demande de pièces n° {n + 1} est notifiée après le terme : elle ne suspend rien."
        for n in reponse["demandes_sans_effet"]
    ]
    return Resultat(
        "Passé ce terme, le silence de la mairie vaut refus (CRPA L231-4).", faits, (), sans_effet
    )


SIMULATEUR = Simulateur(
    "echeances-odp",
    "Quand la mairie doit-elle répondre ?",
    "Le terme d'une demande d'occupation de la rue, pièces demandées comprises.",
    "bi-hourglass-split",
    THEME,
    120,
    GROUPES,
    traiter,
    presenter,
    exemple="recue_le=2026-01-15&demandes_pieces-0-notifiee_le=2026-01-25&demandes_pieces-0-delai_jours=30"
    "&demandes_pieces-0-produites_le=2026-02-04",
)
