"""Field forms: a trade declares each from ``AppConfig.ready``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms


@dataclass(frozen=True)
class FicheTerrain:
    """An object to write about: its title, facts shown above the form, values to begin with, version seen."""

    titre: str
    valeurs: Mapping[str, Any]
    version: int
    faits: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Fait:
    """What was done: a sentence, and the address of the object where there is one."""

    message: str
    adresse: str = ""


class SaisieRefusee(Exception):
    """The trade does not take the entry; the French message says why."""


class Conflit(Exception):
    """The object changed since it was seen: what is stored now, its version, and who wrote it."""

    def __init__(self, valeurs: Mapping[str, Any], version: int, par: str = "") -> None:
        super().__init__("conflit")
        self.valeurs, self.version, self.par = valeurs, version, par


@dataclass(frozen=True)
class SaisieTerrain:
    """One field form.

    ``lire(person, key)``: the object, null when this person may not see it. ``enregistrer(person, key,
    cleaned_data, version, client_uuid)`` writes, within one transaction with the mark that the entry was
    received; it raises ``Conflit`` or ``SaisieRefusee``. ``objets(person)``: (key, title) to take along.
    ``pour(person, key)``: the form of one object, where each has its own questions. ``gabarit`` and
    ``scripts``: how the fields are laid, and the modules that serve them; ``brouillons``: what is typed is
    kept on the device at each change, before it is sent. ``emporter``: words of the button of these forms.
    ``places(person)``: (longitude, latitude) by key, for a list that the phone puts nearest first.
    """

    code: str
    titre: str
    droit: str
    formulaire: type[forms.Form]
    lire: Callable[[Any, str], FicheTerrain | None]
    enregistrer: Callable[[Any, str, dict[str, Any], int, UUID], Fait]
    objets: Callable[[Any], Iterable[tuple[str, str]]]
    pour: Callable[[Any, str], type[forms.Form]] | None = None
    gabarit: str = ""
    scripts: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    brouillons: bool = False
    emporter: str = ""
    places: Callable[[Any], Mapping[str, tuple[float, float]]] | None = None

    def classe(self, personne: Any, cle: str) -> type[forms.Form]:
        """The form of this object."""
        return self.pour(personne, cle) if self.pour is not None else self.formulaire


_saisies: dict[str, SaisieTerrain] = {}


def declarer(nouvelle: SaisieTerrain) -> None:
    """Declare a form; a second one of the same code is a mistake."""
    if nouvelle.code in _saisies:
        raise ValueError(f"Saisie de terrain déjà déclarée : {nouvelle.code}")
    _saisies[nouvelle.code] = nouvelle


def retirer(code: str) -> None:
    """For tests."""
    _saisies.pop(code, None)


def saisie(code: str) -> SaisieTerrain | None:
    """The form of that code."""
    return _saisies.get(code)


def saisies(utilisateur: Any) -> list[SaisieTerrain]:
    """Forms that this person may fill, in the order of their declaration."""
    return [s for s in _saisies.values() if utilisateur.has_perm(s.droit)]
