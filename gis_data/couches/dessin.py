"""How a layer is drawn, as data: one declaration gives the map's style and the legend.

Zooms count worlds of 512 pixels, as vector tiles do; sizes are in pixels, colours are hexadecimal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

Nombre = float | Mapping[int, float]
Filtre = tuple[Any, ...] | None


class Rang(IntEnum):
    """Stacking order, bottom to top, over all layers together."""

    FOND = 0
    EAU = 10
    CULTURE = 15
    ROUTE = 20
    BATIMENT = 30
    PARCELLE = 40
    DETAIL = 50
    LIMITE = 60
    COMMUNE = 70
    METIER = 80
    SELECTION = 90
    SYMBOLE = 100
    TEXTE_MINEUR = 110
    TEXTE = 120
    # Icons that texts keep clear of: the map places first what lies highest.
    REPERE = 125
    TEXTE_MAJEUR = 130


@dataclass(frozen=True)
class Icone:
    """A small drawing: SVG paths ``(d, fill, stroke, width)`` in a square of ``cote`` pixels."""

    nom: str
    chemins: tuple[tuple[str, str | None, str | None, float], ...]
    cote: int = 24


@dataclass(frozen=True, kw_only=True)
class Dessin:
    """What every drawing says: which element, when, where in the stack, its line of the legend."""

    element: str
    rang: Rang
    zoom_min: float
    zoom_max: float | None = None
    filtre: Filtre = None
    legende: str = ""


@dataclass(frozen=True, kw_only=True)
class Aplat(Dessin):
    """A filled area. ``motif``: a pattern drawn over the fill from zoom ``motif_des``."""

    remplissage: str | None
    opacite: float = 1.0
    contour: str | None = None
    epaisseur: Nombre = 1.0
    tirets: tuple[float, ...] = ()
    motif: Icone | None = None
    motif_des: float = 0
    motif_opacite: float = 1.0
    # Kept over an aerial base map, where ordinary fills vanish.
    sur_photo: bool = False


@dataclass(frozen=True, kw_only=True)
class Trait(Dessin):
    """A line, or the outline of an area; dashes in multiples of the width."""

    couleur: str
    epaisseur: Nombre = 1.0
    tirets: tuple[float, ...] = ()
    opacite: Nombre = 1.0


@dataclass(frozen=True, kw_only=True)
class Interaction(Dessin):
    """Hover and selection of the objects of an element, by their key."""

    survol: str
    choix: str


@dataclass(frozen=True, kw_only=True)
class Texte(Dessin):
    """A text at a point, or along a line (``le_long``); ``angle``: attribute, degrees counter-clockwise."""

    champ: str
    couleur: str
    taille: Nombre
    italique: bool = False
    gras: bool = False
    capitales: bool = False
    le_long: bool = False
    espacement: float = 0.0
    # Drawn behind the text, and kept clear of other texts with it.
    cartouche: Icone | None = None
    angle: str | None = None
    ancre: str = "center"
    decalage: tuple[float, float] = (0.0, 0.0)
    priorite: str | None = None
    exemple: str = ""
    halo: bool = True
    # From this zoom it steps aside, above, below or beside its place, where another text or a mark holds it.
    # Under it those few pixels are metres: a number would stand on the neighbour.
    ecarte_des: int | None = None


@dataclass(frozen=True, kw_only=True)
class Symbole(Dessin):
    """An icon chosen by the value of ``attribut`` (or the only one), turned by attribute ``angle``."""

    icones: Mapping[str, Icone]
    attribut: str | None = None
    angle: str | None = None
    taille: Nombre = 1.0
    # Texts under it in the stack keep clear of it.
    obstacle: bool = False
    # Legend line of each icon, by value; those missing are not shown in the legend.
    libelles: Mapping[str, str] = field(default_factory=dict)
