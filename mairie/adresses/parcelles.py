"""Which parcel lies under a point: ``cadastre`` knows, and says it here."""

from __future__ import annotations

from collections.abc import Callable

# From metres of the territory's projection to the ``idu``, null where no parcel is.
Fournisseur = Callable[[float, float], str | None]
_fournisseurs: list[Fournisseur] = []


def fournir(fournisseur: Fournisseur) -> None:
    """Declare who knows, from ``AppConfig.ready``; the last one declared answers."""
    if fournisseur not in _fournisseurs:
        _fournisseurs.append(fournisseur)


def au_point(x: float, y: float) -> str | None:
    """``idu`` of the parcel under a point of the territory's projection; null where none is known."""
    return _fournisseurs[-1](x, y) if _fournisseurs else None
