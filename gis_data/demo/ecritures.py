"""Where names and numbers are written on the plan: inside the parcels, along the streets and rivers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Point

from gis_data.demo.objets import Texte
from gis_data.demo.village import courbes

HAUTEURS = {
    "PARCELLE": 2.0,
    "SECTION": 5.0,
    "LIEUDIT": 4.0,
    "ZONCOMMUNI": 2.5,
    "TRONFLUV": 3.0,
    "TRONROUTE": 2.5,
    "NUMVOIE": 1.5,
    "BATIMENT": 2.0,
    "SUBDFISC": 1.5,
    "CHARGE": 1.5,
    "VOIEP": 2.0,
    "TPOINT": 2.0,
    "TLINE": 2.0,
    "TSURF": 2.0,
}
# Width of a letter for a height of 1.
_CHASSE = 0.62


def attributs_nom(nom: str, par_mot: bool = True) -> dict[str, str]:
    """TEX, TEX2 … TEX10: one attribute a word, the last holding what is left over."""
    mots = nom.split() if par_mot else [nom]
    if len(mots) > 10:
        mots = [*mots[:9], " ".join(mots[9:])]
    return {"TEX" if i == 0 else f"TEX{i + 1}": mot for i, mot in enumerate(mots)}


def dans(type_: str, forme: Any, attribut: str = "TEX") -> Texte:
    """One text in the roomiest place of an area, along it where it is too narrow."""
    x, y, r = place(forme)
    angle = 0.0
    if r < 5.0 and type_ == "PARCELLE":
        _, u, longueur, largeur = courbes.grand_axe(courbes.plus_grand(forme))
        if longueur > 4 * largeur:
            angle = droit(math.degrees(math.atan2(u[1], u[0])))
    return Texte(attribut, x, y, angle, HAUTEURS[type_])


def place(forme: Any) -> tuple[float, float, float]:
    """Centre (m, 0.01 m) and radius of the largest circle inside the largest part."""
    grand = courbes.plus_grand(forme)
    tolerance = max(0.3, math.sqrt(grand.area) / 60)
    cercle = shapely.maximum_inscribed_circle(grand, tolerance)
    x, y = cercle.coords[0]
    return round(x, 2), round(y, 2), float(cercle.length)


def au_point(type_: str, p: Point, angle: float = 0.0, ecart: float = 0.0) -> Texte:
    """One text on a point or ``ecart`` metres beside it."""
    return Texte("TEX", round(p.x + ecart, 2), round(p.y + ecart / 2, 2), droit(angle), HAUTEURS[type_])


def en_ligne(type_: str, x: float, y: float, mots: dict[str, str], echelle: float) -> list[Texte]:
    """The words of a name side by side on a level line centred on (x, y)."""
    h = HAUTEURS[type_] * echelle / 1000
    largeurs = [_CHASSE * h * (len(m) + 1) for m in mots.values()]
    s = x - sum(largeurs) / 2
    textes = []
    for attribut, largeur in zip(mots, largeurs, strict=True):
        textes.append(Texte(attribut, round(s + largeur / 2, 2), round(y, 2), 0.0, HAUTEURS[type_]))
        s += largeur
    return textes


def le_long(type_: str, ligne: Any, mots: dict[str, str], echelle: float) -> list[Texte]:
    """The words of a name one after the other along the longest piece of an axis, upright to read."""
    part = max(shapely.get_parts(ligne), key=lambda p: p.length)
    h = HAUTEURS[type_] * echelle / 1000
    largeurs = np.array([_CHASSE * h * (len(m) + 1) for m in mots.values()])
    facteur = min(1.0, 0.9 * part.length / largeurs.sum())
    u = courbes.direction(part, part.length / 2, max(3.0, part.length / 4))
    sens = 1 if u[0] > 0 or (abs(u[0]) < 1e-6 and u[1] > 0) else -1
    s = part.length / 2 - sens * facteur * largeurs.sum() / 2
    textes = []
    for attribut, largeur in zip(mots, largeurs * facteur, strict=True):
        s += sens * largeur / 2
        p = part.interpolate(min(max(s, 0.0), part.length))
        t = courbes.direction(part, s, 4.0) * sens
        angle = math.degrees(math.atan2(t[1], t[0]))
        textes.append(Texte(attribut, round(p.x, 2), round(p.y, 2), round(angle, 3), HAUTEURS[type_]))
        s += sens * largeur / 2
    return textes


def droit(angle: float) -> float:
    """The angle (degrees) or its opposite, so that a text is not upside down."""
    a = (angle + 180.0) % 360.0 - 180.0
    if a > 90.0:
        a -= 180.0
    elif a <= -90.0:
        a += 180.0
    return round(a, 3)
