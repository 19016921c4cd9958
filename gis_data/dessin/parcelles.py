"""Outlines of parcels for a drawing: the app that holds the plan, above, declares where to read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import shapely
from shapely.geometry.base import BaseGeometry

from gis_data.dessin.lecture import DessinRefuse, reunir, verifier

TEXTE_MAX = 2000
PARCELLES_MAX = 100


@dataclass(frozen=True)
class ParcelleDessinee:
    """A parcel in force with its outline, WKB in the legal projection."""

    idu: str
    libelle: str
    wkb: bytes


@dataclass
class Trouvees:
    """Parcels found, and what was not, in words."""

    parcelles: list[ParcelleDessinee] = field(default_factory=list)
    remarques: list[str] = field(default_factory=list)


class Source(Protocol):
    """Where parcels are read."""

    def au_point(self, x: float, y: float) -> Trouvees:
        """The parcel under a point of the legal projection."""

    def par_references(self, texte: str) -> Trouvees:
        """Parcels of the references typed, in their usual writings."""


_sources: list[Source] = []


def declarer(source: Source) -> None:
    """The app that holds the plan, from ``AppConfig.ready``; the last one declared answers."""
    _sources.append(source)


def au_point(x: float, y: float) -> Trouvees:
    """The parcel under a point; none where no plan is known."""
    return _sources[-1].au_point(x, y) if _sources else Trouvees()


def par_references(texte: str) -> Trouvees:
    """Parcels named; ``DessinRefuse`` for a text too long."""
    if len(texte) > TEXTE_MAX:
        raise DessinRefuse(f"Trop de références : {TEXTE_MAX} caractères au plus.")
    trouvees = _sources[-1].par_references(texte) if _sources else Trouvees()
    if len(trouvees.parcelles) > PARCELLES_MAX:
        raise DessinRefuse(f"Trop de parcelles : {len(trouvees.parcelles)} pour {PARCELLES_MAX} au plus.")
    return trouvees


def contour(texte: str) -> BaseGeometry:
    """Outlines of the parcels named, as one shape; ``DessinRefuse`` when one of them is not known."""
    trouvees = par_references(texte)
    if trouvees.remarques or not trouvees.parcelles:
        raise DessinRefuse(" ".join(trouvees.remarques) or f"« {texte[:60]} » : aucune parcelle trouvée.")
    formes = [shapely.from_wkb(p.wkb) for p in trouvees.parcelles]
    return verifier(formes[0] if len(formes) == 1 else reunir(formes))
