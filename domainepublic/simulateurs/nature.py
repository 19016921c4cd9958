"""Simulator of the act to ask for and of who signs it, on the contract of ``nature_acte``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domainepublic.actes import ACTES, AUTORITES, AVIS, DEMARCHES, EXCEPTIONS, REGIMES
from domainepublic.models import DossierODP
from domainepublic.regles.nature_acte import nature_acte
from domainepublic.regles.tables.types import TYPES
from domainepublic.simulateurs.redevance import THEME
from mairie.simulateurs import Champ, Etape, Fait, Groupe, Resultat, Simulateur
from mairie.simulateurs.modele import Genre

GROUPES = (
    Groupe(
        "La voie",
        (
            Champ("domaine", "Où ?", Genre.CHOIX, choix=tuple(DossierODP.Domaine.choices), obligatoire=True),
            Champ(
                "gestionnaire",
                "Gestionnaire",
                Genre.CHOIX,
                choix=tuple(DossierODP.Gestionnaire.choices),
                vide="celui d'usage",
            ),
            Champ("en_agglomeration", "En agglomération", Genre.OUI_NON),
            Champ("grande_circulation", "Route à grande circulation", Genre.COCHE),
        ),
        "voie",
        obligatoire=True,
    ),
    Groupe(
        "L'occupation",
        (
            Champ(
                "type",
                "Type",
                Genre.CHOIX,
                choix=tuple((t.code, t.libelle.capitalize()) for t in TYPES.values() if t.code != "SANS"),
                obligatoire=True,
            ),
            Champ("emprise", "Fixée dans le sol, ou le modifie", Genre.OUI_NON),
            Champ("economique", "Activité économique", Genre.OUI_NON),
            Champ("occupant", "Occupant", Genre.CHOIX, choix=tuple(DossierODP.Occupant.choices)),
            Champ("modifie_circulation", "Change la circulation ou le stationnement", Genre.COCHE),
        ),
        "occupation",
        obligatoire=True,
    ),
    Groupe(
        "Police de la circulation",
        (Champ("circulation_transferee_epci", "Transférée à l'intercommunalité", Genre.COCHE),),
        "police",
        replie=True,
    ),
    Groupe(
        "Attribution d'un titre économique",
        (
            Champ(
                "initiative",
                "À l'initiative",
                Genre.CHOIX,
                choix=(("demande", "du demandeur"), ("collectivite", "de la collectivité")),
            ),
            Champ("courte_duree", "De courte durée", Genre.COCHE),
            Champ("nombre_illimite", "Titres en nombre illimité", Genre.COCHE),
            Champ("exception", "Dispense de publicité", Genre.CHOIX, choix=tuple(EXCEPTIONS.items())),
            Champ("duree_mois", "Durée (mois), en cas d'urgence", Genre.ENTIER),
        ),
        "attribution",
        replie=True,
    ),
)


def presenter(cas: Mapping[str, Any], reponse: Mapping[str, Any]) -> Resultat:
    """Acts, authorities, opinions, publicity."""
    etapes = []
    for acte in reponse["actes"]:
        avis = ", ".join(AVIS[a] for a in acte["avis"])
        suite = f" ; avis : {avis}" if avis else ""
        etapes.append(
            Etape(
                ACTES[acte["acte"]].capitalize(),
                acte["fondement"],
                f"signé par {AUTORITES[acte['autorite']]}{suite}",
                True,
            )
        )
    publicite = reponse["publicite"]
    faits = [
        Fait("Publicité préalable", texte=REGIMES[publicite["regime"]], note=publicite["fondement"] or "")
    ]
    faits += [Fait("À demander aussi", texte=DEMARCHES[d]) for d in reponse["demarches_liees"]]
    if not reponse["actes"]:
        return Resultat("Aucun acte de la collectivité : le propriétaire de la voie consent.", faits)
    unique = (
        "un seul document, une seule signature" if reponse["signature_unique"] else "chaque autorité signe"
    )
    noms = " et ".join(ACTES[a["acte"]] for a in reponse["actes"])
    return Resultat(f"Acte à demander : {noms} ({unique}).", faits, etapes)


SIMULATEUR = Simulateur(
    "nature-acte",
    "Quelle autorisation pour occuper la rue ?",
    "L'acte à demander, qui le signe, sur quel article, et la publicité qui le précède.",
    "bi-signpost-split",
    THEME,
    110,
    GROUPES,
    nature_acte,
    presenter,
    exemple="voie-domaine=voie_communale&voie-gestionnaire=epci&voie-en_agglomeration=oui"
    "&occupation-type=PALIS&occupation-emprise=oui&occupation-modifie_circulation=on",
)
