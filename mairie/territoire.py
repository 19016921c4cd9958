"""The territory served: which communes, under what name, by plans of which vintages.

``cadastre`` knows it and fills the registry; the frame of every page reads it here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.cache import cache
from django.utils.formats import date_format

CLE_CACHE = "mairie.territoire"
DUREE_CACHE_S = 60


@dataclass(frozen=True)
class Territoire:
    """Communes as (INSEE code, name to show) and the span of their plans' vintages."""

    communes: tuple[tuple[str, str], ...] = ()
    millesime_ancien: date | None = None
    millesime_recent: date | None = None
    # (west, south, east, north) in degrees
    emprise: tuple[float, float, float, float] | None = None
    # Longitude and latitude of the place to show first: where most houses are.
    coeur: tuple[float, float] | None = None
    # Who made the plans.
    producteur: str = "DGFiP – Cadastre"

    @property
    def nom(self) -> str:
        """Name for the header: the setting, else the only commune, else how many there are."""
        if settings.COLLECTIVITE_NOM:
            return str(settings.COLLECTIVITE_NOM)
        if len(self.communes) == 1:
            return self.communes[0][1]
        return f"{len(self.communes)} communes" if self.communes else "Urbanisme"

    @property
    def source(self) -> str:
        """Attribution asked by the licence, with the span of vintages."""
        ancien, recent = self.millesime_ancien, self.millesime_recent
        if ancien is None or recent is None:
            return self.producteur
        if ancien == recent:
            return f"{self.producteur}, millésime du {date_format(recent, 'j F Y')}"
        debut, fin = date_format(ancien, "j F Y"), date_format(recent, "j F Y")
        return f"{self.producteur}, millésimes du {debut} au {fin}"


_fournisseurs: list[Callable[[], Territoire]] = []


def fournir(fournisseur: Callable[[], Territoire]) -> Callable[[], Territoire]:
    """Declare who knows the territory; the last one declared answers."""
    if fournisseur not in _fournisseurs:
        _fournisseurs.append(fournisseur)
    return fournisseur


def territoire() -> Territoire:
    """The territory, at most a minute old."""
    if not _fournisseurs:
        return Territoire()
    connu = cache.get(CLE_CACHE)
    if connu is None:
        connu = _fournisseurs[-1]()
        cache.set(CLE_CACHE, connu, DUREE_CACHE_S)
    return connu


def oublier() -> None:
    """Forget the territory read: to be called where communes or vintages change."""
    cache.delete(CLE_CACHE)
