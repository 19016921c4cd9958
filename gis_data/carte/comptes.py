"""What each public layer holds, read again when its version changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from gis_data.couches import Couche, couches
from gis_data.tuiles.service import version

T = TypeVar("T", int, bool)

_COMPTES: dict[str, tuple[str, int]] = {}
_REMPLIES: dict[str, tuple[str, bool]] = {}


def comptes() -> dict[str, int]:
    """Layer name → number of rows of the public layers; counts whole tables after each import."""
    return {couche.nom: compte(couche) for couche in couches() if couche.publique}


def compte(couche: Couche) -> int:
    """Number of rows of a public layer."""
    return _lire(_COMPTES, couche, lambda c: c.objets(None).count())


def vides(choisies: Iterable[Couche]) -> list[str]:
    """Names of the layers without a single row, which a first row found answers."""
    return [c.nom for c in choisies if not _lire(_REMPLIES, c, lambda c: c.objets(None).exists())]


def _lire(connus: dict[str, tuple[str, T]], couche: Couche, compter: Callable[[Couche], T]) -> T:
    courante = version(couche.nom)
    connu = connus.get(couche.nom)
    if connu is None or connu[0] != courante:
        connu = (courante, compter(couche))
        connus[couche.nom] = connu
    return connu[1]
