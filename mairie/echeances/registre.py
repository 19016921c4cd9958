"""Kinds of deadlines, declared by the trades from AppConfig.ready."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ImproperlyConfigured

_CODE = re.compile(r"^[a-z_]+\.[a-z0-9_]+$")


@dataclass(frozen=True)
class Fournisseur:
    """A kind of deadline: ``code`` is ``metier.what``, ``droit`` the right that shows it.

    ``republier(today)``: publishes again all that the trade waits for, each night, after the dossiers were
    brought up to date; only for what no service publishes at the moment it changes. How many rows.
    """

    code: str
    metier: str
    libelle: str
    droit: str
    icone: str = "bi-calendar-event"
    republier: Callable[[date], int] | None = None


_fournisseurs: dict[str, Fournisseur] = {}


def fournir(*fournisseurs: Fournisseur) -> None:
    """Add kinds; the same code twice must say the same."""
    for f in fournisseurs:
        if not _CODE.match(f.code) or not f.droit:
            raise ImproperlyConfigured(f"Échéance invalide : {f}")
        if _fournisseurs.setdefault(f.code, f) != f:
            raise ImproperlyConfigured(f"L'échéance {f.code} est déclarée deux fois")


def fournisseurs() -> dict[str, Fournisseur]:
    """All kinds by code."""
    return dict(_fournisseurs)


def fournisseur(code: str) -> Fournisseur:
    """A kind by its code; ``KeyError`` when no trade declares it."""
    return _fournisseurs[code]


def codes_par_droit() -> dict[str, list[str]]:
    """Right → codes that it shows."""
    sortie: dict[str, list[str]] = {}
    for f in _fournisseurs.values():
        sortie.setdefault(f.droit, []).append(f.code)
    return sortie
