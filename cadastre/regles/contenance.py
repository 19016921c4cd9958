"""Contenance (area of the tax file) as it is written, and its tolerance against the drawing.

The tolerance is a help to find errors, not the DGFiP's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

# Standard error σ of one coordinate, in metres, by quality of the plan (EDIGÉO QUPL).
SIGMA_QUALITE = {"03": 0.10, "04": 0.20, "05": 0.40}
# The plan drawn on paper: σ in metres on the paper, to be multiplied by the scale's denominator.
SIGMA_PAPIER = {"01": 0.0004, "02": 0.001}
CONFECTION_ANCIENNE = "01"
FACTEUR = 2.7
TOLERANCE_MINIMALE_M2 = 1.0
ECHELLE_PAR_DEFAUT = 2000


def sigma(qualite: str, confection: str, echelle: int | None) -> float:
    """σ of a coordinate in metres; an old plan (confection 01) counts as quality 02.

    Without a scale 1/2000 is assumed; an unknown quality is taken as 01.
    """
    denominateur = echelle or ECHELLE_PAR_DEFAUT
    if confection == CONFECTION_ANCIENNE:
        return SIGMA_PAPIER["02"] * denominateur
    if qualite in SIGMA_QUALITE:
        return SIGMA_QUALITE[qualite]
    return SIGMA_PAPIER.get(qualite, SIGMA_PAPIER["01"]) * denominateur


def tolerance(anneaux: Iterable[npt.ArrayLike], sigma_m: float) -> float:
    """Tolerance T in m² of the drawn area: max(1, 2.7·σ_A), σ_A = (σ/2)·√Σ|Pᵢ₊₁ − Pᵢ₋₁|².

    ``anneaux``: closed rings of the polygon, (n, 2) metres, first point repeated at the end.
    """
    somme = 0.0
    for anneau in anneaux:
        points = np.asarray(anneau, dtype=float)[:-1, :2]
        cordes = np.roll(points, -1, axis=0) - np.roll(points, 1, axis=0)
        somme += float((cordes**2).sum())
    return max(TOLERANCE_MINIMALE_M2, FACTEUR * sigma_m / 2 * math.sqrt(somme))


def hectares_ares_centiares(metres_carres: int) -> str:
    """12345 → « 1 ha 23 a 45 ca »; the larger units are left out while they are 0."""
    hectares, reste = divmod(metres_carres, 10_000)
    ares, centiares = divmod(reste, 100)
    if hectares:
        return f"{hectares} ha {ares:02d} a {centiares:02d} ca"
    if ares:
        return f"{ares} a {centiares:02d} ca"
    return f"{centiares} ca"
