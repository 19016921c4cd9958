"""A map to scale of the layers that a reader chose: the registry's drawing on paper, from the tables.

Nothing is fetched: no tile, no base map. What is drawn, its legend and its sources come out together, so that
the legend lists what the frame shows and nothing else.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely

from gis_data.carte.filtres import Filtres
from gis_data.carte.legende import lignes_de
from gis_data.couches import Couche, Element
from gis_data.couches.dessin import Dessin, Interaction, Rang, Texte
from gis_data.couches.style import CALCAIRE
from gis_data.plans import svg
from gis_data.plans.cadre import UNITES_PAR_MM, Cadre
from gis_data.plans.lecture import Lecteur, Lot
from gis_data.plans.quadrillage import croix, reserver
from gis_data.plans.textes import Placeur
from gis_data.plans.traduction import Trace, Traducteur, actif

OCRE = "#b4611a"
# Numbers of parcels at most; a sheet of A3 holds no more that can be read.
TEXTES_MAX = 4000
POINT_MM = 3.0


@dataclass(frozen=True)
class Choix:
    """What a reader chose of the map: layers in the order of their declaration, opacity and place of each."""

    couches: tuple[Couche, ...]
    opacites: Mapping[str, float] = field(default_factory=dict)
    rangs: Mapping[str, float] = field(default_factory=dict)
    jour: datetime.date | None = None
    filtres: Filtres = field(default_factory=dict)


@dataclass(frozen=True)
class Bornes:
    """What one sheet may cost: objects read, seconds of each query."""

    objets: int
    secondes: float


@dataclass(frozen=True)
class LigneLegende:
    """One line: theme, words, sign as SVG."""

    theme: str
    libelle: str
    svg: str


@dataclass(frozen=True)
class Source:
    """Who is to be credited for something drawn, and its oldest and newest edition (null: not known)."""

    libelle: str
    editions: tuple[datetime.date, datetime.date] | None
    dite: str = "édition"


@dataclass(frozen=True)
class Carte:
    """A map drawn: SVG document, legend of what it shows, sources, layers chosen that show nothing here."""

    cadre: Cadre
    svg: str
    legende: tuple[LigneLegende, ...]
    sources: tuple[Source, ...]
    objets: int
    absentes: tuple[str, ...]


@dataclass
class _Calque:
    """One drawing of one layer, at its place in the stack."""

    couche: Couche
    dessin: Dessin
    cle: float
    lot: Lot
    trace: Trace = field(default_factory=Trace)


def _calques(choix: Choix, lecteur: Lecteur) -> list[_Calque]:
    """Drawings that show at this scale with their objects, bottom to top: the order of the screen's map."""
    lots: dict[tuple[str, str], Lot] = {}
    calques = []
    for position, couche in enumerate(choix.couches):
        for dessin in couche.dessins:
            if isinstance(dessin, Interaction) or not actif(dessin, lecteur.zoom):
                continue
            element = _element(couche, dessin.element, lecteur.zoom)
            if element is None:
                continue
            cle = (couche.nom, element.nom)
            if cle not in lots:
                lots[cle] = lecteur.lire(couche, element)
            place = choix.rangs.get(couche.nom, int(dessin.rang) + position / 1000)
            calques.append(_Calque(couche, dessin, place, lots[cle]))
    # Stable: within a place, by rank then by declaration.
    return sorted(calques, key=lambda c: (c.cle, c.dessin.rang))


def _element(couche: Couche, nom: str, zoom: float) -> Element | None:
    """The element of that name carried at a zoom; the finest one beyond them all."""
    siens = [e for e in couche.elements if e.nom == nom and e.zoom_min <= zoom]
    return next((e for e in siens if zoom < e.zoom_max + 1), siens[-1] if siens else None)


def dessiner(
    cadre: Cadre,
    choix: Choix,
    utilisateur: Any,
    bornes: Bornes,
    *,
    titre: str,
    choisis: Sequence[shapely.Geometry] = (),
    avec_croix: bool = True,
) -> Carte:
    """The map of ``choix`` within ``cadre``; ``choisis``: shapes to mark in ochre, in the legal projection.

    ``PlanTropCharge`` or ``PlanTropLong`` when it is more than ``bornes`` allow.
    """
    lecteur = Lecteur(
        cadre,
        utilisateur,
        choix.jour,
        objets_max=bornes.objets,
        duree_max_s=bornes.secondes,
        filtres=choix.filtres,
    )
    calques = _calques(choix, lecteur)
    placeur = Placeur(cadre.largeur, cadre.hauteur, TEXTES_MAX)
    if avec_croix:
        reserver(placeur, cadre)
    traducteur = Traducteur(cadre, lecteur.zoom, placeur)
    # Texts of the upper layers take their place first; each is drawn at its own.
    for calque in reversed(calques):
        opacite = choix.opacites.get(calque.couche.nom, 1.0)
        if isinstance(calque.dessin, Texte):
            calque.trace = traducteur.placer(calque.dessin, calque.lot, opacite)
        else:
            calque.trace = traducteur.tracer(calque.dessin, calque.lot, opacite)
    corps = [c.trace.svg for c in calques if not isinstance(c.dessin, Texte)]
    corps += _marque(choisis, cadre)
    if avec_croix:
        corps.append(croix(cadre))
    corps += [c.trace.svg for c in calques if isinstance(c.dessin, Texte)]
    fond, couvert = _fond(calques, cadre)
    definitions = {k: v for c in calques for k, v in (c.trace.definitions or {}).items()}
    # White paper says « loaded » only beside ground that is not.
    visibles = [c for c in calques if c.trace.objets and not (couvert and c.dessin.rang == Rang.FOND)]
    vues = {c.couche.nom for c in visibles}
    alt = f"{titre}. Carte à l'échelle 1/{cadre.denominateur}, nord en haut."
    document = svg.document(
        cadre, fond + "".join(corps), titre, alt, definitions="".join(definitions.values())
    )
    return Carte(
        cadre,
        svg.imprimable(document),
        tuple(_legende(choix, visibles, bool(choisis))),
        tuple(_sources([c for c in choix.couches if c.nom in vues], lecteur)),
        lecteur.lus,
        tuple(c.libelle for c in choix.couches if c.nom not in vues),
    )


def _fond(calques: list[_Calque], cadre: Cadre) -> tuple[str, bool]:
    """(ground outside the communes, whether they cover the whole frame)."""
    blancs = [c.lot.geometries for c in calques if c.dessin.rang == Rang.FOND and c.trace.objets]
    if not blancs:
        return "", False
    couvert = shapely.union_all(shapely.make_valid(np.concatenate(blancs)))
    if couvert.covers(shapely.box(*cadre.bornes)):
        return "", True
    taille = f'width="{cadre.largeur:g}" height="{cadre.hauteur:g}"'
    return f'<rect {taille} fill="{CALCAIRE}"/>', False


def _marque(choisis: Sequence[shapely.Geometry], cadre: Cadre) -> list[str]:
    """The shapes to show first: an area or a line in ochre, a point as a disc."""
    if not choisis:
        return []
    formes = shapely.transform(np.array(choisis, dtype=object), cadre.projeter)
    page = shapely.box(-40, -40, cadre.largeur + 40, cadre.hauteur + 40)
    trait: dict[str, str | float] = {"stroke": OCRE, "stroke_width": 6, "stroke_linejoin": "round"}
    morceaux = []
    for forme in formes:
        if forme.area:
            plein = {"fill": OCRE, "fill_opacity": 0.16, "fill_rule": "evenodd", **trait}
            coupee = shapely.intersection(shapely.make_valid(forme), page)
            morceaux.append(svg.traces(np.array([coupee], dtype=object), plein, 1))
        elif forme.length:
            morceaux.append(svg.traces(np.array([forme], dtype=object), {"fill": "none", **trait}, 1))
        else:
            rond = shapely.buffer(forme, POINT_MM * UNITES_PAR_MM)
            plein = {"fill": OCRE, "fill_opacity": 0.35, **trait}
            morceaux.append(svg.traces(np.array([rond], dtype=object), plein, 1))
    return morceaux


def _legende(choix: Choix, visibles: list[_Calque], marque: bool) -> list[LigneLegende]:
    """One line for each words of a layer, in the order of the layers' declaration; the plan last."""
    lignes: dict[tuple[str, str, str], LigneLegende] = {}
    for calque in visibles:
        couche = calque.couche
        for mots, dessine in lignes_de(calque.dessin, calque.trace.valeurs):
            ligne = LigneLegende(couche.theme, mots, str(dessine))
            lignes.setdefault((couche.theme, couche.nom, mots), ligne)
    ordre = {c.nom: i for i, c in enumerate(choix.couches)}
    themes = list(dict.fromkeys(theme for theme, _, _ in lignes))
    themes.sort(key=lambda t: t == "Plan cadastral")
    rangees = [
        lignes[cle]
        for theme in themes
        for cle in sorted((c for c in lignes if c[0] == theme), key=lambda c: ordre[c[1]])
    ]
    if marque:
        signe = (
            '<svg class="legende-signe" width="34" height="22" viewBox="0 0 34 22">'
            f'<rect x="3" y="4" width="28" height="14" fill="{OCRE}" fill-opacity="0.16" stroke="{OCRE}"'
            ' stroke-width="2.5"/></svg>'
        )
        rangees.insert(0, LigneLegende("", "Objet de cette feuille", signe))
    return rangees


def _sources(vues: list[Couche], lecteur: Lecteur) -> list[Source]:
    """Each credit once, with the span of the editions of what is shown of it."""
    sources: dict[str, Source] = {}
    for couche in vues:
        if not couche.source:
            continue
        lues = lecteur.editions(couche)
        connue = sources.get(couche.source)
        deja = connue.editions if connue else None
        toutes = [j for paire in (lues, deja) if paire for j in paire]
        bornes = (min(toutes), max(toutes)) if toutes else None
        dite = "en vigueur depuis" if couche.edition == "approuve_le" else "édition"
        sources[couche.source] = Source(couche.source, bornes, dite)
    return list(sources.values())
