"""The long profile as a drawing: places of its lines in a fixed frame, filled in by the template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, floor

from assainissement.reseau.parcours import Pas

LARGEUR, HAUTEUR = 960.0, 360.0
GAUCHE, DROITE, HAUT, BAS = 64.0, 16.0, 16.0, 40.0
GRADUATIONS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
NOMS_MAX = 14


@dataclass
class Dessin:
    """Frame, lines as points « x,y x,y », marks with their texts."""

    largeur: float = LARGEUR
    hauteur: float = HAUTEUR
    gauche: float = GAUCHE
    bas: float = HAUTEUR - BAS
    droite: float = LARGEUR - DROITE
    radiers: list[str] = field(default_factory=list)
    sols: list[str] = field(default_factory=list)
    noeuds: list[tuple[str, str, str]] = field(default_factory=list)
    niveaux: list[tuple[str, str]] = field(default_factory=list)
    distances: list[tuple[str, str]] = field(default_factory=list)


def _n(valeur: float) -> str:
    return f"{valeur:.1f}"


def _pas(etendue: float, marques: int) -> float:
    return next((g for g in GRADUATIONS if etendue / g <= marques), GRADUATIONS[-1])


def dessiner(pas: Sequence[Pas]) -> Dessin | None:
    """The drawing of a descent; null where no level is known."""
    cotes = [
        c for p in pas for c in (p.radier_amont, p.radier_aval, p.sol_amont, p.sol_aval) if c is not None
    ]
    if not cotes:
        return None
    bas, haut = floor(min(cotes)), max(ceil(max(cotes)), floor(min(cotes)) + 1)
    longueur = max(pas[-1].fin, 1.0)
    d = Dessin()

    def x(distance: float) -> float:
        return GAUCHE + distance / longueur * (LARGEUR - GAUCHE - DROITE)

    def y(cote: float) -> float:
        return HAUT + (haut - cote) / (haut - bas) * (HAUTEUR - HAUT - BAS)

    d.radiers = _lignes(
        [[(x(p.debut), p.radier_amont), (x(p.fin), p.radier_aval)] for p in pas], y, joindre=False
    )
    d.sols = _lignes([[(x(p.debut), p.sol_amont), (x(p.fin), p.sol_aval)] for p in pas], y, joindre=True)
    saut = max(1, ceil(len(pas) / NOMS_MAX))
    for rang, p in enumerate(pas):
        d.noeuds.append((_n(x(p.debut)), p.noeud_amont if rang % saut == 0 else "", _n(HAUTEUR - BAS + 32)))
    d.noeuds.append((_n(x(pas[-1].fin)), "", _n(HAUTEUR - BAS + 32)))
    marche = _pas(haut - bas, 8)
    d.niveaux = [(_n(y(c)), f"{c} m") for c in range(bas, haut + 1) if (c - bas) % marche == 0]
    marche = _pas(longueur, 10)
    d.distances = [(_n(x(m)), f"{m:.0f} m") for m in _suite(longueur, marche)]
    return d


def _suite(longueur: float, marche: float) -> list[float]:
    return [n * marche for n in range(int(longueur // marche) + 1)]


def _lignes(morceaux: list[list[tuple[float, float | None]]], y: object, *, joindre: bool) -> list[str]:
    """Broken lines of what is known: one a piece, or one as long as nothing is missing."""
    assert callable(y)  # noqa: S101
    sorties: list[str] = []
    courante: list[str] = []
    for morceau in morceaux:
        connus = [f"{a:.1f},{y(c):.1f}" for a, c in morceau if c is not None]
        if len(connus) < 2 or not joindre:
            if len(courante) > 1:
                sorties.append(" ".join(courante))
            courante = []
        if len(connus) == 2:
            if joindre:
                courante += connus if not courante else connus[1:]
            else:
                sorties.append(" ".join(connus))
    if len(courante) > 1:
        sorties.append(" ".join(courante))
    return sorties
