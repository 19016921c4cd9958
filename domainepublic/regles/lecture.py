"""Reading of a JSON case field by field, in a fixed order: the first fault met is the one reported.

Numbers are JSON numbers or texts with a dot, booleans are never numbers, ``null`` means absent and
unknown keys are ignored (conventions common to the five commands).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from mairie import lecture_json
from mairie.lecture_json import ErreurSaisie

FORME_NOMBRE = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
BORNE = Decimal(10) ** 15  # beyond it a typing mistake, and a way to exhaust memory
DECIMALES_MAX = 40


def lire_nombre(valeur: object) -> Decimal | None:
    """Exact number of a JSON number or of a text with a dot; None for anything else or out of reach."""
    nombre: Decimal
    if isinstance(valeur, bool):
        return None
    if isinstance(valeur, int | Decimal):
        nombre = Decimal(valeur)
    elif isinstance(valeur, str) and FORME_NOMBRE.fullmatch(valeur.strip()):
        nombre = Decimal(valeur.strip())
    else:
        return None
    if not nombre.is_finite() or abs(nombre) >= BORNE:
        return None
    exposant = nombre.as_tuple().exponent
    return nombre if isinstance(exposant, int) and exposant >= -DECIMALES_MAX else None


def lire_code(valeur: object) -> str | None:
    """Code as text: a text or a number, never empty; None for anything else."""
    if isinstance(valeur, str):
        return valeur.strip() or None
    if isinstance(valeur, int | Decimal) and not isinstance(valeur, bool):
        return str(valeur)
    return None


def lire_date(valeur: object) -> datetime.date | None:
    """Date written exactly ``AAAA-MM-JJ`` and that exists; None for anything else."""
    try:
        return lecture_json.lire_date(valeur, "")
    except ErreurSaisie:
        return None


class Objet:
    """One JSON object at a known path; each method reads one field and raises ``ErreurSaisie`` on it."""

    def __init__(self, brut: Mapping[str, Any], chemin: str = "") -> None:
        self._brut = brut
        self.chemin = chemin

    @classmethod
    def du_cas(cls, brut: Any) -> Objet:
        """The case itself, whose path is empty."""
        if not isinstance(brut, Mapping):
            raise ErreurSaisie("", "Un cas est un objet JSON, entre accolades.")
        return cls(brut)

    def champ(self, nom: str) -> str:
        """Dotted path of a field."""
        return f"{self.chemin}.{nom}" if self.chemin else nom

    def faute(self, nom: str, message: str) -> ErreurSaisie:
        """Error on a field, to be raised."""
        return ErreurSaisie(self.champ(nom), message)

    def brut(self, nom: str) -> Any:
        """Raw value, None when absent."""
        return self._brut.get(nom)

    def donne(self, nom: str) -> bool:
        """Whether the field is present and not null."""
        return self._brut.get(nom) is not None

    def exiger(self, nom: str) -> Any:
        """Raw value of a field that must be there."""
        if not self.donne(nom):
            raise self.faute(nom, "Ce champ est obligatoire : indiquez-le.")
        return self.brut(nom)

    def texte(self, nom: str, longueur_max: int | None = None) -> str:
        """Required text, trimmed and not empty."""
        valeur = self.exiger(nom)
        if not isinstance(valeur, str) or not valeur.strip():
            raise self.faute(nom, "Un texte non vide est attendu.")
        if longueur_max is not None and len(valeur.strip()) > longueur_max:
            raise self.faute(nom, f"Le texte dépasse {longueur_max} caractères : raccourcissez-le.")
        return valeur.strip()

    def texte_facultatif(self, nom: str) -> str | None:
        """Text or nothing; an empty text is nothing."""
        valeur = self.brut(nom)
        if valeur is not None and not isinstance(valeur, str):
            raise self.faute(nom, "Un texte est attendu.")
        return (valeur or "").strip() or None

    def code(self, nom: str) -> str:
        """Required code, compared as text."""
        valeur = lire_code(self.exiger(nom))
        if valeur is None:
            raise self.faute(nom, "Un code est attendu : un texte non vide ou un nombre.")
        return valeur

    def code_facultatif(self, nom: str) -> str | None:
        """Code as text, or nothing."""
        return self.code(nom) if self.donne(nom) else None

    def choix(self, nom: str, valeurs: Sequence[str], defaut: str | None = None) -> str:
        """One of ``valeurs``; required unless there is a default."""
        if defaut is not None and not self.donne(nom):
            return defaut
        valeur = self.exiger(nom)
        if not isinstance(valeur, str) or valeur not in valeurs:
            raise self.faute(nom, f"Valeur inconnue. Valeurs possibles : {', '.join(valeurs)}.")
        return valeur

    def choix_facultatif(self, nom: str, valeurs: Sequence[str]) -> str | None:
        """One of ``valeurs`` or nothing."""
        return self.choix(nom, valeurs) if self.donne(nom) else None

    def booleen(self, nom: str, defaut: bool = False) -> bool:
        """JSON true or false."""
        valeur = self.booleen_facultatif(nom)
        return defaut if valeur is None else valeur

    def booleen_facultatif(self, nom: str) -> bool | None:
        """JSON true, false, or nothing."""
        valeur = self.brut(nom)
        if valeur is not None and not isinstance(valeur, bool):
            raise self.faute(nom, "Répondez par true (oui) ou false (non).")
        return valeur

    def nombre(
        self,
        nom: str,
        defaut: Decimal | int | str | None = None,
        *,
        minimum: Decimal | int = 0,
        strict: bool = False,
        maximum: Decimal | int | None = None,
    ) -> Decimal:
        """Number at least ``minimum`` (above it if ``strict``); required unless there is a default."""
        if defaut is not None and not self.donne(nom):
            return Decimal(defaut)
        valeur = lire_nombre(self.exiger(nom))
        if valeur is None:
            raise self.faute(nom, "Un nombre est attendu, avec un point pour les décimales.")
        if valeur < minimum or (strict and valeur == minimum):
            seuil = "supérieur à" if strict else "au moins égal à"
            raise self.faute(nom, f"Le nombre doit être {seuil} {minimum}.")
        if maximum is not None and valeur > maximum:
            raise self.faute(nom, f"Le nombre ne doit pas dépasser {maximum}.")
        return valeur

    def nombre_facultatif(self, nom: str, *, minimum: Decimal | int = 0) -> Decimal | None:
        """Number at least ``minimum``, or nothing."""
        return self.nombre(nom, minimum=minimum) if self.donne(nom) else None

    def entier(
        self, nom: str, defaut: int | None = None, *, minimum: int = 0, maximum: int | None = None
    ) -> int:
        """Whole number between the bounds; required unless there is a default."""
        if defaut is not None and not self.donne(nom):
            return defaut
        valeur = lire_nombre(self.exiger(nom))
        if valeur is None or valeur != int(valeur):
            raise self.faute(nom, "Un nombre entier est attendu.")
        if valeur < minimum or (maximum is not None and valeur > maximum):
            bornes = f"au moins {minimum}" if maximum is None else f"entre {minimum} et {maximum}"
            raise self.faute(nom, f"Le nombre doit être {bornes}.")
        return int(valeur)

    def date(self, nom: str) -> datetime.date:
        """Required date."""
        valeur = lire_date(self.exiger(nom))
        if valeur is None:
            raise self.faute(nom, "Une date qui existe est attendue, écrite AAAA-MM-JJ.")
        return valeur

    def date_facultative(self, nom: str) -> datetime.date | None:
        """Date or nothing."""
        return self.date(nom) if self.donne(nom) else None

    def objet(self, nom: str) -> Objet:
        """Required object."""
        valeur = self.exiger(nom)
        if not isinstance(valeur, Mapping):
            raise self.faute(nom, "Un objet JSON est attendu, entre accolades.")
        return Objet(valeur, self.champ(nom))

    def objet_facultatif(self, nom: str) -> Objet:
        """Object, empty when absent."""
        return self.objet(nom) if self.donne(nom) else Objet({}, self.champ(nom))

    def liste(self, nom: str, *, vide: bool = True) -> list[Any]:
        """Required list; an empty one is refused unless ``vide``."""
        valeur = self.exiger(nom)
        if not isinstance(valeur, list):
            raise self.faute(nom, "Une liste JSON est attendue, entre crochets.")
        if not valeur and not vide:
            raise self.faute(nom, "La liste est vide : donnez au moins un élément.")
        return valeur

    def liste_facultative(self, nom: str) -> list[Any]:
        """List, empty when absent."""
        return self.liste(nom) if self.donne(nom) else []

    def objets(self, nom: str, *, requis: bool = False, vide: bool = True) -> Iterator[Objet]:
        """Objects of a list, each checked when it is reached, so that faults keep the reading order."""
        elements = self.liste(nom, vide=vide) if requis else self.liste_facultative(nom)
        for rang, element in enumerate(elements):
            chemin = f"{self.champ(nom)}[{rang}]"
            if not isinstance(element, Mapping):
                raise ErreurSaisie(chemin, "Un objet JSON est attendu, entre accolades.")
            yield Objet(element, chemin)

    def choix_multiples(self, nom: str, valeurs: Sequence[str]) -> tuple[str, ...]:
        """List of values among ``valeurs``, in the order given; empty when absent."""
        retenus = []
        for rang, element in enumerate(self.liste_facultative(nom)):
            if not isinstance(element, str) or element not in valeurs:
                message = f"Valeur inconnue. Valeurs possibles : {', '.join(valeurs)}."
                raise ErreurSaisie(f"{self.champ(nom)}[{rang}]", message)
            retenus.append(element)
        return tuple(retenus)
