"""Values of a screen: read from an object, written for the eye, kept as numbers and dates for a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.core.exceptions import ImproperlyConfigured, ObjectDoesNotExist
from django.db.models import Manager
from django.utils import timezone

# Narrow no-break space between thousands, no-break space before a unit.
MILLIERS, INSECABLE = "\u202f", "\u00a0"
# Those of the house style (docs/charte.md).
TONS = ("neutre", "info", "bien", "bientot", "attention", "danger")


class Nature(StrEnum):
    """How a value is written: MONTANT is in euros, INSTANT a date and a time, ETAT and PASTILLE a badge."""

    TEXTE = "texte"
    NOMBRE = "nombre"
    DATE = "date"
    INSTANT = "instant"
    MONTANT = "montant"
    ETAT = "etat"
    PASTILLE = "pastille"
    OUI_NON = "oui_non"


@dataclass(frozen=True)
class Ton:
    """A state on screen: word, tone of the house style, icon (the tone's own when empty)."""

    libelle: str
    ton: str = "neutre"
    icone: str = ""

    def __post_init__(self) -> None:
        if self.ton not in TONS:
            raise ImproperlyConfigured(f"Ton inconnu : {self.ton!r} (tons : {', '.join(TONS)})")


@dataclass(frozen=True)
class Champ:
    """One value of an object, for a list (with ``Colonne``) or a page.

    ``valeur``: dotted path from the object (``""``: the code itself), or a function of the object.
    ``tons``: for states, by stored value. ``lien``: address of what the value names. ``droit``: only with it.
    ``pourquoi``: steps that give the value (``nom``, ``article``, ``resultat``), unfolded in place.
    """

    code: str
    titre: str
    valeur: str | Callable[[Any], Any] = ""
    nature: Nature = Nature.TEXTE
    tons: Mapping[Any, Ton] = field(default_factory=dict)
    lien: Callable[[Any], str | None] | None = None
    droit: str = ""
    pourquoi: Callable[[Any], Sequence[Any]] | None = None

    @property
    def chemin(self) -> str:
        """Dotted path from the object, empty when a function gives the value."""
        return "" if callable(self.valeur) else (self.valeur or self.code)

    def lire(self, objet: Any) -> Any:
        """Value as stored; null when a relation on the way is empty."""
        return self.valeur(objet) if callable(self.valeur) else suivre(objet, self.chemin)

    def ton(self, objet: Any) -> Ton | None:
        """State or badge to draw, null for an empty value."""
        brut = self.lire(objet)
        if isinstance(brut, Ton):
            return brut
        if brut in (None, ""):
            return None
        return self.tons.get(brut) or Ton(self.texte(objet))

    def texte(self, objet: Any) -> str:
        """Value as shown on screen, empty when there is none."""
        return ecrire(self.nature, self._libelle(objet))

    def export(self, objet: Any) -> Any:
        """Value for a file: numbers stay numbers, dates stay dates, codes become words."""
        valeur = self._libelle(objet)
        if self.nature in (Nature.NOMBRE, Nature.MONTANT) and isinstance(valeur, int | float | Decimal):
            return valeur
        if isinstance(valeur, datetime):
            return timezone.localtime(valeur).replace(tzinfo=None) if timezone.is_aware(valeur) else valeur
        if isinstance(valeur, date):
            return valeur
        return ecrire(self.nature, valeur)

    def json(self, objet: Any) -> Any:
        """Value for a GeoJSON: truth, numbers and dates typed, null when empty."""
        brut = self.lire(objet)
        if isinstance(brut, bool):
            return brut
        valeur = self.export(objet)
        if isinstance(valeur, date):
            return valeur.isoformat()
        return float(valeur) if isinstance(valeur, Decimal) else (None if valeur == "" else valeur)

    def _libelle(self, objet: Any) -> Any:
        """Words of a coded value."""
        brut = self.lire(objet)
        if isinstance(brut, Ton):
            return brut.libelle
        if brut is not None and brut in self.tons:
            return self.tons[brut].libelle
        if self.chemin and brut not in (None, ""):
            return libelle_choix(objet, self.chemin, brut)
        return brut


def suivre(objet: Any, chemin: str) -> Any:
    """``chemin`` (``a.b.c``) from an object; null where a relation is empty."""
    for nom in chemin.split("."):
        if objet is None:
            return None
        try:
            objet = objet.get(nom) if isinstance(objet, Mapping) else getattr(objet, nom)
        except ObjectDoesNotExist:
            return None
        if callable(objet) and not isinstance(objet, Manager):
            objet = objet()
    return objet


def libelle_choix(objet: Any, chemin: str, brut: Any) -> Any:
    """Label of a field with choices, the value itself otherwise."""
    parent, _, nom = chemin.rpartition(".")
    porteur = suivre(objet, parent) if parent else objet
    afficher = getattr(porteur, f"get_{nom}_display", None)
    return afficher() if afficher is not None else brut


def nombre(valeur: int | float | Decimal, decimales: int | None = None) -> str:
    """``12 345,5`` with narrow no-break spaces."""
    texte = f"{valeur:,}" if decimales is None else f"{valeur:,.{decimales}f}"
    return texte.replace(",", MILLIERS).replace(".", ",").replace("-", "−")


def ecrire(nature: Nature, valeur: Any) -> str:
    """A value as French pages write it."""
    if valeur is None or valeur == "":
        return ""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if nature is Nature.OUI_NON:
        return "oui" if valeur else "non"
    if nature is Nature.MONTANT and isinstance(valeur, int | float | Decimal):
        return f"{nombre(valeur, 2)}{INSECABLE}€"
    if nature is Nature.NOMBRE and isinstance(valeur, int | float | Decimal):
        return nombre(valeur)
    if isinstance(valeur, datetime):
        locale = timezone.localtime(valeur) if timezone.is_aware(valeur) else valeur
        return f"{locale:%d/%m/%Y}" if nature is Nature.DATE else f"{locale:%d/%m/%Y %H:%M}"
    if isinstance(valeur, date):
        return f"{valeur:%d/%m/%Y}"
    if isinstance(valeur, list | tuple | set | frozenset):
        return ", ".join(str(v) for v in valeur)
    return str(valeur)
