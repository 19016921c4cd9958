"""The registry's drawings as SVG on paper: widths, dashes, patterns, signs and texts at a scale."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gis_data.couches.dessin import Aplat, Dessin, Icone, Nombre, Symbole, Texte, Trait
from gis_data.plans import svg
from gis_data.plans.cadre import UNITES_PAR_MM, Cadre
from gis_data.plans.expressions import retenu
from gis_data.plans.lecture import PIXEL_MM, SIMPLIFIER_MM, Lot
from gis_data.plans.textes import Etiquette, Placeur, le_long

# One declared pixel, in drawing units.
PIXEL = PIXEL_MM * UNITES_PAR_MM
# A hundredth of a millimetre: curves stay curves.
DECIMALES = 1
# Nothing printed is smaller: five points.
TEXTE_MIN = 1.8 * UNITES_PAR_MM
TRAIT_MIN = 0.09 * UNITES_PAR_MM
INTERLIGNE = 1.12
HALO = 0.16
# Characters of a line of a name; a longer one takes two or three.
LIGNE_MAX = 16
MOTS_MAX = 14


def taille(valeur: Nombre, zoom: float) -> float:
    """A declared size at a zoom: linear between its stops, as MapLibre does."""
    if not isinstance(valeur, Mapping):
        return float(valeur)
    zooms = sorted(valeur)
    return float(np.interp(zoom, zooms, [valeur[z] for z in zooms]))


def actif(dessin: Dessin, zoom: float) -> bool:
    """Whether a drawing shows at a zoom."""
    return dessin.zoom_min <= zoom and (dessin.zoom_max is None or zoom < dessin.zoom_max)


@dataclass
class Trace:
    """What one drawing put on the sheet: SVG, how many objects, values of its signs, definitions it needs."""

    svg: str = ""
    objets: int = 0
    valeurs: frozenset[str] = frozenset()
    definitions: Mapping[str, str] | None = None


def chemins(icone: Icone) -> str:
    """Paths of an icon, in its own pixels."""
    return "".join(
        "<path"
        + svg.attributs({"d": d, "fill": fond or "none", "stroke": trait or "none", "stroke_width": largeur})
        + "/>"
        for d, fond, trait, largeur in icone.chemins
    )


def _motif(icone: Icone) -> str:
    cote = icone.cote * PIXEL
    return (
        f'<pattern id="motif-{escape(icone.nom)}" width="{cote:g}" height="{cote:g}"'
        f' patternUnits="userSpaceOnUse"><g transform="scale({PIXEL:g})">{chemins(icone)}</g></pattern>'
    )


class Traducteur:
    """Draws lots on one sheet. Texts are placed first, those of the highest rank before the others."""

    def __init__(self, cadre: Cadre, zoom: float, placeur: Placeur) -> None:
        self.cadre, self.zoom, self.placeur = cadre, zoom, placeur
        self._page = shapely.box(0, 0, cadre.largeur, cadre.hauteur)
        self._noms: dict[str, set[str]] = {}

    def retenir(self, dessin: Dessin, lot: Lot) -> tuple[npt.NDArray[np.object_], list[dict[str, Any]]]:
        """What a drawing takes of a lot, in drawing units; only objects that the frame really shows."""
        gardes = [i for i, a in enumerate(lot.attributs) if retenu(dessin.filtre, a, self.zoom)]
        formes = shapely.transform(lot.geometries[gardes], self.cadre.projeter)
        dedans = shapely.intersects(formes, self._page) if len(formes) else np.empty(0, dtype=bool)
        attributs = [lot.attributs[i] for i, d in zip(gardes, dedans, strict=True) if d]
        return formes[dedans], attributs

    def tracer(self, dessin: Dessin, lot: Lot, opacite: float) -> Trace:
        """SVG of an area, a line or signs; texts have ``placer``."""
        formes, attributs = self.retenir(dessin, lot)
        if not len(formes) or opacite <= 0:
            return Trace()
        match dessin:
            case Aplat():
                return self._aplat(dessin, formes, opacite)
            case Trait():
                trait = self._trait(
                    dessin.couleur,
                    dessin.epaisseur,
                    dessin.tirets,
                    taille(dessin.opacite, self.zoom) * opacite,
                )
                return Trace(self._chemin(formes, {"fill": "none", **trait}), len(formes))
            case Symbole():
                return self._symboles(dessin, formes, attributs, opacite)
        return Trace()

    def _chemin(self, formes: npt.NDArray[np.object_], attributs: svg.Attributs) -> str:
        minces = shapely.simplify(formes, SIMPLIFIER_MM * UNITES_PAR_MM, preserve_topology=False)
        # A parcel thinner than the tolerance must not vanish.
        minces = np.where(shapely.is_empty(minces), formes, minces)
        # Holes wind the other way, so that areas which overlap do not cut one another out.
        minces = shapely.orient_polygons(minces)
        return svg.traces(minces, attributs, DECIMALES)

    def _trait(
        self, couleur: str, epaisseur: Nombre, tirets: Iterable[float], opacite: float
    ) -> dict[str, str | float]:
        largeur = max(taille(epaisseur, self.zoom) * PIXEL, TRAIT_MIN)
        trait: dict[str, str | float] = {
            "stroke": couleur,
            "stroke_width": f"{largeur:.2f}",
            "stroke_linejoin": "round",
        }
        if tirets:
            trait["stroke_dasharray"] = " ".join(f"{t * largeur:.2f}" for t in tirets)
        else:
            trait["stroke_linecap"] = "round"
        if opacite < 1:
            trait["stroke_opacity"] = f"{opacite:.3f}"
        return trait

    def _aplat(self, d: Aplat, formes: npt.NDArray[np.object_], opacite: float) -> Trace:
        morceaux, definitions = [], {}
        regle: dict[str, str | float] = {"stroke": "none"}
        if d.remplissage:
            fond: dict[str, str | float] = {"fill": d.remplissage, **regle}
            if d.opacite * opacite < 1:
                fond["fill_opacity"] = f"{d.opacite * opacite:.3f}"
            morceaux.append(self._chemin(formes, fond))
        if d.motif and self.zoom >= d.motif_des:
            definitions[f"motif-{d.motif.nom}"] = _motif(d.motif)
            motif: dict[str, str | float] = {"fill": f"url(#motif-{d.motif.nom})", **regle}
            if d.motif_opacite * opacite < 1:
                motif["fill_opacity"] = f"{d.motif_opacite * opacite:.3f}"
            morceaux.append(self._chemin(formes, motif))
        if d.contour:
            trait = self._trait(d.contour, d.epaisseur, d.tirets, opacite)
            morceaux.append(self._chemin(formes, {"fill": "none", **trait}))
        return Trace("".join(morceaux), len(formes), definitions=definitions)

    def _symboles(
        self, d: Symbole, formes: npt.NDArray[np.object_], attributs: list[dict[str, Any]], opacite: float
    ) -> Trace:
        echelle = taille(d.taille, self.zoom) * PIXEL
        morceaux, valeurs = [], set()
        for forme, a in zip(formes, attributs, strict=True):
            valeur = str(a.get(d.attribut) or "") if d.attribut else ""
            choisi = valeur if valeur in d.icones else ""
            icone = d.icones.get(choisi) if d.attribut else next(iter(d.icones.values()))
            if icone is None:
                continue
            valeurs.add(choisi if d.attribut else next(iter(d.icones)))
            tourne = f" rotate({-float(a.get(d.angle) or 0):g})" if d.angle else ""
            demi = icone.cote / 2
            dessin = chemins(icone)
            for point in shapely.get_parts(forme if forme.area == 0 else shapely.point_on_surface(forme)):
                ou = point if point.geom_type == "Point" else shapely.point_on_surface(point)
                morceaux.append(
                    f'<g transform="translate({ou.x:.1f} {ou.y:.1f}){tourne} scale({echelle:.3f})'
                    f' translate({-demi:g} {-demi:g})">{dessin}</g>'
                )
        transparence = f' opacity="{opacite:.3f}"' if opacite < 1 else ""
        corps = f"<g{transparence}>{''.join(morceaux)}</g>" if morceaux else ""
        return Trace(corps, len(morceaux), frozenset(valeurs))

    # --- texts ---------------------------------------------------------------------------------

    def placer(self, d: Texte, lot: Lot, opacite: float) -> Trace:
        """Place the texts that have room, and draw them."""
        formes, attributs = self.retenir(d, lot)
        if opacite <= 0:
            return Trace()
        hauteur = max(taille(d.taille, self.zoom) * PIXEL, TEXTE_MIN)
        style = _style(d, hauteur, opacite)
        morceaux = []
        for i in self._ordre(d, formes, attributs):
            texte = attributs[i].get(d.champ)
            if texte is None or not str(texte).strip():
                continue
            mots = str(texte).strip()
            mots = mots.upper() if d.capitales else mots
            angle = -float(attributs[i].get(d.angle) or 0) if d.angle else 0.0
            morceaux += self._poser(d, formes[i], mots, hauteur, angle, style)
        return Trace("".join(morceaux), len(morceaux))

    def _ordre(self, d: Texte, formes: npt.NDArray[np.object_], attributs: list[dict[str, Any]]) -> list[int]:
        """The most important first: as declared, else the longest lines."""
        rangs = range(len(formes))
        if d.priorite:
            champ = d.priorite
            return sorted(rangs, key=lambda i: attributs[i].get(champ) or 0)
        if d.le_long:
            return [int(i) for i in np.argsort(-shapely.length(formes))]
        return list(rangs)

    def _poser(
        self, d: Texte, forme: shapely.Geometry, mots: str, hauteur: float, angle: float, style: svg.Attributs
    ) -> list[str]:
        if d.le_long:
            ligne = shapely.intersection(shapely.line_merge(forme), self._page)
            etiquette = le_long(ligne, mots, hauteur, "")
            # A name once, on its longest piece: neighbours would say it again.
            if etiquette is None or self._deja(d, mots) or not self.placeur.placer(etiquette):
                return []
            self._noms.setdefault(d.element, set()).add(mots)
            return [svg.texte(etiquette, style)]
        dessines = []
        for partie in shapely.get_parts(forme):
            point = partie if partie.geom_type == "Point" else shapely.point_on_surface(partie)
            if point.is_empty:
                continue
            dessines.append(self._au_point(d, point, mots, hauteur, angle, style))
        return [t for t in dessines if t]

    def _deja(self, d: Texte, mots: str) -> bool:
        return mots in self._noms.get(d.element, set())

    def _au_point(
        self, d: Texte, point: shapely.Point, mots: str, hauteur: float, angle: float, style: svg.Attributs
    ) -> str:
        lignes = couper(mots) if not angle else [mots]
        x, y = point.x + d.decalage[0] * hauteur, point.y + d.decalage[1] * hauteur
        plus_long = max(lignes, key=len)
        bloc = Etiquette(plus_long, x, y, hauteur, "", angle)
        if "left" in d.ancre or "right" in d.ancre:
            bloc = replace(bloc, x=x + bloc.largeur / 2 * (1 if "left" in d.ancre else -1))
        if "top" in d.ancre or "bottom" in d.ancre:
            bloc = replace(bloc, y=y + hauteur / 2 * (1 if "top" in d.ancre else -1))
        cote = d.cartouche.cote * PIXEL if d.cartouche else 0.0
        if not self.placeur.placer_bloc(
            bloc, max(hauteur * INTERLIGNE * len(lignes), cote), max(bloc.largeur, cote)
        ):
            return ""
        fond = ""
        if d.cartouche:
            demi = cote / 2
            fond = (
                f'<g transform="translate({bloc.x - demi:.1f} {bloc.y - demi:.1f}) scale({PIXEL:g})">'
                f"{chemins(d.cartouche)}</g>"
            )
        haut = bloc.y - hauteur * INTERLIGNE * (len(lignes) - 1) / 2
        return fond + "".join(
            svg.texte(replace(bloc, texte=ligne, y=haut + i * hauteur * INTERLIGNE), style)
            for i, ligne in enumerate(lignes)
        )


def couper(mots: str) -> list[str]:
    """A name in lines of some sixteen characters, three at most, as even as its words allow."""
    parties = mots.split()[:MOTS_MAX]
    nombre = min(3, -(-len(mots) // LIGNE_MAX), len(parties))
    if nombre <= 1 or len(mots.split()) > MOTS_MAX:
        return [mots]
    possibles = (
        [" ".join(parties[i:j]) for i, j in itertools.pairwise((0, *coupes, len(parties)))]
        for coupes in itertools.combinations(range(1, len(parties)), nombre - 1)
    )
    return min(possibles, key=lambda lignes: max(map(len, lignes)))


def _style(d: Texte, hauteur: float, opacite: float) -> dict[str, str | float]:
    style: dict[str, str | float] = {"text_anchor": "middle", "font_family": svg.POLICE, "fill": d.couleur}
    if d.halo and not d.cartouche:
        style |= {
            "paint_order": "stroke",
            "stroke": "#ffffff",
            "stroke_width": f"{2 * HALO * hauteur:.1f}",
            "stroke_linejoin": "round",
        }
    if d.italique:
        style["font_style"] = "italic"
    if d.gras:
        style["font_weight"] = 600
    if d.espacement:
        style["letter_spacing"] = f"{d.espacement * hauteur:.2f}"
    if opacite < 1:
        style["opacity"] = f"{opacite:.3f}"
    return style
