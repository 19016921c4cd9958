"""What the simulators share: choices in words, steps and dates of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.formats import date_format

from mairie.simulateurs import Champ, Etape, Fait
from mairie.simulateurs.modele import Genre
from urba.regles.alertes import LIBELLES_ALERTES, Alerte
from urba.regles.types import LIBELLES_TYPES, Nature, TypeDelai

THEME = "Permis et déclarations"
TYPES: Sequence[tuple[str, str]] = (
    ("DP", "Déclaration préalable"),
    ("PCMI", "Permis de construire une maison individuelle"),
    ("PC", "Permis de construire, autre construction"),
    ("PA", "Permis d'aménager"),
    ("PD", "Permis de démolir"),
    ("CUA", "Certificat d'urbanisme d'information"),
    ("CUB", "Certificat d'urbanisme opérationnel"),
)
NATURES: Sequence[tuple[str, str]] = (
    (Nature.INITIAL, "Première demande"),
    (Nature.MODIFICATIF, "Modification d'un permis accordé"),
    (Nature.TRANSFERT, "Transfert à une autre personne"),
    (Nature.PROROGATION, "Prorogation"),
)
_REGLES = {
    "BASE": "Délai de base",
    "MAJORATION": "Délai majoré",
    "ENQUETE": "Enquête publique",
    "PIECES": "Pièces manquantes",
    "PROLONGATION": "Prolongation",
    "LIMITE": "Date limite",
    "SILENCE": "Sens du silence",
    "DECISION": "Décision",
    "VALIDITE": "Validité",
    "PROROGATION": "Prorogation",
    "RETRAIT": "Retrait",
    "RECOURS": "Recours",
    "TRAVAUX": "Travaux",
    "CONTROLE": "Contrôle de légalité",
    "AFFICHAGE": "Affichage",
    "PART": "Part de la taxe",
}
LETTRE = (
    Champ(
        "mode",
        "Envoi",
        Genre.CHOIX,
        choix=(("postal", "Par la poste"), ("electronique", "Par voie électronique")),
        vide="Par la poste",
    ),
    Champ("notifiee_le", "Présentée la première fois le", Genre.DATE, aide="Lettre postale."),
    Champ("envoyee_le", "Envoyée le", Genre.DATE, aide="Envoi électronique."),
    Champ("consultee_le", "Consultée le", Genre.DATE, aide="Envoi électronique, s'il a été lu."),
)


def jour(valeur: Any) -> date | None:
    """A date of an answer."""
    return date.fromisoformat(valeur) if valeur else None


def en_lettres(valeur: date) -> str:
    """« jeudi 12 mars 2026 »."""
    return date_format(valeur, "l j F Y").replace(" 1 ", " 1er ", 1)


def etapes(lignes: Iterable[Mapping[str, str]], determinantes: Sequence[str] = ()) -> list[Etape]:
    """Steps of an explanation, their rule in words."""
    return [
        Etape(
            _REGLES.get(x["regle"], x["regle"].replace("_", " ").capitalize()),
            x["article"],
            x["detail"],
            x["regle"] in determinantes,
        )
        for x in lignes
    ]


def alertes(codes: Iterable[str]) -> list[str]:
    """Alerts in words."""
    return [LIBELLES_ALERTES[Alerte(code)] for code in codes]


def dates(reponse: Mapping[str, Any], libelles: Iterable[tuple[str, str, str]]) -> list[Fait]:
    """Dates of an answer that exist: (key, label, note)."""
    return [
        Fait(libelle, jour=jour(reponse[cle]), note=note) for cle, libelle, note in libelles if reponse[cle]
    ]


def type_en_mots(code: str) -> str:
    """Kind of request, in lower case."""
    return LIBELLES_TYPES[TypeDelai(code)].lower()
