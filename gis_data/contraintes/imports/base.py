"""What an import says: anomalies, counts that reconcile, and why a package is refused."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any

from django.db.models import Model

from gis_data.contraintes.imports.lecture import DateIllisible, lire_date
from gis_data.contraintes.models import DocumentUrbanisme
from gis_data.imports.rapport import ecarts
from gis_data.imports.travail import Suivi
from gis_data.ouverture import FichierRefuse

# Anomalies listed one by one in the report; the others are counted.
LISTEES = 300


class ImportRefuse(FichierRefuse):
    """A package refused whole: nothing is written. ``rapport`` says what was found before."""

    def __init__(self, message: str, rapport: Rapport | None = None) -> None:
        super().__init__(message)
        self.rapport = rapport


@dataclass(frozen=True)
class Anomalie:
    """Something to know about an object (``numero`` from 1; 0: the whole layer).

    ``gravite``: « information », « attention » (to be looked at) or « erreur ». ``ecrit``: kept all the same.
    """

    code: str
    gravite: str
    couche: str
    numero: int
    message: str
    ecrit: bool = True

    @property
    def type(self) -> str:
        """For the reconciliation."""
        return self.couche

    @property
    def identifiant(self) -> str:
        """For the reconciliation."""
        return str(self.numero)

    def en_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "code": self.code,
            "gravite": self.gravite,
            "couche": self.couche,
            "numero": self.numero,
            "message": self.message,
            "ecrit": self.ecrit,
        }


@dataclass
class Rapport:
    """Report of one package."""

    genre: str
    source: str
    statut: str = "refuse"
    motif: str = ""
    empreinte: str = ""
    documents: list[dict[str, Any]] = field(default_factory=list)
    lus: dict[str, int] = field(default_factory=dict)
    ecrits: dict[str, int] = field(default_factory=dict)
    # Layers of the package that are not kept (drawing aids, tables without geometry), with their counts.
    ignorees: dict[str, int] = field(default_factory=dict)
    anomalies: list[Anomalie] = field(default_factory=list)
    encodages: dict[str, str] = field(default_factory=dict)
    projections: dict[str, int] = field(default_factory=dict)
    duree_s: float = 0.0

    def signaler(
        self, code: str, gravite: str, couche: str, numero: int, message: str, *, ecrit: bool = True
    ) -> None:
        """Add an anomaly."""
        self.anomalies.append(Anomalie(code, gravite, couche, numero, message, ecrit))

    @property
    def ecarts(self) -> dict[str, int]:
        """Objects read that are neither written nor named by an anomaly; empty in a sound import."""
        return ecarts(self.lus, self.ecrits, self.anomalies)

    def date(self, brute: Any, table: str, numero: int) -> date | None:
        """A date; null, and an anomaly, when it can't be read."""
        try:
            return lire_date(brute)
        except DateIllisible as erreur:
            self.signaler("DATE_ILLISIBLE", "attention", table, numero, f"Date illisible : « {erreur} ».")
            return None

    def par_code(self) -> dict[str, int]:
        """Number of anomalies of each kind."""
        comptes: dict[str, int] = {}
        for anomalie in self.anomalies:
            comptes[anomalie.code] = comptes.get(anomalie.code, 0) + 1
        return dict(sorted(comptes.items()))

    def en_json(self) -> dict[str, Any]:
        """The report as printed by the commands and kept with the run."""
        return {
            "genre": self.genre,
            "source": self.source,
            "statut": self.statut,
            "motif": self.motif,
            "empreinte": self.empreinte,
            "documents": self.documents,
            "lus": self.lus,
            "ecrits": self.ecrits,
            "ignorees": self.ignorees,
            "ecarts": self.ecarts if self.statut == "importe" else {},
            "anomalies": [a.en_json() for a in self.anomalies[:LISTEES]],
            "anomalies_par_code": self.par_code(),
            "encodages": self.encodages,
            "projections": self.projections,
            "duree_s": round(self.duree_s, 3),
        }


def empreinte_de(fichier: IO[bytes] | Path) -> str:
    """SHA-256 of a file, or of all files of a folder with their names."""
    condense = hashlib.sha256()
    if isinstance(fichier, Path) and fichier.is_dir():
        for chemin in sorted(fichier.rglob("*")):
            if chemin.is_file() and not chemin.is_symlink():
                condense.update(chemin.relative_to(fichier).as_posix().encode() + b"\0")
                condense.update(hashlib.sha256(chemin.read_bytes()).digest())
        return condense.hexdigest()
    if isinstance(fichier, Path):
        if not fichier.is_file():
            return ""
        with fichier.open("rb") as flux:
            return hashlib.file_digest(flux, "sha256").hexdigest()
    if fichier.seekable():
        fichier.seek(0)
        while bloc := fichier.read(1 << 20):
            condense.update(bloc)
            if fichier.tell() > 1 << 30:
                break
        fichier.seek(0)
    return condense.hexdigest()


def ecrire_lots(modele: type[Model], objets: Iterable[Any], taille: int = 1000) -> int:
    """Write rows; how many."""
    lignes = list(objets)
    modele._default_manager.bulk_create(lignes, batch_size=taille)
    return len(lignes)


def verifier_comptes(rapport: Rapport) -> None:
    """Stop the transaction when an object read is neither written nor named by an anomaly."""
    if rapport.ecarts:
        raise AssertionError(f"import de {rapport.source} : objets perdus {rapport.ecarts}")


def suivre(rapport: Rapport, utilisateur: Any, travail: Callable[[], list[DocumentUrbanisme]]) -> Rapport:
    """Run an import under a row of ``ImportTravail``, which keeps the report either way."""
    debut = time.monotonic()
    suivi = Suivi(rapport.genre, {"source": rapport.source}, utilisateur)
    try:
        documents = travail()
    except FichierRefuse as refus:
        rapport.motif = str(refus)
        rapport.ecrits, rapport.documents = {}, []
        rapport.duree_s = time.monotonic() - debut
        suivi.interrompre({"refuse": 1}, rapport.en_json())
        raise ImportRefuse(str(refus), rapport) from refus
    except BaseException:
        suivi.interrompre({}, rapport.en_json())
        raise
    rapport.statut = "importe"
    rapport.duree_s = time.monotonic() - debut
    suivi.terminer({"ecrits": sum(rapport.ecrits.values())}, rapport.en_json())
    DocumentUrbanisme.objects.filter(pk__in=[d.pk for d in documents]).update(travail=suivi.travail)
    return rapport
