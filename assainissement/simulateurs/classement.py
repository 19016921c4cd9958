"""Simulator of the conclusion on an existing installation, on the contract of ``classer_anc``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assainissement.regles.classement import classer_anc
from assainissement.regles.lecture_lignes import classer_et_expliquer
from assainissement.regles.tables import anc
from assainissement.regles.tables.natures import NATURES
from mairie.simulateurs import Champ, Etape, Fait, Groupe, Resultat, Simulateur
from mairie.simulateurs.modele import Genre

THEME = "Assainissement"
TITRES = {
    "securite_sanitaire": "Sécurité sanitaire",
    "structure": "Structure et fermeture",
    "puits": "Puits",
    "filiere": "Filière",
    "zones": "Zones à enjeu",
    "entretien": "Entretien",
}
NOMBRES = {
    "securite_sanitaire": (Champ("nb_plaintes_tiers", "Plaintes de voisins", Genre.ENTIER),),
    "puits": (Champ("distance_puits_m", "Distance au puits (m)", Genre.NOMBRE),),
    "filiere": (
        Champ("capacite_eh", "Capacité de l'installation (EH)", Genre.NOMBRE),
        Champ("charge_eh", "Charge à traiter (EH)", Genre.NOMBRE),
    ),
}


def _groupe(code: str, titre: str) -> Groupe:
    champs = tuple(
        Champ(f.code, f.libelle[:1].upper() + f.libelle[1:], Genre.COCHE)
        for f in anc.FAITS
        if f.groupe == code
    )
    return Groupe(titre, (*champs, *NOMBRES.get(code, ())))


GROUPES = (
    Groupe(
        "Le contrôle",
        (
            Champ(
                "elements_probants",
                "Des éléments prouvent qu'une installation existe",
                Genre.OUI_NON,
                obligatoire=True,
            ),
            Champ("nature", "Nature", Genre.CHOIX, choix=tuple((n, NATURES[n]) for n in anc.NATURES)),
            Champ("vente", "L'immeuble est en vente", Genre.COCHE),
        ),
    ),
    *(_groupe(code, titre) for code, titre in TITRES.items()),
)
CONCLUSIONS = {
    "R0": "Absence d'installation : il faut en créer une dans les meilleurs délais.",
    "R1": "Non conforme, danger pour la santé des personnes (cas a).",
    "R2": "Non conforme, danger pour la santé en zone à enjeu sanitaire (cas a).",
    "R3": "Non conforme, risque environnemental avéré (cas b).",
    "R4": "Non conforme, sans danger ni risque avéré (cas c).",
    "R5": "Conforme, avec des recommandations.",
    "R6": "Aucun défaut.",
}


def presenter(cas: Mapping[str, Any], reponse: Mapping[str, Any]) -> Resultat:
    """The conclusion, its delays, then each row of the table."""
    faits = []
    if reponse["delai_travaux_annees"]:
        faits.append(
            Fait(
                "Travaux", texte=f"dans les {reponse['delai_travaux_annees']} ans de la réception du rapport"
            )
        )
    if reponse["delai_vente_annees"]:
        annees = reponse["delai_vente_annees"]
        faits.append(Fait("En cas de vente", texte=f"{annees} an après l'acte, par l'acheteur"))
    lu = classer_et_expliquer(dict(cas))
    etapes = [
        Etape(
            f"{ligne['regle']} : {ligne['libelle']}",
            ligne["article"],
            "vrai, et décide" if ligne["decide"] else "vrai" if ligne["vraie"] else "faux",
            ligne["decide"],
        )
        for ligne in lu["lignes"]
    ]
    return Resultat(
        CONCLUSIONS[reponse["regle"]],
        faits,
        etapes,
        (*lu["causes"], *lu["remarques"]),
        suite="Seul un contrôle du service sur place conclut.",
    )


SIMULATEUR = Simulateur(
    "classer-anc",
    "Mon assainissement individuel est-il conforme ?",
    "La conclusion d'un contrôle, ligne par ligne, selon l'arrêté du 27 avril 2012.",
    "bi-droplet-half",
    THEME,
    200,
    GROUPES,
    classer_anc,
    presenter,
    exemple="elements_probants=oui&nature=periodique&incomplete=on&zone_environnementale=on",
)
