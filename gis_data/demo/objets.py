"""The fictional commune as objects of the plan, whatever the sheet or the file they end up in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shapely.geometry import Polygon


@dataclass(frozen=True)
class Texte:
    """A writing: which attribute it shows, where (m), its angle (degrees) and height (mm on paper)."""

    attribut: str
    x: float
    y: float
    angle: float
    hauteur: float


@dataclass
class Objet:
    """One object of the plan. ``feuille``: section and subdivision of its sheet (``AB01``).

    ``liens``: names of relations with the ``ident`` of the parcels at their other end.
    """

    ident: int
    type: str
    feuille: str
    attributs: dict[str, str]
    geom: Any
    date_obs: date
    date_maj: date
    textes: list[Texte] = field(default_factory=list)
    liens: list[tuple[str, int]] = field(default_factory=list)

    @property
    def rid(self) -> str:
        """Identifier in the files, the same in every vintage."""
        return f"Objet_{self.ident}"


@dataclass(frozen=True)
class FeuillePlan:
    """A sheet: its section, subdivision, outline and what its SUBDSECT says of it."""

    section: str
    subdivision: str
    geom: Any
    attributs: dict[str, str]
    ident: int

    @property
    def code(self) -> str:
        """``AB01``."""
        return self.section + self.subdivision


@dataclass
class Commune:
    """A commune at one vintage: outline, sheets, objects; ``numeros`` is the last number of each section.

    Parcels are the objects of type ``PARCELLE``; their ``IDU`` has 12 characters, ``idu14`` gives 14.
    """

    insee: str
    nom: str
    crs: str
    graine: int
    rang: int
    millesime: date
    geom: Polygon
    sections: dict[str, Any]
    feuilles: dict[str, FeuillePlan]
    objets: list[Objet]
    numeros: dict[str, int]
    idents_communs: dict[str, int]
    prochain: int

    @property
    def com3(self) -> str:
        """Commune code on three characters, as written in the files."""
        return self.insee[2:]

    @property
    def parcelles(self) -> list[Objet]:
        """The parcels."""
        return [o for o in self.objets if o.type == "PARCELLE"]

    def idu14(self, parcelle: Objet) -> str:
        """``25999000AB0012``."""
        return self.insee[:2] + parcelle.attributs["IDU"]

    def id12(self, feuille: str) -> str:
        """``25999000AB01``."""
        return f"{self.insee}000{feuille}"

    def nouvel_ident(self) -> int:
        """Number of a new object."""
        self.prochain += 1
        return self.prochain


def reel(valeur: float, decimales: int) -> str:
    """A real number as the files write it: ``+1.50``, ``+12.`` without decimals."""
    return f"{valeur:+.{decimales}f}" if decimales else f"{valeur:+.0f}."
