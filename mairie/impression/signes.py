"""Small drawings of the title block: graphic scale, north, signs of the legend."""

from __future__ import annotations

from gis_data.plans import svg
from gis_data.plans.cadre import UNITES_PAR_MM, Cadre
from gis_data.plans.lecture import PIXEL_MM

ENCRE = "#1d2b3a"
BARRE_HAUT_MM = 10.0
MARGE_MM = 4.0
_SVG = 'xmlns="http://www.w3.org/2000/svg"'


def milliers(nombre: int) -> str:
    """« 1 000 », with the thin space of French numbers."""
    return f"{nombre:,}".replace(",", "\u202f")


def _longueur(metres: float) -> str:
    nombre, unite = (metres / 1000, "km") if metres >= 1000 else (metres, "m")
    return f"{nombre:g} {unite}".replace(".", ",")


def barre_d_echelle(cadre: Cadre, largeur_mm: float) -> str:
    """Graphic scale of four pieces, black and white; its length on paper is exact."""
    place = min(largeur_mm, 76.0) - 2 * MARGE_MM - 8
    metres, longueur = cadre.echelle_graphique(place)
    u = UNITES_PAR_MM
    x0, y = MARGE_MM * u, 6.2 * u
    piece = longueur / 4
    cases = "".join(
        f'<rect x="{x0 + i * piece:.3f}" y="{y:g}" width="{piece:.3f}" height="{1.6 * u:g}"'
        f' fill="{ENCRE if i % 2 == 0 else "#ffffff"}" stroke="{ENCRE}" stroke-width="1.5"/>'
        for i in range(4)
    )
    milieu = _longueur(metres / 2)
    # The unit once, at the end, unless the middle has another.
    milieu = milieu.removesuffix(" m") if metres < 1000 else milieu
    reperes = ((0, "0"), (2, milieu), (4, _longueur(metres)))
    textes = "".join(
        f'<text x="{x0 + i * piece:.2f}" y="{y - 8:g}" text-anchor="middle" font-size="21"'
        f' font-family="{svg.POLICE}" fill="{ENCRE}">{mots}</text>'
        for i, mots in reperes
    )
    l_mm = (longueur / u) + 2 * MARGE_MM + 6
    return (
        f'<svg {_SVG} width="{l_mm:.3f}mm" height="{BARRE_HAUT_MM}mm"'
        f' viewBox="0 0 {l_mm * u:.2f} {BARRE_HAUT_MM * u:g}">'
        f"{cases}{textes}</svg>"
    )


def fleche_du_nord() -> str:
    """North of the projection's grid."""
    return (
        f'<svg {_SVG} width="9mm" height="13mm" viewBox="0 0 90 130">'
        f'<path d="M45 6l26 92l-26 -20z" fill="{ENCRE}"/>'
        f'<path d="M45 6l-26 92l26 -20z" fill="#ffffff" stroke="{ENCRE}" stroke-width="3"'
        ' stroke-linejoin="round"/>'
        f'<text x="45" y="127" text-anchor="middle" font-size="30" font-weight="700"'
        f' font-family="{svg.POLICE}" fill="{ENCRE}">N</text></svg>'
    )


def signe(dessin: str) -> str:
    """A sign of the legend at the size that the map prints it."""
    return dessin.replace(
        'width="34" height="22"', f'{_SVG} width="{34 * PIXEL_MM:g}mm" height="{22 * PIXEL_MM:g}mm"', 1
    )
