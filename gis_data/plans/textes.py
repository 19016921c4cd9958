"""Texts of a plan: where they fit, which way they read, and never one over another."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

# Mean width of a letter of the house's font, in parts of its size.
LARGEUR_LETTRE = 0.53


@dataclass(frozen=True)
class Etiquette:
    """A text centred at (x, y), drawing units; ``angle`` in degrees, clockwise."""

    texte: str
    x: float
    y: float
    taille: float
    style: str
    angle: float = 0.0

    @property
    def largeur(self) -> float:
        """Estimated length of the text."""
        return len(self.texte) * self.taille * LARGEUR_LETTRE


class Placeur:
    """Keeps the texts placed; refuses one that leaves the frame or touches another."""

    def __init__(self, largeur: float, hauteur: float, capacite: int = 400) -> None:
        self.largeur, self.hauteur, self.capacite = largeur, hauteur, capacite
        self.etiquettes: list[Etiquette] = []
        self._boites = np.empty((0, 4))

    def _boite(self, e: Etiquette, hauteur: float, largeur: float) -> npt.NDArray[np.float64]:
        cosinus, sinus = abs(math.cos(math.radians(e.angle))), abs(math.sin(math.radians(e.angle)))
        demi_l = (largeur * cosinus + hauteur * sinus) / 2
        demi_h = (largeur * sinus + hauteur * cosinus) / 2
        return np.array([e.x - demi_l, e.y - demi_h, e.x + demi_l, e.y + demi_h])

    def reserver(self, xmin: float, ymin: float, xmax: float, ymax: float) -> None:
        """Keep a place free of texts (graphic scale, north)."""
        self._boites = np.vstack([self._boites, [xmin, ymin, xmax, ymax]])

    def placer(self, etiquette: Etiquette) -> bool:
        """Place the text if it has room."""
        return self.placer_bloc(etiquette, etiquette.taille, etiquette.largeur)

    def placer_bloc(self, etiquette: Etiquette, hauteur: float, largeur: float) -> bool:
        """Place a text of several lines, or one with a frame, if the whole has room."""
        boite = self._boite(etiquette, hauteur, largeur)
        dedans = boite[0] >= 0 and boite[1] >= 0 and boite[2] <= self.largeur and boite[3] <= self.hauteur
        if not dedans or len(self.etiquettes) >= self.capacite:
            return False
        b = self._boites
        touche = (b[:, 0] < boite[2]) & (b[:, 2] > boite[0]) & (b[:, 1] < boite[3]) & (b[:, 3] > boite[1])
        if touche.any():
            return False
        self._boites = np.vstack([b, boite])
        self.etiquettes.append(etiquette)
        return True


def dans_la_surface(
    surfaces: npt.NDArray[np.object_], textes: list[str], taille: float, style: str
) -> list[Etiquette]:
    """One horizontal text in each surface (drawing units) that holds it, the largest surfaces first."""
    pleines = ~shapely.is_empty(surfaces)
    surfaces, textes = surfaces[pleines], [t for t, plein in zip(textes, pleines, strict=True) if plein]
    if not len(surfaces):
        return []
    # Cutting at the frame may leave a ring that touches itself.
    valides = shapely.is_valid(surfaces)
    surfaces = surfaces.copy()
    surfaces[~valides] = shapely.make_valid(surfaces[~valides])
    points = shapely.point_on_surface(surfaces)
    x, y = shapely.get_x(points), shapely.get_y(points)
    demi = np.array([len(t) * taille * LARGEUR_LETTRE / 2 for t in textes])
    cases = shapely.box(x - demi, y - taille * 0.4, x + demi, y + taille * 0.4)
    tient = shapely.contains_properly(surfaces, cases)
    ordre = np.argsort(-shapely.area(surfaces))
    return [Etiquette(textes[i], float(x[i]), float(y[i]), taille, style) for i in ordre if tient[i]]


def le_long(ligne: shapely.Geometry, texte: str, taille: float, style: str) -> Etiquette | None:
    """A straight text on the straightest long enough stretch of ``ligne``, never upside down.

    The stretch is the chord of a window as long as the text, slid along the line; null where the line
    is too short or turns too much under the text.
    """
    besoin = len(texte) * taille * LARGEUR_LETTRE * 1.1
    meilleure: tuple[float, Etiquette] | None = None
    for partie in shapely.get_parts(ligne):
        if partie.geom_type != "LineString" or partie.length < besoin:
            continue
        departs = np.linspace(0, partie.length - besoin, 12)
        debuts = shapely.get_coordinates(shapely.line_interpolate_point(partie, departs))
        fins = shapely.get_coordinates(shapely.line_interpolate_point(partie, departs + besoin))
        milieux = shapely.line_interpolate_point(partie, departs + besoin / 2)
        cordes = fins - debuts
        longueurs = np.hypot(cordes[:, 0], cordes[:, 1])
        ecarts = shapely.distance(milieux, shapely.linestrings(np.stack([debuts, fins], axis=1)))
        # Straight, and near the middle of the line.
        notes = ecarts / taille + np.abs(departs + besoin / 2 - partie.length / 2) / partie.length
        notes[(longueurs < besoin * 0.93) | (ecarts > taille * 0.8)] = np.inf
        i = int(np.argmin(notes))
        if not np.isfinite(notes[i]):
            continue
        angle = math.degrees(math.atan2(cordes[i, 1], cordes[i, 0]))
        angle = angle - 180 if angle > 90 else angle + 180 if angle <= -90 else angle
        x, y = (debuts[i] + fins[i]) / 2
        note = float(notes[i]) - partie.length / 10_000
        if meilleure is None or note < meilleure[0]:
            meilleure = note, Etiquette(texte, float(x), float(y), taille, style, round(angle, 1))
    return meilleure[1] if meilleure else None
