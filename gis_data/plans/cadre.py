"""The frame of a plan: which ground it shows, at which scale, and where a point of the ground falls.

Drawing units are tenths of a millimetre, so that a plan printed at its nominal size is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

UNITES_PAR_MM = 10
ECHELLES = (200, 500, 1000, 1500, 2000, 2500, 5000, 7500, 10_000, 15_000, 20_000, 25_000, 50_000)
# Lengths of a graphic scale, metres.
LONGUEURS = tuple(m * 10**p for p in range(5) for m in (1, 2, 5))

Bornes = tuple[float, float, float, float]


@dataclass(frozen=True)
class Cadre:
    """Centre on the ground (metres), scale denominator, size in mm."""

    x: float
    y: float
    denominateur: int
    largeur_mm: float
    hauteur_mm: float

    @property
    def unite_m(self) -> float:
        """Metres on the ground of one drawing unit."""
        return self.denominateur / 1000 / UNITES_PAR_MM

    @property
    def largeur(self) -> float:
        """Width in drawing units."""
        return self.largeur_mm * UNITES_PAR_MM

    @property
    def hauteur(self) -> float:
        """Height in drawing units."""
        return self.hauteur_mm * UNITES_PAR_MM

    @property
    def bornes(self) -> Bornes:
        """Ground shown: xmin, ymin, xmax, ymax in metres."""
        dx, dy = self.largeur * self.unite_m / 2, self.hauteur * self.unite_m / 2
        return self.x - dx, self.y - dy, self.x + dx, self.y + dy

    def projeter(self, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Ground (n, 2) → drawing units, y downwards."""
        sortie = np.empty_like(xy)
        sortie[:, 0] = (xy[:, 0] - self.x) / self.unite_m + self.largeur / 2
        sortie[:, 1] = (self.y - xy[:, 1]) / self.unite_m + self.hauteur / 2
        return sortie

    def echelle_graphique(self, maximum_mm: float = 42) -> tuple[int, float]:
        """(metres, length in drawing units) of the longest round bar within ``maximum_mm``."""
        limite = maximum_mm * self.denominateur / 1000
        metres = max((m for m in LONGUEURS if m <= limite), default=LONGUEURS[0])
        return metres, metres / self.unite_m


def cadrer(bornes: Bornes, largeur_mm: float, hauteur_mm: float, marge: float = 0.1) -> Cadre:
    """Frame centred on ``bornes`` at the largest usual scale where they fit with ``marge`` on each side."""
    xmin, ymin, xmax, ymax = bornes
    besoin = (
        max((xmax - xmin) * (1 + 2 * marge) / largeur_mm, (ymax - ymin) * (1 + 2 * marge) / hauteur_mm) * 1000
    )
    denominateur = next((e for e in ECHELLES if e >= besoin), math.ceil(besoin / 10_000) * 10_000)
    return Cadre((xmin + xmax) / 2, (ymin + ymax) / 2, denominateur, largeur_mm, hauteur_mm)
