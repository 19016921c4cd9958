"""What a layer is, and the list of all layers.

Apps fill the registry from ``AppConfig.ready``; ``gis_data`` knows none of them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from gis_data.couches.dessin import Dessin

NOM_VALIDE = re.compile(r"^[a-z][a-z0-9_]{1,59}$")
ZOOM_MAX = 22
# Never a public attribute, whatever the layer: owners, their accounts and ways to reach them.
ATTRIBUTS_INTERDITS = re.compile(
    r"compte|proprietaire|titulaire|prenom|naissance|courriel|email|telephone|petitionnaire|demandeur"
)


# West, south, east, north.
Boites = list[tuple[float, float, float, float]]


class Forme(StrEnum):
    """Kind of geometry of a layer."""

    POINT = "point"
    LIGNE = "ligne"
    SURFACE = "surface"
    MIXTE = "mixte"


class Genre(StrEnum):
    """Type of an attribute's values."""

    TEXTE = "texte"
    ENTIER = "entier"
    REEL = "reel"
    BOOLEEN = "booleen"
    DATE = "date"


class CoucheInconnue(LookupError):
    """No layer (or group) bears this name."""


@dataclass(frozen=True)
class Attribut:
    """One column of a layer, the only ones that ever leave it.

    ``source``: field path or expression on the layer's query set. ``tuile``: first zoom at which
    tiles carry it (null: never, it is for popups and exports).
    """

    nom: str
    libelle: str
    source: str | Combinable = ""
    genre: Genre = Genre.TEXTE
    tuile: int | None = None
    # Codes shown as words on screens; exports keep the code.
    valeurs: Mapping[str, str] = field(default_factory=dict)

    @property
    def expression(self) -> str | Combinable:
        """What the query set selects."""
        return self.source or self.nom


@dataclass(frozen=True)
class Element:
    """One MVT layer of a tile: the layer's own shapes, or points and lines made to bear texts.

    ``geometrie`` is SQL over ``{g}`` (Web Mercator geometry) and ``{z}`` (tile zoom); ``calculs``
    adds columns (name → SQL over the same and over the attributes' names). ``condition`` filters rows.
    """

    nom: str
    zoom_min: int
    zoom_max: int = ZOOM_MAX
    attributs: tuple[str, ...] | None = None
    geometrie: str = "{g}"
    calculs: Mapping[str, str] = field(default_factory=dict)
    condition: str = ""
    # Points that bear texts belong to one tile only, or the text would be drawn twice.
    tampon: int = 64
    # Drawn by the plan; otherwise carried only by the layer's own tiles.
    dans_groupe: bool = True
    # Outlines of all areas as one line, each common side once: dashes drawn twice would fill each other.
    contours: bool = False


@dataclass(frozen=True)
class Couche:
    """A map layer, declared once.

    ``objets(user)`` gives the rows a user may see (``None``: the public). A public layer gives the
    same rows to everybody and its tiles are cached by all; an internal one bears another name.
    ``version()`` is a short text that changes with the rows; it enters the tiles' address.
    """

    nom: str
    libelle: str
    objets: Callable[[Any], QuerySet[Any]]
    attributs: tuple[Attribut, ...]
    forme: Forme
    zoom_min: int
    version: Callable[[], str]
    dessins: tuple[Dessin, ...]
    elements: tuple[Element, ...] = ()
    zoom_max: int = ZOOM_MAX
    geometrie: str = "geom"
    # Column in EPSG:3857; without it the tile transforms ``geometrie`` on the way out.
    geometrie_tuile: str | None = None
    cle: str | None = None
    # Path to the name that people give its objects (a number), where that is no key of the tiles: several
    # objects may bear it. A printed series is asked by it.
    reference: str | None = None
    groupe: str | None = None
    publique: bool = True
    visible: bool = True
    peut_voir: Callable[[Any], bool] = lambda utilisateur: False
    # Title and address of an object in a popup, from its attributes.
    titre: Callable[[Mapping[str, Any]], str] = lambda attributs: ""
    adresse: Callable[[Mapping[str, Any]], str | None] = lambda attributs: None
    identifiable: bool = True
    source: str = "DGFiP – Cadastre"
    theme: str = "Plan cadastral"
    # Rows for an export: (date or None, sheet or None) → query set; default: today's rows. An
    # annotation ``export_<attribut>`` takes the place of that attribute.
    objets_export: Callable[[Any, str | None], QuerySet[Any]] | None = None
    versionnee: bool = False
    # Lookups that bound an export, by option name.
    filtres_export: Mapping[str, str] = field(default_factory=dict)
    # Attributes that say from which day and until which day (included, null: no end) an object holds:
    # the map then shows the objects of the day chosen on its time slider. Tiles must carry both.
    dates: tuple[str, str] | None = None
    # Attributes by whose values (years, for a date) a reader bounds what the map shows of the layer. Tiles
    # must carry them at every zoom.
    filtres: tuple[str, ...] = ()
    # Attributes carried by the tiles whose values, one after the other, name an object under the pointer.
    survol: tuple[str, ...] = ()
    # What goes on around a citizen (permits, works): lit by the home's door « autour de moi ».
    voisinage: bool = False
    # Drawings snap to its vertices and sides.
    accroche: bool = False
    # Attribute (a date) that says of which edition an object is, or the edition of the whole layer: printed
    # with its source. A layer without that attribute says its source alone.
    edition: str | datetime.date = "millesime"
    # (an older text of ``version``) → boxes in EPSG:3857 where rows may have changed since, so that the
    # cache keeps the tiles of elsewhere; null, or no function: everywhere.
    modifications: Callable[[str], Boites | None] | None = None
    # Instead of ``modifications``: what the layer draws is summed place by place at each version, and only
    # the tiles of the places that differ are made anew. For a public layer of some 100,000 rows at most.
    comparee: bool = False

    def __post_init__(self) -> None:
        if not NOM_VALIDE.match(self.nom):
            raise ImproperlyConfigured(f"Nom de couche invalide : {self.nom!r}")
        noms = [a.nom for a in self.attributs]
        if len(noms) != len(set(noms)):
            raise ImproperlyConfigured(f"Couche {self.nom} : attribut déclaré deux fois")
        if self.publique and (interdit := next(filter(ATTRIBUTS_INTERDITS.search, noms), None)):
            raise ImproperlyConfigured(
                f"Couche publique {self.nom} : l'attribut « {interdit} » ne peut pas y figurer"
            )
        if not self.elements:
            object.__setattr__(self, "elements", (Element(self.nom, self.zoom_min, self.zoom_max),))
        connus = set(noms)
        for element in self.elements:
            if inconnus := set(element.attributs or ()) - connus:
                raise ImproperlyConfigured(
                    f"Couche {self.nom}, {element.nom} : attributs inconnus {inconnus}"
                )
        if inconnus := {*(self.dates or ()), *self.survol, *self.filtres} - connus:
            raise ImproperlyConfigured(f"Couche {self.nom} : attributs inconnus {inconnus}")
        self._verifier_dates()

    def _verifier_dates(self) -> None:
        """The slider filters in the browser: each shape drawn must carry both days, at every zoom."""
        for nom in self.dates or ():
            attribut = self.attribut(nom)
            portee = all(e.attributs is None or nom in e.attributs for e in self.elements)
            if attribut.genre is not Genre.DATE or attribut.tuile is None or not portee:
                raise ImproperlyConfigured(
                    f"Couche {self.nom} : « {nom} » doit être une date portée par toutes les tuiles"
                )
        for nom in self.filtres:
            des = self.attribut(nom).tuile
            portee = all(e.attributs is None or nom in e.attributs for e in self.elements)
            texte = self.attribut(nom).genre in (Genre.TEXTE, Genre.DATE)
            if not texte or des is None or des > min(e.zoom_min for e in self.elements) or not portee:
                raise ImproperlyConfigured(
                    f"Couche {self.nom} : le filtre « {nom} » doit être un texte ou une date"
                    " que portent toutes les tuiles"
                )

    def attribut(self, nom: str) -> Attribut:
        """The attribute of that name; ``LookupError`` otherwise."""
        for attribut in self.attributs:
            if attribut.nom == nom:
                return attribut
        raise LookupError(nom)

    def attributs_tuile(self, element: Element, zoom: int) -> tuple[Attribut, ...]:
        """Attributes that an element carries at ``zoom``."""
        return tuple(
            a
            for a in self.attributs
            if a.tuile is not None
            and a.tuile <= zoom
            and not element.contours
            and (element.attributs is None or a.nom in element.attributs)
        )

    @property
    def nommee(self) -> str | None:
        """Lookup by which its objects are asked one by one; null where they have no name."""
        return self.reference or self.cle

    def visible_par(self, utilisateur: Any) -> bool:
        """Public, or granted to this user."""
        return self.publique or bool(self.peut_voir(utilisateur))


@dataclass(frozen=True)
class Groupe:
    """Public layers served together in one tile, because a request a layer is slow."""

    nom: str
    libelle: str

    @property
    def couches(self) -> tuple[Couche, ...]:
        """Public layers of the group that are drawn unless switched off."""
        return tuple(c for c in couches() if c.groupe == self.nom and c.publique and c.visible)


_COUCHES: dict[str, Couche] = {}
_GROUPES: dict[str, Groupe] = {}
# Layers that a person declares while the site runs, by who keeps them.
_DECLAREES: dict[str, dict[str, Couche]] = {}
_generation = 0


def enregistrer(*nouvelles: Couche) -> None:
    """Add layers, once each; ``ImproperlyConfigured`` when a name is taken or its group unknown."""
    for nouvelle in nouvelles:
        if nouvelle.nom in _COUCHES or nouvelle.nom in _GROUPES:
            raise ImproperlyConfigured(f"Deux couches portent le nom {nouvelle.nom}")
        if nouvelle.groupe and nouvelle.groupe not in _GROUPES:
            raise ImproperlyConfigured(f"Couche {nouvelle.nom} : groupe {nouvelle.groupe} inconnu")
        _COUCHES[nouvelle.nom] = nouvelle


def enregistrer_groupe(nouveau: Groupe) -> None:
    """Add a group, before its layers."""
    if nouveau.nom in _GROUPES or nouveau.nom in _COUCHES:
        raise ImproperlyConfigured(f"Le nom {nouveau.nom} est déjà pris")
    _GROUPES[nouveau.nom] = nouveau


def remplacer(source: str, nouvelles: Iterable[Couche]) -> None:
    """Put these layers in place of all those that ``source`` gave before: they come from rows, not from code.

    One whose name the code or another source has taken is left out. ``generation`` changes.
    """
    global _generation  # noqa: PLW0603
    avant = _DECLAREES.pop(source, None)
    nouvelles = list(nouvelles)
    if not avant and not nouvelles:
        return
    prises = {*_COUCHES, *_GROUPES, *(nom for autres in _DECLAREES.values() for nom in autres)}
    _DECLAREES[source] = {c.nom: c for c in nouvelles if c.nom not in prises}
    _generation += 1


def generation() -> int:
    """Grows when ``remplacer`` changes the registry: what is computed once from it depends on this."""
    return _generation


def couche(nom: str) -> Couche:
    """The layer of that name; ``CoucheInconnue`` otherwise."""
    for connues in (_COUCHES, *_DECLAREES.values()):
        if nom in connues:
            return connues[nom]
    raise CoucheInconnue(nom)


def groupe(nom: str) -> Groupe:
    """The group of that name; ``CoucheInconnue`` otherwise."""
    try:
        return _GROUPES[nom]
    except KeyError:
        raise CoucheInconnue(nom) from None


def couches() -> Iterable[Couche]:
    """All layers in the order of their declaration, those declared by persons last."""
    return (*_COUCHES.values(), *(c for declarees in _DECLAREES.values() for c in declarees.values()))


def groupes() -> Iterable[Groupe]:
    """All groups."""
    return tuple(_GROUPES.values())
