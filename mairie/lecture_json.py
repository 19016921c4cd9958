"""Reading of a JSON case with the path of its first fault, for the batch commands. Pure: no Django."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Self

FORME_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
CHIFFRES_MAX = 1000
FORME_NOMBRE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")


class ErreurSaisie(ValueError):
    """A fault of the input: ``champ`` is its path, ``message`` a French sentence for the person."""

    def __init__(self, champ: str, message: str) -> None:
        super().__init__(f"{champ} : {message}")
        self.champ = champ
        self.message = message


class LotIllisible(ValueError):
    """The file as a whole is not a JSON list; the text says why, in French."""


def _decimal(texte: str) -> Decimal:
    """Decimal of a JSON number; an exponent beyond all measure reads as infinity, refused by the field."""
    try:
        return Decimal(texte)
    except InvalidOperation:
        return Decimal("Infinity")


def _entier(texte: str) -> int | Decimal:
    """A JSON integer; beyond all measure it reads as infinity, refused by the field and not by the file."""
    return int(texte) if len(texte) <= CHIFFRES_MAX else Decimal("Infinity")


def _constante(nom: str) -> None:
    raise LotIllisible(f"Le contenu n'est pas du JSON lisible : {nom} n'est pas un nombre JSON.")


def lire_lot(octets: bytes, *, non_finis: bool = False) -> list[Any]:
    """The cases of a batch: a JSON list in UTF-8, numbers with a point as ``Decimal``.

    With ``non_finis``, NaN and Infinity are read as such, for the field that holds them to refuse.

    Raises ``LotIllisible`` when the bytes are not JSON or the root is not a list.
    """
    try:
        racine = json.loads(
            octets.decode("utf-8-sig"),
            parse_float=_decimal,
            parse_int=_entier,
            parse_constant=Decimal if non_finis else _constante,
        )
    except LotIllisible:
        raise
    except UnicodeDecodeError as e:
        raise LotIllisible(f"Le contenu n'est pas en UTF-8 (octet {e.start}).") from e
    except json.JSONDecodeError as e:
        raise LotIllisible(
            f"Le contenu n'est pas du JSON lisible (ligne {e.lineno}, colonne {e.colno})."
        ) from e
    except (ValueError, RecursionError) as e:
        raise LotIllisible("Le contenu n'est pas du JSON lisible : nombre ou emboîtement démesuré.") from e
    if not isinstance(racine, list):
        raise LotIllisible("Une liste JSON de cas est attendue : [ {…}, {…} ].")
    return racine


def lire_date(valeur: Any, champ: str) -> date:
    """The date of a text ``AAAA-MM-JJ`` that exists; raises ``ErreurSaisie``."""
    if not isinstance(valeur, str) or not FORME_DATE.fullmatch(valeur):
        raise ErreurSaisie(champ, "Date attendue sous la forme AAAA-MM-JJ, par exemple 2026-03-01.")
    try:
        return date.fromisoformat(valeur)
    except ValueError:
        raise ErreurSaisie(champ, "Cette date n'existe pas.") from None


def _deux_decimales(nombre: Decimal) -> bool:
    """True when the value, trailing zeros left out, has two decimals at most (exact, whatever the length)."""
    _, chiffres, exposant = nombre.as_tuple()
    if not isinstance(exposant, int):
        return False
    zeros = len(chiffres) - len("".join(map(str, chiffres)).rstrip("0"))
    return exposant + zeros >= -2 or not any(chiffres)


def lire_nombre(valeur: Any, champ: str) -> Decimal:
    """A JSON number or a text with a point, not negative, nine digits before it and two after at most."""
    nombre: Decimal | None = None
    if isinstance(valeur, str):
        if FORME_NOMBRE.fullmatch(valeur):
            nombre = Decimal(valeur)
    elif isinstance(valeur, (int, float, Decimal)) and not isinstance(valeur, bool):
        # A float only comes from a direct call: its shortest writing is what the person typed.
        nombre = Decimal(str(valeur)) if isinstance(valeur, float) else Decimal(valeur)
        if not (nombre.is_finite() and 0 <= nombre < 10**9 and _deux_decimales(nombre)):
            nombre = None
    if nombre is None:
        raise ErreurSaisie(
            champ,
            "Nombre attendu, positif ou nul, avec un point, neuf chiffres avant et deux après au plus.",
        )
    return nombre if nombre else Decimal(0)


def lire_entier(valeur: Any, champ: str, minimum: int, maximum: int) -> int:
    """A JSON integer between two bounds included; raises ``ErreurSaisie``."""
    if isinstance(valeur, bool) or not isinstance(valeur, int) or not minimum <= valeur <= maximum:
        raise ErreurSaisie(champ, f"Nombre entier attendu, de {minimum} à {maximum}.")
    return valeur


@dataclass(frozen=True)
class Objet:
    """One JSON object being read: its values by field name, and its path (empty for the case itself)."""

    valeurs: dict[str, Any]
    chemin: str = ""

    @classmethod
    def ouvrir(cls, valeur: Any, chemin: str, champs: Sequence[str], *, racine: str = "cas") -> Self:
        """Check that ``valeur`` is an object without unknown keys (first in alphabetical order reported)."""
        if not isinstance(valeur, dict):
            raise ErreurSaisie(chemin or racine, "Un objet JSON { … } est attendu.")
        objet = cls(valeur, chemin)
        inconnus = sorted(set(valeur) - set(champs))
        if inconnus:
            raise objet.faute(inconnus[0], f"Champ inconnu. Champs possibles : {', '.join(champs)}.")
        return objet

    def ou(self, nom: str) -> str:
        """Path of a field, such as ``pieces[0].notifiee_le``."""
        return f"{self.chemin}.{nom}" if self.chemin else nom

    def faute(self, nom: str, message: str) -> ErreurSaisie:
        """The fault to raise at field ``nom``."""
        return ErreurSaisie(self.ou(nom), message)

    def present(self, nom: str) -> bool:
        """False when the field is missing or null."""
        return self.valeurs.get(nom) is not None

    def exiger(self, nom: str) -> Any:
        """The raw value of a mandatory field."""
        if not self.present(nom):
            raise self.faute(nom, "Ce champ est obligatoire.")
        return self.valeurs[nom]

    def choix(self, nom: str, valeurs: Sequence[str], defaut: str | None = None) -> str:
        """One of ``valeurs``; mandatory when there is no default."""
        valeur = self.exiger(nom) if defaut is None else self.valeurs.get(nom)
        if valeur is None:
            return str(defaut)
        if not isinstance(valeur, str) or valeur not in valeurs:
            raise self.faute(nom, f"Valeur inconnue. Valeurs possibles : {', '.join(valeurs)}.")
        return str(valeur)

    def booleen(self, nom: str, defaut: bool = False) -> bool:
        """A JSON boolean."""
        valeur = self.valeurs.get(nom)
        if valeur is None:
            return defaut
        if not isinstance(valeur, bool):
            raise self.faute(nom, "Booléen attendu : true ou false, sans guillemets.")
        return valeur

    def jour(self, nom: str) -> date | None:
        """A date, or None when absent."""
        return lire_date(self.valeurs[nom], self.ou(nom)) if self.present(nom) else None

    def jour_exige(self, nom: str) -> date:
        """A mandatory date."""
        return lire_date(self.exiger(nom), self.ou(nom))

    def nombre(self, nom: str, defaut: Decimal | None = None) -> Decimal:
        """A decimal number; mandatory when there is no default."""
        if defaut is not None and not self.present(nom):
            return defaut
        return lire_nombre(self.exiger(nom), self.ou(nom))

    def entier(self, nom: str, defaut: int | None = None, *, minimum: int = 0, maximum: int = 999_999) -> int:
        """A JSON integer within bounds; mandatory when there is no default."""
        if defaut is not None and not self.present(nom):
            return defaut
        return lire_entier(self.exiger(nom), self.ou(nom), minimum, maximum)

    def liste(self, nom: str) -> list[tuple[str, Any]]:
        """(path, value) of each item; empty when absent."""
        valeur = self.valeurs.get(nom)
        if valeur is None:
            return []
        if not isinstance(valeur, list):
            raise self.faute(nom, "Une liste JSON [ … ] est attendue.")
        return [(f"{self.ou(nom)}[{rang}]", element) for rang, element in enumerate(valeur)]

    def objets(self, nom: str, champs: Sequence[str]) -> Iterator[Self]:
        """The items of a list of objects, opened one by one: an item is read before the next is looked at."""
        for chemin, valeur in self.liste(nom):
            yield self.ouvrir(valeur, chemin, champs)

    def objet(self, nom: str, champs: Sequence[str]) -> Self | None:
        """A nested object, or None when absent."""
        return self.ouvrir(self.valeurs[nom], self.ou(nom), champs) if self.present(nom) else None
