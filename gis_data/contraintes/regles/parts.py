"""Shares of a ground: percentages that sum to 100, slivers set apart, overlaps shared out. Pure.

A sliver is what two plans that do not quite agree leave along a boundary: small in m² and in share, or thin.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Tolerance:
    """Below ``pct`` percent, and below ``m2`` square metres or ``largeur`` metres of mean width: a sliver."""

    m2: float = 5.0
    pct: float = 1.0
    largeur: float = 0.5


@dataclass(frozen=True)
class Morceau:
    """A piece of the ground: what it is part of, its area (m²) and perimeter (m); length for a line."""

    cle: Any
    mesure: float
    perimetre: float = 0.0


@dataclass(frozen=True)
class Part:
    """``mesure`` in whole m² (or m), ``pct`` with one decimal."""

    cle: Any
    mesure: int
    pct: float


@dataclass(frozen=True)
class Repartition:
    """``parts`` and ``hors`` (what no piece covers, null when none) sum to 100 % and to ``total``.

    ``eclats``: slivers, with their true measures, outside the sum. ``chevauchement``: m² covered twice.
    """

    total: int
    parts: tuple[Part, ...] = ()
    hors: Part | None = None
    eclats: tuple[Part, ...] = ()
    chevauchement: float = 0.0


def est_eclat(morceau: Morceau, total: float, tolerance: Tolerance) -> bool:
    """Whether a piece is but the play between two plans."""
    if morceau.mesure <= 0:
        return True
    if total <= 0 or 100 * morceau.mesure / total >= tolerance.pct:
        return False
    mince = morceau.perimetre > 0 and 2 * morceau.mesure / morceau.perimetre < tolerance.largeur
    return morceau.mesure < tolerance.m2 or mince


def arrondir(valeurs: Sequence[float], somme: int) -> list[int]:
    """Whole numbers near ``valeurs`` that sum exactly to ``somme`` (largest remainders)."""
    total = sum(valeurs)
    if total <= 0:
        return [0] * len(valeurs)
    exacts = [v * somme / total for v in valeurs]
    entiers = [math.floor(v) for v in exacts]
    ordre = sorted(range(len(exacts)), key=lambda i: (entiers[i] - exacts[i], i))
    for i in ordre[: somme - sum(entiers)]:
        entiers[i] += 1
    return entiers


def repartir(
    total: float, morceaux: Iterable[Morceau], couvert: float, tolerance: Tolerance | None = None
) -> Repartition:
    """Shares of ``total`` m² between pieces; ``couvert``: what they cover together, each place once.

    Pieces of one key add up. Overlaps are shared out in proportion, slivers given to the others.
    """
    tolerance = tolerance or Tolerance()
    groupes: dict[Any, Morceau] = {}
    for m in morceaux:
        connu = groupes.get(m.cle)
        groupes[m.cle] = (
            m if connu is None else Morceau(m.cle, connu.mesure + m.mesure, connu.perimetre + m.perimetre)
        )
    presents = [m for m in groupes.values() if m.mesure > 0]
    entier = round(total)
    if total <= 0:
        return Repartition(entier)
    somme = sum(m.mesure for m in presents)
    couvert = max(0.0, min(couvert, total, somme))
    facteur = couvert / somme if somme > 0 else 0.0
    ajustes = [Morceau(m.cle, m.mesure * facteur, m.perimetre * facteur) for m in presents]
    gardes = [m for m in ajustes if not est_eclat(m, total, tolerance)]
    vide = Morceau(None, total - couvert)
    reste = not est_eclat(vide, total, tolerance)
    if not gardes and not reste:
        # Nothing but slivers: the largest is what the ground is.
        gardes = [max(ajustes, key=lambda m: m.mesure)] if ajustes else []
        reste = not gardes
    retenus = [*gardes, *([vide] if reste else [])]
    mesures = [m.mesure or 1.0 for m in retenus]
    aires, dixiemes = arrondir(mesures, entier), arrondir(mesures, 1000)
    parts = tuple(
        sorted(
            (Part(m.cle, a, d / 10) for m, a, d in zip(gardes, aires, dixiemes, strict=False)),
            key=lambda p: -p.pct,
        )
    )
    cles = {m.cle for m in gardes}
    double = somme - couvert
    return Repartition(
        entier,
        parts,
        Part(None, aires[-1], dixiemes[-1] / 10) if reste else None,
        tuple(Part(m.cle, round(m.mesure), _pct(m.mesure, total)) for m in ajustes if m.cle not in cles),
        double if double > max(0.5, total * 1e-4) else 0.0,
    )


def _pct(mesure: float, total: float) -> float:
    return round(min(100.0, 100 * mesure / total), 1) if total > 0 else 0.0


def retenir(
    total: float, morceaux: Iterable[Morceau], tolerance: Tolerance | None = None
) -> tuple[list[Part], list[Part]]:
    """(kept, slivers) for things that may lie one over another: each with its own share of ``total``.

    A part that does not cover all is never said to cover 100 %, nor one that is there 0 %.
    """
    tolerance = tolerance or Tolerance()
    gardes: list[Part] = []
    eclats: list[Part] = []
    for m in morceaux:
        pct = _pct(m.mesure, total)
        if pct >= 100 and m.mesure < total - tolerance.m2:
            pct = 99.9
        part = Part(m.cle, round(m.mesure), max(pct, 0.1) if m.mesure > 0 else 0.0)
        (eclats if est_eclat(m, total, tolerance) else gardes).append(part)
    return gardes, eclats
