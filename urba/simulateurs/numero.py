"""Reading of a dossier's number, on the contract of ``lire_numero``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mairie.simulateurs import Champ, Fait, Groupe, Resultat, Simulateur
from urba.contrats.numero import traiter
from urba.simulateurs.commun import THEME

_LETTRES = {
    "PC": "permis de construire",
    "PA": "permis d'aménager",
    "PD": "permis de démolir",
    "DP": "déclaration préalable",
    "CU": "certificat d'urbanisme",
    "AT": "autorisation de travaux d'un établissement recevant du public",
    "AP": "autorisation préalable (enseigne, publicité)",
}
_NATURES = {
    "INITIAL": "demande initiale",
    "MODIFICATIF": "modificatif",
    "TRANSFERT": "transfert",
    "PROROGATION": "prorogation",
    "DOC": "déclaration d'ouverture de chantier",
    "DAACT": "déclaration d'achèvement des travaux",
    "ANNULATION": "annulation",
}
GROUPES = (
    Groupe(
        "Le numéro",
        (
            Champ(
                "numero",
                "Numéro du dossier",
                obligatoire=True,
                aide="Tel qu'il est écrit sur le récépissé, l'arrêté ou le panneau : espaces, points"
                " et tirets sont indifférents.",
            ),
        ),
    ),
)


def presenter(cas: Mapping[str, Any], reponse: Mapping[str, Any]) -> Resultat:
    """Each part of the number, in words."""
    nature, rang = _NATURES[reponse["nature"]], reponse["rang"]
    return Resultat(
        f"{reponse['affichage']} : {_LETTRES[reponse['type']]}.",
        [
            Fait("Type", texte=_LETTRES[reponse["type"]].capitalize()),
            Fait("Demande", texte=f"{nature} n° {rang}" if rang else nature),
            Fait("Commune", texte=f"code INSEE {reponse['insee']}"),
            Fait("Année du dépôt", texte=str(reponse["annee"])),
            Fait("Ordre dans l'année", texte=reponse["ordre"]),
            Fait("Écriture sans espaces", texte=reponse["canonique"]),
        ],
    )


SIMULATEUR = Simulateur(
    "numero",
    "Lire un numéro de dossier",
    "Ce que dit un numéro de permis ou de déclaration, et comment l'écrire.",
    "bi-123",
    THEME,
    40,
    GROUPES,
    traiter,
    presenter,
    exemple="numero=pc+013.055-24+00012+m1",
)
