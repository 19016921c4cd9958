"""What became of one sheet: goes from the worker to the report."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from gis_data.formats.edigeo.modele import ERREUR, Anomalie
from gis_data.imports.archives import nom_lisible

IMPORTEE, INCHANGEE, REJETEE = "importee", "inchangee", "rejetee"

# Refusals of the archive itself: the sheet in it cannot be told.
CODES_ARCHIVE = frozenset({"ARCHIVE_ILLISIBLE", "ARCHIVE_DANGEREUSE", "ARCHIVE_TROP_GRANDE"})

RAISONS = {
    "ARCHIVE_ILLISIBLE": "archive illisible",
    "ARCHIVE_DANGEREUSE": "archive dangereuse",
    "ARCHIVE_TROP_GRANDE": "archive trop grande",
    "THF_ABSENT": "fichier THF absent",
    "THF_INVALIDE": "fichier THF inutilisable",
    "FICHIER_MANQUANT": "fichier manquant",
    "FICHIER_TRONQUE": "fichier tronqué",
    "CRS_INCONNU": "projection inconnue",
    "CRS_HORS_TERRITOIRE": "projection d'un autre territoire",
    "FEUILLE_INDETERMINEE": "département inconnu",
    "FEUILLE_ABSENTE": "pas de feuille dans le lot",
    "MILLESIME_ANTERIEUR": "plus ancienne que la version en place",
    "RECONCILIATION": "objets lus et écrits ne concordent pas",
    "ERREUR_INTERNE": "erreur interne",
}


class Refus(Exception):
    """A sheet that is not imported; ``message`` is a French clause without the sheet's name."""

    def __init__(self, code: str, message: str, fichier: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fichier = fichier


@dataclass
class ResultatFeuille:
    """One line of the report. ``indice`` = sheet told by the name alone, for the summary of a refusal."""

    etat: str
    feuille: str | None = None
    crs: str | None = None
    millesime: date | None = None
    erreur: dict[str, str | None] | None = None
    lus: dict[str, int] = field(default_factory=dict)
    ecrits: dict[str, int] = field(default_factory=dict)
    anomalies: list[Anomalie] = field(default_factory=list)
    relations: dict[str, dict[str, int]] = field(default_factory=dict)
    indice: str | None = None
    mesures: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.erreur is not None:
            self.erreur = {cle: texte and nom_lisible(texte) for cle, texte in self.erreur.items()}

    @property
    def commune(self) -> str | None:
        """INSEE code."""
        return self.feuille[:5] if self.feuille else None

    def document(self) -> dict[str, Any]:
        """The JSON of the contract."""
        return {
            "feuille": self.feuille,
            "commune": self.commune,
            "crs": self.crs,
            "etat": self.etat,
            "erreur": self.erreur,
            "millesime": self.millesime.isoformat() if self.millesime else None,
            "lus": self.lus,
            "ecrits": self.ecrits,
            "anomalies": [document_anomalie(anomalie) for anomalie in self.anomalies],
            "relations": self.relations,
        }

    def anomalie_de_refus(self) -> Anomalie:
        """The refusal as a row of the anomalies."""
        erreur = self.erreur or {}
        sujet = self.feuille or self.indice or erreur.get("fichier")
        return Anomalie(
            erreur.get("code") or "", ERREUR, "", sujet or "", erreur.get("message") or "", ecrit=False
        )


def document_anomalie(anomalie: Anomalie) -> dict[str, Any]:
    """An anomaly in the JSON of the contract."""
    champs = asdict(anomalie)
    return {nom: champs[nom] for nom in ("code", "gravite", "type", "identifiant", "detail", "ecrit")}
