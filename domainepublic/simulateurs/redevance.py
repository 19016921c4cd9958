"""Simulator of the fee, with the tariffs that the commune has voted: the same engine as the files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from domainepublic.models.emprises import UNITES_LISIBLES
from domainepublic.regles.redevance import simuler_redevance
from domainepublic.regles.tables.redevance import BENEFICIAIRES, UNITES
from domainepublic.regles.tables.types import TYPES
from mairie.lecture_json import ErreurSaisie
from mairie.montants import texte_francais
from mairie.simulateurs import Champ, Etape, Fait, Groupe, Resultat, Simulateur
from mairie.simulateurs.modele import Genre

THEME = "Domaine public"
GROUPES = (
    Groupe(
        "Votre occupation",
        (
            Champ(
                "type",
                "Que voulez-vous installer ?",
                Genre.CHOIX,
                choix=tuple((t.code, t.libelle.capitalize()) for t in TYPES.values() if t.unites),
                obligatoire=True,
            ),
            Champ("debut", "Du", Genre.DATE, obligatoire=True),
            Champ("fin", "Au (compris)", Genre.DATE, obligatoire=True),
            Champ(
                "beneficiaire",
                "Vous êtes",
                Genre.CHOIX,
                choix=tuple((b, b.replace("ite", "ité").capitalize()) for b in BENEFICIAIRES),
            ),
            Champ(
                "unite",
                "Compté en",
                Genre.CHOIX,
                choix=tuple((u, UNITES_LISIBLES[u]) for u in UNITES),
                obligatoire=True,
            ),
            Champ("quantite", "Quantité", Genre.NOMBRE, obligatoire=True),
            Champ("zone", "Zone tarifaire", aide="Vide : celle des tarifs sans zone."),
        ),
        "occupation",
        obligatoire=True,
    ),
)


def _insee() -> str:
    """The commune that this site serves; the first that has voted tariffs where there are several."""
    from domainepublic.models import GrilleTarifaire

    return str(GrilleTarifaire.objects.order_by("insee").values_list("insee", flat=True).first() or "")


def _grilles(cas: Mapping[str, Any]) -> list[Any]:
    from domainepublic.tarifs import grilles_de

    occupation = cas.get("occupation") or {}
    try:
        debut, fin = (date.fromisoformat(str(occupation.get(n))) for n in ("debut", "fin"))
    except ValueError:
        return []
    return grilles_de(_insee(), debut, max(debut, fin))


def traiter(cas: dict[str, Any]) -> Mapping[str, Any]:
    """The command's answer for the commune's own grid."""
    from domainepublic.tarifs import en_grille

    grille = en_grille(_grilles(cas))
    if not grille["lignes"]:
        # The engine reads the grid first: what was typed is checked on a grid that prices nothing.
        vide = {"id": "-", "type": "-", "du": "1900-01-01", "unite": "m2", "periode": "jour", "prix": "0"}
        grille = {"lignes": [vide]}
    try:
        return simuler_redevance({**cas, "grille": grille})
    except ErreurSaisie as e:
        if e.champ.startswith("grille"):
            raise ErreurSaisie("occupation.type", e.message.replace(" : complétez la grille", "")) from e
        raise


def presenter(cas: Mapping[str, Any], reponse: Mapping[str, Any]) -> Resultat:
    """The amount, each step, and the deliberations it rests on."""
    etapes = [
        Etape(
            e["libelle"],
            "",
            f"{texte_francais(e['montant'])} €" if "montant" in e else "",
            e["etape"] == "total",
        )
        for e in reponse["detail"]
    ]
    faits = [
        Fait("Délibération", texte=f"n° {g.deliberation} du {g.deliberation_le:%d/%m/%Y}", note=g.libelle)
        for g in _grilles(cas)
    ]
    attente = (
        () if reponse["mise_en_recouvrement"] else ("Sous le seuil de recouvrement : rien n'est demandé.",)
    )
    return Resultat(
        f"Redevance : {texte_francais(reponse['montant_du'])} €.",
        faits,
        etapes,
        attente,
        suite="Le montant définitif est calculé à la signature du titre, sur les dimensions constatées.",
    )


SIMULATEUR = Simulateur(
    "redevance",
    "Prix d'une occupation de la rue",
    "Terrasse, benne, échafaudage, déménagement : ce que la commune demande, ligne par ligne.",
    "bi-receipt",
    THEME,
    100,
    GROUPES,
    traiter,
    presenter,
    exemple="occupation-type=BENNE&occupation-debut=2026-06-01&occupation-fin=2026-06-30"
    "&occupation-beneficiaire=entreprise&occupation-unite=unite&occupation-quantite=1",
)
