"""Reading of a JSON case of sanitation: unknown fields refused, exact numbers, dates from 1900 to 2199."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from mairie import lecture_json
from mairie.lecture_json import ErreurSaisie

FORME_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
BORNE = Decimal(10) ** 15  # beyond it a typing mistake, and a way to exhaust memory
DECIMALES_MAX = 40
ANNEE_MIN, ANNEE_MAX = 1900, 2199


def lire_decimal(valeur: object) -> Decimal | None:
    """Exact number of a JSON number or of a text with a dot; None for anything else or out of reach."""
    if isinstance(valeur, bool):
        return None
    if isinstance(valeur, int | Decimal) or (isinstance(valeur, str) and FORME_DECIMAL.fullmatch(valeur)):
        nombre = Decimal(valeur)
    else:
        return None
    if not nombre.is_finite() or abs(nombre) >= BORNE:
        return None
    exposant = nombre.as_tuple().exponent
    return nombre if isinstance(exposant, int) and exposant >= -DECIMALES_MAX else None


def lire_jour(valeur: object, champ: str) -> date:
    """Real date ``AAAA-MM-JJ`` from 1900 to 2199; raises ``ErreurSaisie``."""
    jour = lecture_json.lire_date(valeur, champ)
    if not ANNEE_MIN <= jour.year <= ANNEE_MAX:
        raise ErreurSaisie(champ, f"L'année doit être comprise entre {ANNEE_MIN} et {ANNEE_MAX}.")
    return jour


@dataclass(frozen=True)
class Objet(lecture_json.Objet):
    """One JSON object being read; see ``mairie.lecture_json.Objet``."""

    def dictionnaire(self, nom: str) -> dict[str, Any]:
        """A mandatory object with free keys."""
        valeur = self.exiger(nom)
        if not isinstance(valeur, Mapping):
            raise self.faute(nom, "Un objet JSON { … } est attendu.")
        return dict(valeur)

    def texte(self, nom: str) -> str:
        """A mandatory text, not blank, trimmed."""
        valeur = self.exiger(nom)
        if not isinstance(valeur, str) or not valeur.strip():
            raise self.faute(nom, "Un texte non vide est attendu.")
        return valeur.strip()

    def booleen_exige(self, nom: str) -> bool:
        """A mandatory JSON boolean."""
        self.exiger(nom)
        return self.booleen(nom)

    def booleen_facultatif(self, nom: str) -> bool | None:
        """A JSON boolean, or None when absent."""
        return self.booleen(nom) if self.present(nom) else None

    def choix_facultatif(self, nom: str, valeurs: Sequence[str]) -> str | None:
        """One of ``valeurs``, or None when absent."""
        return self.choix(nom, valeurs) if self.present(nom) else None

    def entier_facultatif(self, nom: str, *, minimum: int, maximum: int) -> int | None:
        """A JSON integer within bounds, or None when absent."""
        return self.entier(nom, minimum=minimum, maximum=maximum) if self.present(nom) else None

    def jour(self, nom: str) -> date | None:
        """A date from 1900 to 2199, or None when absent."""
        return lire_jour(self.valeurs[nom], self.ou(nom)) if self.present(nom) else None

    def jour_exige(self, nom: str) -> date:
        """A mandatory date from 1900 to 2199."""
        return lire_jour(self.exiger(nom), self.ou(nom))

    def decimal(
        self,
        nom: str,
        defaut: Decimal | int | None = None,
        *,
        minimum: Decimal | int = 0,
        strict: bool = False,
        maximum: Decimal | int | None = None,
    ) -> Decimal:
        """An exact number at least ``minimum`` (above it if ``strict``); mandatory without default."""
        if defaut is not None and not self.present(nom):
            return Decimal(defaut)
        nombre = lire_decimal(self.exiger(nom))
        if nombre is None:
            raise self.faute(nom, "Un nombre est attendu, avec un point pour les décimales.")
        if nombre < minimum or (strict and nombre == minimum):
            seuil = "supérieur à" if strict else "au moins égal à"
            raise self.faute(nom, f"Le nombre doit être {seuil} {minimum}.")
        if maximum is not None and nombre > maximum:
            raise self.faute(nom, f"Le nombre ne doit pas dépasser {maximum}.")
        return nombre

    def decimal_facultatif(self, nom: str, *, strict: bool = False) -> Decimal | None:
        """An exact number not negative (above zero if ``strict``), or None when absent."""
        return self.decimal(nom, strict=strict) if self.present(nom) else None
