"""Crosses of the legal projection's grid, with their coordinates along the frame, as surveyors draw them."""

from __future__ import annotations

import math

from gis_data.plans import svg
from gis_data.plans.cadre import UNITES_PAR_MM, Cadre
from gis_data.plans.textes import Placeur

# Crosses stand some five to twelve centimetres apart.
ECART_MIN_MM = 45.0
BRAS_MM = 1.6
TEXTE_MM = 1.8
COULEUR = "#6a7a8c"


def pas_du_quadrillage(denominateur: int) -> int:
    """Round distance between two crosses, metres."""
    besoin = ECART_MIN_MM * denominateur / 1000
    puissance = 10 ** math.floor(math.log10(besoin))
    return int(next(m * puissance for m in (1, 2, 5, 10) if m * puissance >= besoin))


def _valeurs(bas: float, haut: float, pas: int) -> list[int]:
    return list(range(math.ceil(bas / pas) * pas, math.floor(haut) + 1, pas))


def reserver(placeur: Placeur, cadre: Cadre) -> None:
    """Keep the place of the coordinates free of other texts."""
    _, textes = _reperes(cadre)
    for x, y, mots in textes:
        placeur.reserver(x - 2, y - 18, x + len(mots) * 10, y + 4)


def _nombre(valeur: int) -> str:
    return f"{valeur:,}".replace(",", "\u202f")


def _reperes(cadre: Cadre) -> tuple[str, list[tuple[float, float, str]]]:
    """(path of crosses and ticks, texts as (x, y, words))."""
    xmin, ymin, xmax, ymax = cadre.bornes
    pas = pas_du_quadrillage(cadre.denominateur)
    u, bras = cadre.unite_m, BRAS_MM * UNITES_PAR_MM
    xs = [((x - xmin) / u, x) for x in _valeurs(xmin, xmax, pas)]
    ys = [((ymax - y) / u, y) for y in _valeurs(ymin, ymax, pas)]
    d = "".join(
        f"M{x - bras:.2f} {y:.2f}h{2 * bras:g}M{x:.2f} {y - bras:.2f}v{2 * bras:g}"
        for x, _ in xs
        for y, _ in ys
    )
    d += "".join(f"M{x:.2f} 0v{bras:g}M{x:.2f} {cadre.hauteur:g}v-{bras:g}" for x, _ in xs)
    d += "".join(f"M0 {y:.2f}h{bras:g}M{cadre.largeur:g} {y:.2f}h-{bras:g}" for y, _ in ys)
    loin = 12 * UNITES_PAR_MM
    textes = [(x + 4, cadre.hauteur - 6, _nombre(v)) for x, v in xs if loin < x < cadre.largeur - loin]
    textes += [(6.0, y - 4, _nombre(v)) for y, v in ys if loin < y < cadre.hauteur - loin]
    return d, textes


def croix(cadre: Cadre) -> str:
    """Crosses inside the frame, ticks and coordinates at its edges."""
    d, reperes = _reperes(cadre)
    style: dict[str, str | float] = {
        "font_family": svg.POLICE,
        "fill": COULEUR,
        "paint_order": "stroke",
        "stroke": "#ffffff",
        "stroke_width": 6,
        "stroke_linejoin": "round",
    }
    taille = TEXTE_MM * UNITES_PAR_MM
    textes = [
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="start" font-size="{taille:g}"{svg.attributs(style)}>'
        f"{mots}</text>"
        for x, y, mots in reperes
    ]
    trait: dict[str, str | float] = {"fill": "none", "stroke": COULEUR, "stroke_width": "0.9"}
    return f'<path d="{d}"{svg.attributs(trait)}/>{"".join(textes)}' if d else ""
