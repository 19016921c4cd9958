"""Simulator of the contribution to the sewer, on the contract of ``calculer_pfac``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from assainissement.regles.pfac import calculer_pfac
from assainissement.simulateurs.classement import THEME
from mairie.montants import texte_francais
from mairie.simulateurs import Champ, Etape, Fait, Groupe, Resultat, Simulateur
from mairie.simulateurs.modele import Genre

MOTIFS = {
    "pas_de_deliberation": "La collectivité n'a pas voté cette participation.",
    "hors_periode": "Le raccordement est hors de la période de la délibération.",
    "aucune_eau_usee_supplementaire": "Les travaux n'apportent pas d'eaux usées supplémentaires.",
    "taxe_amenagement_majoree": "La taxe d'aménagement majorée couvre déjà le réseau.",
    "zac": "L'aménageur de la ZAC a payé tout le réseau.",
    "plafond_nul": "Le remboursement du branchement dépasse déjà le plafond.",
}
GROUPES = (
    Groupe(
        "Votre projet",
        (
            Champ(
                "nature",
                "Il s'agit",
                Genre.CHOIX,
                choix=(
                    ("neuf", "d'une construction neuve"),
                    ("extension", "d'une extension"),
                    ("existant", "d'un immeuble existant"),
                    ("changement_destination", "d'un changement de destination"),
                    ("annexe", "d'une annexe"),
                ),
                obligatoire=True,
            ),
            Champ("surface_m2", "Surface de plancher créée (m²)", Genre.NOMBRE),
            Champ("nb_logements", "Logements", Genre.ENTIER),
            Champ(
                "eaux_usees_supplementaires", "Il y aura plus d'eaux usées", Genre.OUI_NON, obligatoire=True
            ),
            Champ(
                "cout_anc", "Coût d'un assainissement individuel évité (€)", Genre.NOMBRE, obligatoire=True
            ),
            Champ("remboursement_branchement", "Branchement déjà remboursé (€)", Genre.NOMBRE),
            Champ("date_raccordement", "Raccordé le", Genre.DATE),
            Champ("assimile_domestique", "Activité assimilée à un usage domestique", Genre.COCHE),
        ),
    ),
    Groupe(
        "Délibération de la collectivité",
        (
            Champ(
                "mode",
                "Calcul",
                Genre.CHOIX,
                choix=(("surface", "au m²"), ("forfait", "au logement"), ("mixte", "les deux")),
                obligatoire=True,
            ),
            Champ("tarif_m2", "Tarif au m² (€)", Genre.NOMBRE),
            Champ("franchise_m2", "Surface non comptée (m²)", Genre.NOMBRE),
            Champ("forfait", "Forfait par logement (€)", Genre.NOMBRE),
            Champ("date_effet", "En vigueur le", Genre.DATE, obligatoire=True),
            Champ("date_fin", "Jusqu'au", Genre.DATE),
        ),
        "deliberation",
        aide="Vide : aucune participation n'est votée.",
    ),
)


def presenter(cas: Mapping[str, Any], reponse: Mapping[str, Any]) -> Resultat:
    """The amount, its ceiling, when it is due."""
    faits = [
        Fait("Calcul de la délibération", texte=f"{texte_francais(reponse['brut'])} €"),
        Fait(
            "Plafond",
            texte=f"{texte_francais(reponse['plafond'])} €",
            note="80 % au plus du coût d'un assainissement individuel, branchement remboursé déduit",
        ),
    ]
    if reponse["date_exigibilite"]:
        faits.append(Fait("Exigible depuis le", date.fromisoformat(reponse["date_exigibilite"])))
    etapes = [
        Etape(phrase.rstrip("."), "", "", rang == len(reponse["explication"]) - 1)
        for rang, phrase in enumerate(reponse["explication"])
    ]
    motif = MOTIFS.get(reponse["motif"] or "")
    alertes = [motif] if motif else []
    if not reponse["exigible"]:
        alertes.append("Simulation : c'est le raccordement qui rend la participation due, non le permis.")
    return Resultat(
        f"Participation : {texte_francais(reponse['montant'])} € (CSP {reponse['article']}).",
        faits,
        etapes,
        alertes,
    )


SIMULATEUR = Simulateur(
    "pfac",
    "Combien coûte le raccordement au réseau d'eaux usées ?",
    "La participation au réseau (PFAC), son plafond et le jour où elle est due.",
    "bi-cash-coin",
    THEME,
    220,
    GROUPES,
    calculer_pfac,
    presenter,
    exemple="nature=neuf&surface_m2=120&eaux_usees_supplementaires=oui&cout_anc=9000"
    "&deliberation-mode=surface&deliberation-tarif_m2=18&deliberation-date_effet=2020-01-01",
)
