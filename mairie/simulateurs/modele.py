"""What a simulator declares: the fields of its case, and how an answer is said. Pure, but for types."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any


class Genre(StrEnum):
    """Kind of a field, and so the JSON value that it gives."""

    TEXTE = "texte"
    DATE = "date"
    NOMBRE = "nombre"
    ENTIER = "entier"
    CHOIX = "choix"
    CHOIX_ENTIER = "choix_entier"
    OUI_NON = "oui_non"
    COCHE = "coche"
    CASES = "cases"


@dataclass(frozen=True)
class Champ:
    """One field of a case, under the name that the contract gives it. ``vide``: first option of a choice."""

    code: str
    libelle: str
    genre: str = Genre.TEXTE
    aide: str = ""
    choix: Sequence[tuple[str, str]] = ()
    obligatoire: bool = False
    vide: str = "—"


@dataclass(frozen=True)
class Groupe:
    """Fields shown together. Without ``code`` they are of the case itself; with it, of an object of the case.

    ``liste``: of several objects, each called ``singulier``. ``replie``: folded while nothing is filled.
    """

    libelle: str
    champs: Sequence[Champ]
    code: str = ""
    liste: bool = False
    singulier: str = ""
    replie: bool = False
    obligatoire: bool = False
    aide: str = ""


@dataclass(frozen=True)
class Fait:
    """One figure of the answer: a date (shown in words, with its distance) or a text."""

    libelle: str
    jour: date | None = None
    texte: str = ""
    note: str = ""


@dataclass(frozen=True)
class Etape:
    """One step of the explanation."""

    regle: str
    article: str
    detail: str
    determinante: bool = False


@dataclass(frozen=True)
class Tableau:
    """Lines of a computation; numbers come already written, all columns but the first are numbers."""

    titre: str
    colonnes: Sequence[str]
    lignes: Sequence[Sequence[str]]
    total: Sequence[str] = ()

    @property
    def lignes_titrees(self) -> list[list[tuple[str, str]]]:
        """Each value with the title of its column, for a phone."""
        return [list(zip(self.colonnes, ligne, strict=True)) for ligne in self.lignes]


@dataclass(frozen=True)
class Resultat:
    """The answer as a person reads it."""

    phrase: str
    faits: Sequence[Fait] = ()
    etapes: Sequence[Etape] = ()
    alertes: Sequence[str] = ()
    tableau: Tableau | None = None
    suite: str = ""


Cas = dict[str, Any]


@dataclass(frozen=True)
class Outil:
    """Help of a trade to fill the form, in a form of its own below it: templates of the block, of the page's
    style sheets and of its scripts. ``contexte(answers)``: what the block needs; null, no block today.
    """

    gabarit: str
    tete: str
    scripts: str
    contexte: Callable[[Mapping[str, str]], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Simulateur:
    """One simulator. ``traiter``: the contract of the command, which raises ``ErreurSaisie``.

    ``presenter(cas, reponse)``: the same answer in words. ``exemple``: a query string that shows one.
    ``ajuster``: the groups as the base of the day wants them (choices that the commune has voted).
    """

    code: str
    titre: str
    texte: str
    icone: str
    theme: str
    ordre: int
    groupes: Sequence[Groupe]
    traiter: Callable[[Cas], Mapping[str, Any]]
    presenter: Callable[[Cas, Mapping[str, Any]], Resultat]
    exemple: str = ""
    ajuster: Callable[[Sequence[Groupe]], Sequence[Groupe]] | None = None
    outil: Outil | None = None
    avertissement: str = (
        "Simulation, sans valeur juridique : seule la décision ou la lettre de la mairie engage."
        " Elle ne vaut que pour ce qui est saisi ici, et rien n'est enregistré."
    )

    @property
    def groupes_du_jour(self) -> Sequence[Groupe]:
        """Its groups, as they are asked today."""
        return self.ajuster(self.groupes) if self.ajuster is not None else self.groupes

    @property
    def adresse(self) -> str:
        """Where it answers."""
        return f"/simulateurs/{self.code}/"
