"""Cutting blocks into parcels: lots along a street, strips of re-parcelled fields, old uneven fields.

Every function takes a polygon and a number and gives as many pieces as it can, at most that number;
pieces share their borders up to rounding (``topologie`` makes them exact afterwards).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
import shapely.ops
from shapely.geometry import LineString, Polygon

from gis_data.demo.village import courbes
from gis_data.demo.village.trame import prolonger

AIRE_MIN = 14.0


@dataclass
class Lot:
    """A piece of a block. ``facade``: its border on the street, ``None`` for back gardens and fields."""

    forme: Polygon
    facade: Any = None


def repartir(poids: npt.NDArray[np.float64], total: int, minimum: int = 1) -> list[int]:
    """``total`` shared out in proportion to ``poids`` (largest remainders), at least ``minimum`` each."""
    if len(poids) == 0:
        return []
    exact = poids / poids.sum() * total
    parts = np.maximum(np.floor(exact).astype(int), minimum)
    ordre = np.argsort(-(exact - np.floor(exact)), kind="stable")
    i = 0
    while parts.sum() < total:
        parts[ordre[i % len(ordre)]] += 1
        i += 1
    while parts.sum() > total and (parts > minimum).any():
        parts[int(np.argmax(np.where(parts > minimum, parts - exact, -np.inf)))] -= 1
    return [int(x) for x in parts]


def autour(public: Any, bloc: Polygon) -> Any:
    """The public ground about a block: much quicker to ask than the whole."""
    x0, y0, x1, y1 = bloc.bounds
    pres = shapely.clip_by_rect(public, x0 - 2.0, y0 - 2.0, x1 + 2.0, y1 + 2.0)
    shapely.prepare(pres)
    return pres


def facades(bloc: Polygon, public: Any) -> list[LineString]:
    """Stretches of the outline of a block that lie along public ground, in the ring's direction."""
    p = np.asarray(shapely.segmentize(bloc.exterior, 12.0).coords)
    milieux = shapely.points((p[:-1] + p[1:]) / 2)
    sur_rue = shapely.dwithin(milieux, public, 0.05)
    if sur_rue.all():
        return [LineString(p)]
    if not sur_rue.any():
        return []
    debut = int(np.flatnonzero(~sur_rue)[0]) + 1
    ordre = (np.arange(len(sur_rue)) + debut) % len(sur_rue)
    chaines: list[LineString] = []
    courant: list[npt.NDArray[np.float64]] = []
    for i in ordre:
        if sur_rue[i]:
            courant = courant or [p[i]]
            courant.append(p[i + 1])
        elif courant:
            chaines.append(LineString(courant))
            courant = []
    if courant:
        chaines.append(LineString(courant))
    return [c for c in chaines if c.length > 3.0]


def _angles(ligne: LineString) -> npt.NDArray[np.float64]:
    """Abscissas (m) of the corners of a front: more than 38° between 4 m before and 4 m after."""
    pas = 2.0
    n = int(ligne.length // pas)
    ferme = ligne.is_ring
    s = np.arange(n) * pas
    q = shapely.get_coordinates(shapely.line_interpolate_point(ligne, s))
    if len(q) < 8:
        return np.empty(0)
    a, b = np.roll(q, 2, axis=0), np.roll(q, -2, axis=0)
    u, v = q - a, b - q
    croix = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    virage = np.abs(np.arctan2(croix, (u * v).sum(axis=1)))
    if not ferme:
        virage[:2] = virage[-2:] = 0
    pic = (virage > 0.66) & (virage >= np.roll(virage, 1)) & (virage >= np.roll(virage, -1))
    return s[pic]


def _bornes(
    ligne: LineString, n: int, regularite: float, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Abscissas where lots meet on a front, kept away from its corners (a corner belongs to one lot)."""
    ferme = ligne.is_ring
    largeurs = np.exp(rng.normal(0, regularite, n))
    largeurs *= ligne.length / largeurs.sum()
    bornes = np.concatenate([[0.0], np.cumsum(largeurs)[:-1]])
    bornes = bornes + rng.uniform(0, ligne.length / n) if ferme else bornes[1:]
    ecart = 0.42 * ligne.length / n
    for angle in _angles(ligne):
        d = bornes - angle
        bornes = np.where(np.abs(d) < ecart, angle + np.where(d < 0, -1, 1) * ecart, bornes)
    return np.sort(bornes % ligne.length if ferme else bornes)


def lotir(
    bloc: Polygon,
    n: int,
    public: Any,
    rng: np.random.Generator,
    profondeur: float,
    regularite: float,
    facade_min: float,
    fonds: float,
) -> list[Lot]:
    """Lots side by side along the streets of a block, their backs meeting in its midst.

    ``profondeur``: beyond it (m) the ground becomes inner gardens; ``fonds``: share of the lots cut
    again into a front and a back parcel where pieces are lacking to reach ``n``.
    """
    chaines = facades(bloc, public)
    longueur = sum(c.length for c in chaines)
    if n <= 1 or longueur < facade_min * 1.6:
        pieces = morceler(bloc, n, rng)
        return [Lot(p, _bord(p, public)) for p in pieces]
    coeur = courbes.polygones(bloc.buffer(-profondeur, join_style="mitre").simplify(1.5), 500.0)
    n_coeur = min(len(coeur) + int(sum(c.area for c in coeur) / 1500.0), n // 3) if coeur else 0
    if n_coeur < len(coeur):
        coeur, n_coeur = [], 0
    n_front = max(1, min(int((n - n_coeur) * (1 - fonds)), int(longueur / facade_min)))
    lots = _voronoi(bloc, chaines, n_front, regularite, rng)
    interieur = shapely.union_all(coeur) if coeur else None
    if interieur is not None:
        lots = [
            x
            for x in (courbes.plus_grand(shapely.difference(p, interieur)) for p in lots)
            if x.area > AIRE_MIN
        ]
    resultat = [Lot(p, _bord(p, public)) for p in lots]
    for c, k in zip(coeur, repartir(np.array([c.area for c in coeur]), n_coeur), strict=True):
        resultat += [Lot(p) for p in morceler(c, k, rng)]
    return _arrieres(resultat, n, rng)


def _bord(forme: Polygon, public: Any) -> Any:
    """Street border of a lot: the stretches of its outline along public ground."""
    chaines = facades(forme, public)
    return shapely.union_all(chaines) if chaines else None


def _voronoi(
    bloc: Polygon, chaines: list[LineString], n: int, regularite: float, rng: np.random.Generator
) -> list[Polygon]:
    """Each point of the block goes to the stretch of front nearest to it."""
    points, etiquettes, k = [], [], 0
    parts = repartir(np.array([c.length for c in chaines]), max(n, len(chaines)))
    for chaine, m in zip(chaines, parts, strict=True):
        bornes = _bornes(chaine, m, regularite, rng)
        limites = np.concatenate([[0.0], bornes, [chaine.length]])
        for i, (a, b) in enumerate(pairwise(limites.tolist())):
            if b - a < 0.2:
                continue
            combien = max(3, int((b - a) / 1.8))
            # the ends lie equally far from the limit between two lots: it is then their bisector
            s = a + (b - a) * (np.arange(combien) + 0.5) / combien
            s[0], s[-1] = a + 0.3, b - 0.3
            points.append(shapely.get_coordinates(shapely.line_interpolate_point(chaine, s)))
            dernier = i == len(limites) - 2 and chaine.is_ring and len(bornes)
            etiquettes += [k if dernier else k + i] * combien
        k += len(limites) - 1
    cellules = np.asarray(
        shapely.get_parts(
            shapely.voronoi_polygons(shapely.MultiPoint(np.vstack(points)), extend_to=bloc, ordered=True)
        )
    )
    numeros = np.asarray(etiquettes)
    formes = []
    for e in np.unique(numeros):
        zone = shapely.union_all(cellules[numeros == e])
        formes.append(courbes.plus_grand(shapely.intersection(zone, bloc)))
    formes = [f for f in formes if f.area > AIRE_MIN]
    if len(formes) > 1:
        simples = shapely.coverage_simplify(np.array(formes), 0.9, simplify_boundary=False)
        formes = [courbes.plus_grand(f) for f in simples]
    return formes


def _arrieres(lots: list[Lot], n: int, rng: np.random.Generator) -> list[Lot]:
    """Cuts the deepest lots parallel to the street until there are ``n``, else as near as may be."""
    ordre = sorted(range(len(lots)), key=lambda i: -lots[i].forme.area * float(rng.uniform(0.4, 1.0)))
    nouveaux: list[Lot] = []
    for i in ordre:
        if len(lots) + len(nouveaux) >= n:
            break
        lot = lots[i]
        if lot.facade is None:
            continue
        loin = shapely.hausdorff_distance(lot.forme.exterior, lot.facade)
        if loin < 21:
            continue
        d = max(11.0, loin * rng.uniform(0.38, 0.6))
        devant = shapely.intersection(lot.forme, shapely.buffer(lot.facade, d, join_style="mitre"))
        derriere = shapely.difference(lot.forme, devant)
        if devant.geom_type != "Polygon" or derriere.geom_type != "Polygon":
            continue
        if derriere.area < 60 or devant.area < 60 or devant.interiors:
            continue
        nouveaux.append(Lot(derriere))
        lots[i] = Lot(devant, lot.facade)
    return lots + nouveaux


def bandes(bloc: Polygon, n: int, cap: float, rng: np.random.Generator) -> list[Polygon]:
    """Strips of re-parcelled land, cut along ``cap`` (radians), of uneven widths."""
    return _couper(bloc, n, rng, cap, 0.012, 0.0, 9.0)


def morceler(bloc: Polygon, n: int, rng: np.random.Generator, trouble: float = 0.16) -> list[Polygon]:
    """Old uneven fields: halves again and again, mostly across the longer side, with bent limits."""
    return _couper(bloc, n, rng, None, trouble, 0.05, 3.6)


def _couper(
    bloc: Polygon,
    n: int,
    rng: np.random.Generator,
    cap: float | None,
    trouble: float,
    courbure: float,
    elancement: float,
) -> list[Polygon]:
    if n <= 1 or bloc.area < 2 * AIRE_MIN:
        return [bloc]
    for essai in range(9):
        n1 = n // 2 if essai < 6 or n < 3 else n // 3
        part = float(np.clip(n1 / n * (1 + rng.normal(0, 0.16)), 0.5 * n1 / n, 1 - 0.5 * (n - n1) / n))
        _, u, longueur, largeur = courbes.grand_axe(bloc)
        angle = np.arctan2(u[1], u[0]) + np.pi / 2
        if cap is not None and essai < 5:
            mince = np.abs(np.cos(cap - angle)) < 0.5 and longueur > elancement * max(largeur, 1)
            angle = angle if mince else cap
        elif cap is None and longueur < 1.9 * largeur and rng.random() < 0.45:
            angle += np.pi / 2
        angle += rng.normal(0, trouble * (1 + 0.4 * essai))
        coupe = _a_la_part(bloc, angle, part, courbure if longueur > 25 else 0.0, rng)
        if coupe is None:
            continue
        a, b = coupe
        return [
            *_couper(a, n1, rng, cap, trouble, courbure, elancement),
            *_couper(b, n - n1, rng, cap, trouble, courbure, elancement),
        ]
    return [bloc]


def _a_la_part(
    bloc: Polygon, angle: float, part: float, courbure: float, rng: np.random.Generator
) -> tuple[Polygon, Polygon] | None:
    """Two pieces, the first about ``part`` of the area, by a line of direction ``angle``."""
    d = np.array([np.cos(angle), np.sin(angle)])
    nrm = np.array([-d[1], d[0]])
    centre = np.asarray(bloc.centroid.coords[0])
    p = np.asarray(bloc.exterior.coords) - centre
    h, t = p @ nrm, p @ d
    bas, haut = float(h.min()), float(h.max())
    portee = float(max(abs(t.min()), abs(t.max()))) + 5
    a, b, part_a, part_b = bas, haut, 0.0, 1.0
    for _ in range(8):
        m = a + (b - a) * float(np.clip((part - part_a) / max(part_b - part_a, 1e-9), 0.08, 0.92))
        moitie = Polygon(
            [
                centre + d * portee + nrm * m,
                centre - d * portee + nrm * m,
                centre - d * portee + nrm * (bas - 5),
                centre + d * portee + nrm * (bas - 5),
            ]
        )
        ici = shapely.intersection(bloc, moitie).area / bloc.area
        if abs(ici - part) < 0.01:
            break
        if ici < part:
            a, part_a = m, ici
        else:
            b, part_b = m, ici
    ligne = LineString([centre - d * portee + nrm * m, centre + d * portee + nrm * m])
    cordes = [x for x in shapely.get_parts(ligne.intersection(bloc)) if x.length > 2]
    if not cordes:
        return None
    corde = max(cordes, key=lambda x: x.length)
    if courbure and corde.length > 30:
        q = np.asarray(corde.coords)
        k = 2 if corde.length > 90 else 1
        f = np.linspace(0, 1, k + 2)[1:-1, None] + rng.uniform(-0.08, 0.08, (k, 1))
        milieu = q[0] + (q[-1] - q[0]) * f + nrm * rng.normal(0, courbure * corde.length, (k, 1))
        corde = LineString(np.vstack([q[:1], milieu, q[-1:]]))
    parts = courbes.polygones(shapely.ops.split(bloc, prolonger(corde, 0.05)))
    if len(parts) != 2 or min(x.area for x in parts) < max(AIRE_MIN, 0.3 * part * bloc.area):
        return None
    if (np.asarray(parts[0].representative_point().coords[0]) - centre) @ nrm > m:
        parts.reverse()
    return parts[0], parts[1]
