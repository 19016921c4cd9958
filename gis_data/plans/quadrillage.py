"""Crosses of the legal projection's grid, with their coordinates along the frame, as surveyors draw them."""

from __future__ import annotations

import math

from gis_data.plans import svg
from gis_data.plans.cadre import UNITES_PAR_MM, Cadre

# Crosses stand some five to twelve centimetres apart.
ECART_MIN_MM = 45.0
BRAS_MM = 2.0
TEXTE_MM = 1.8
COULEUR = "#47586b"


def pas_du_quadrillage(denominateur: int) -> int:
    """Round distance between two crosses, metres."""
    besoin = ECART_MIN_MM * denominateur / 1000
    puissance = 10 ** math.floor(math.log10(besoin))
    return int(next(m * puissance for m in (1, 2, 5, 10) if m * puissance >= besoin))


def _valeurs(bas: float, haut: float, pas: int) -> list[int]:
    return list(range(math.ceil(bas / pas) * pas, math.floor(haut) + 1, pas))


def _nombre(valeur: int) -> str:
    return f"{valeur:,}".replace(",", "\u202f")


def croix(cadre: Cadre) -> str:
    """Crosses inside the frame, ticks and coordinates at its edges."""
    xmin, ymin, xmax, ymax = cadre.bornes
    pas = pas_du_quadrillage(cadre.denominateur)
    u, bras = cadre.unite_m, BRAS_MM * UNITES_PAR_MM
    xs = [((x - xmin) / u, x) for x in _valeurs(xmin, xmax, pas)]
    ys = [((ymax - y) / u, y) for y in _valeurs(ymin, ymax, pas)]
    trait = {"fill": "none", "stroke": COULEUR, "stroke_width": "0.9"}
    d = "".join(
        f"M{x - bras:.2f} {y:.2f}h{2 * bras:g}M{x:.2f} {y - bras:.2f}v{2 * bras:g}" for x, _ in xs for y, _ in ys
    )
    d += "".join(f"M{x:.2f} 0v{bras:g}M{x:.2f} {cadre.hauteur:g}v-{bras:g}" for x, _ in xs)
    d += "".join(f"M0 {y:.2f}h{bras:g}M{cadre.largeur:g} {y:.2f}h-{bras:g}" for y, _ in ys)
    taille = TEXTE_MM * UNITES_PAR_MM
    style = (
        f' font-family="{svg.POLICE}" font-size="{taille:g}" fill="{COULEUR}" paint-order="stroke"'
        ' stroke="#ffffff" stroke-width="6" stroke-linejoin="round"'
    )
    textes = []
    loin = 12 * UNITES_PAR_MM
    for x, valeur in xs:
        if loin < x < cadre.largeur - loin:
            textes.append(
                f'<text x="{x + 4:.1f}" y="{cadre.hauteur - 6:.1f}" text-anchor="start"{style}>'
                f"{_nombre(valeur)}</text>"
            )
    for y, valeur in ys:
        if loin < y < cadre.hauteur - loin:
            textes.append(
                f'<text x="6" y="{y - 4:.1f}" text-anchor="start"{style}>{_nombre(valeur)}</text>'
            )
    return f'<path d="{d}"{svg.attributs(trait)}/>{"".join(textes)}' if d else ""
