"""The ground plan of the commune: outline, river, roads, urban limit, and the cells they make.

Axes have no width here: the cells they cut tile the commune, so do sheets and sections made of
cells. The public ground (streets) is the strip about each axis, taken off the cells later.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import LineString, Polygon

from gis_data.demo.village import courbes
from gis_data.demo.village.courbes import Points

COEUR, FAUBOURG, LOTISSEMENT, PLAINE, COTEAU = "coeur", "faubourg", "lotissement", "plaine", "coteau"
URBAINES = (COEUR, FAUBOURG, LOTISSEMENT)


@dataclass
class Axe:
    """Middle line of a way. ``largeur`` 0: a mere limit without public ground."""

    ligne: LineString
    largeur: float
    genre: str
    pont: bool = False
    nom: str = ""


@dataclass
class Ilot:
    """One cell of the plan, up to the middle of the ways about it, and its kind of ground."""

    cellule: Polygon
    zone: str
    regulier: bool = False


@dataclass(frozen=True)
class Mesures:
    """Sizes that follow from the number of parcels (m, m²)."""

    total: int
    urbain: int
    rayon_urbain: float
    rayon: float

    @classmethod
    def pour(cls, parcelles: int) -> Mesures:
        """Shares seen on real rural communes: over two fifths of the parcels in the village."""
        urbain = round(0.43 * parcelles)
        aire_urbaine = urbain * 760.0
        aire = aire_urbaine + (parcelles - urbain) * 7600.0
        return cls(parcelles, urbain, float(np.sqrt(aire_urbaine / np.pi)), float(np.sqrt(aire / np.pi)))


@dataclass
class Trame:
    """What ``tracer`` draws: everything in the plan's own metres, village square near (0, 0)."""

    mesures: Mesures
    commune: Polygon
    bourg: Polygon
    riviere: Polygon
    axe_riviere: LineString
    grande_rue: LineString
    place: Polygon
    parvis: Polygon
    axes: list[Axe] = field(default_factory=list)
    ilots: list[Ilot] = field(default_factory=list)
    passerelle: LineString | None = None


class Relief:
    """Large bends shared by the main street and the river, as functions of x."""

    def __init__(self, m: Mesures, rng: np.random.Generator) -> None:
        self.m, self.phases = m, rng.uniform(0, 2 * np.pi, 3)

    def grande_rue(self, x: Points) -> Points:
        """Height of the main street (m) at x: 0 at the square, wider bends out of the village."""
        m, (p, q, r) = self.m, self.phases

        def forme(t: Points) -> Points:
            u = np.clip((np.abs(t) - m.rayon_urbain * 0.5) / m.rayon, 0, 1)
            return (
                0.085 * m.rayon_urbain * np.sin(2 * np.pi * t / (2.3 * m.rayon_urbain) + p)
                + 0.16 * m.rayon * u * np.sin(2 * np.pi * t / (1.9 * m.rayon) + q)
                + 0.05 * m.rayon * u * np.sin(2 * np.pi * t / (0.61 * m.rayon) + r)
            )

        return forme(np.asarray(x, dtype=float)) - forme(np.zeros(1))


def _meandres(m: Mesures, relief: Relief, rng: np.random.Generator) -> Points:
    """Axis of the river: a curve whose heading swings like a sine, south of the main street."""
    onde = max(90.0, 0.34 * m.rayon)
    s = np.arange(0, 4.2 * m.rayon, 5.0)
    force = 0.86 + 0.34 * np.sin(2 * np.pi * s / (3.3 * onde) + rng.uniform(0, 6.28))
    phase = 2 * np.pi * s / onde + 0.7 * np.sin(2 * np.pi * s / (2.1 * onde) + rng.uniform(0, 6.28))
    cap = force * np.sin(phase)
    x, y = np.cumsum(5.0 * np.cos(cap)), np.cumsum(5.0 * np.sin(cap))
    x -= x[len(x) // 2]
    pente = np.polyfit(x, y, 3)
    y -= np.polyval(pente, x)
    recul = 0.5 * m.rayon_urbain + 46.0 + max(0.0, float(y.max()) - 0.25 * m.rayon_urbain - 20.0)
    ecart = recul * (1 + 0.25 * np.sin(2 * np.pi * x / (1.5 * m.rayon) + rng.uniform(0, 6.28)) ** 2)
    y += relief.grande_rue(x) - ecart - 0.10 * np.abs(x)
    dedans = np.hypot(x, y) < 1.7 * m.rayon
    return np.column_stack([x, y])[dedans]


def _routes(m: Mesures, relief: Relief, rng: np.random.Generator) -> list[Axe]:
    """Main street, roads to the north (hill) and to the south (over the river), and two cross roads."""
    pas = max(m.rayon_urbain / 6, 16.0)
    x = np.arange(-1.75 * m.rayon, 1.75 * m.rayon + pas, pas)
    grande = LineString(courbes.lisser(np.column_stack([x, relief.grande_rue(x)]), max(5.0, pas / 5)))
    axes = [Axe(grande, 9.0 if m.rayon_urbain > 120 else 7.5, "route", pont=True)]

    def depart(part: float) -> Points:
        x0 = part * m.rayon_urbain
        return np.array([x0, relief.grande_rue(np.array([x0]))[0]])

    def brin(part: float, degres: float, largeur: float, genre: str = "route") -> Axe:
        cap = np.radians(degres + rng.uniform(-5, 5))
        p = courbes.errance(rng, depart(part), cap, 1.8 * m.rayon, max(m.rayon / 5.5, 45.0), 0.24)
        return Axe(LineString(p), largeur, genre, pont=True)

    nord = [(0.16, 84.0), (-0.55, 124.0), (0.78, 52.0), (-1.5, 104.0), (1.9, 78.0)]
    sud = [(-0.18, -98.0), (0.95, -62.0), (-1.25, -118.0)]
    combien = 1 + (m.total >= 90) + (m.total >= 260) + (m.total >= 1100) + (m.total >= 2400)
    axes += [brin(p, a, 7.5 if i == 0 else 6.5) for i, (p, a) in enumerate(nord[:combien])]
    combien = 1 + (m.total >= 350) + (m.total >= 1600)
    axes += [brin(p, a, 7.5 if i == 0 else 6.0) for i, (p, a) in enumerate(sud[:combien])]
    return axes


def _traverses(m: Mesures, relief: Relief, riviere: LineString, rng: np.random.Generator) -> list[Axe]:
    """Country lanes that run along the valley, one on the hill and one beyond the river."""
    axes = []
    x = np.linspace(-1.6 * m.rayon, 1.6 * m.rayon, 13)
    if m.total >= 200:
        y = relief.grande_rue(x) * 0.7 + 0.5 * m.rayon + rng.normal(0, 0.045 * m.rayon, len(x))
        axes.append(Axe(LineString(courbes.lisser(np.column_stack([x, y]), 14.0)), 5.0, "chemin"))
    if m.total >= 140:
        bas = np.array([riviere.interpolate(f, normalized=True).y for f in np.linspace(0, 1, 13)])
        y = np.minimum(bas, np.median(bas)) - 0.27 * m.rayon + rng.normal(0, 0.03 * m.rayon, len(x))
        axes.append(Axe(LineString(courbes.lisser(np.column_stack([x, y]), 14.0)), 5.5, "chemin"))
    return axes


def _limite_bourg(m: Mesures, axes: list[Axe], rng: np.random.Generator) -> Polygon:
    """Limit of the village: an uneven patch about the square and fingers along the roads."""
    r = m.rayon_urbain
    formes = [courbes.contour(rng, r * 0.9, 13, 0.12, 1.4, 0, (0.0, 0.12 * r))]
    for axe in axes:
        if axe.genre != "route":
            continue
        ligne = axe.ligne
        s0 = ligne.project(shapely.Point(0, 0)) if axe is axes[0] else 0.0
        for sens in (-1, 1) if axe is axes[0] else (1,):
            portee = r * rng.uniform(0.8, 1.75) * (1.0 if axe is axes[0] else 0.8)
            doigt = shapely.ops.substring(ligne, s0, s0 + sens * portee)
            formes.append(doigt.buffer(max(26.0, 0.085 * r) * rng.uniform(0.9, 1.3), cap_style="flat"))
    uni = shapely.union_all(formes).buffer(12, join_style="mitre").buffer(-24, join_style="mitre")
    uni = courbes.plus_grand(uni.buffer(12, join_style="mitre"))
    return courbes.plus_grand(Polygon(uni.exterior).simplify(max(3.0, 0.012 * r)).buffer(0))


def _rive(bourg: Polygon, riviere: LineString) -> Polygon:
    """The part of the village on the square's bank: it ends at the river, not a few metres beyond."""
    rives = courbes.polygones(shapely.ops.split(bourg, riviere))
    return min(rives, key=lambda r: r.distance(shapely.Point(0, 0)))


def _place(m: Mesures, relief: Relief, rng: np.random.Generator) -> tuple[Polygon, Polygon]:
    """The square north of the main street, and the church's own ground in the midst of it."""
    cote = float(np.clip(0.23 * m.rayon_urbain, 24.0, 46.0))
    x0 = -0.06 * m.rayon_urbain
    y0 = float(relief.grande_rue(np.array([x0]))[0])
    y1 = float(relief.grande_rue(np.array([x0 + 5.0]))[0])
    angle = float(np.arctan2(y1 - y0, 5.0))
    u, v = np.array([np.cos(angle), np.sin(angle)]), np.array([-np.sin(angle), np.cos(angle)])
    c = np.array([x0, y0]) + v * (cote * 0.42 + 3.0)
    j = rng.uniform(-0.05, 0.05, 8) * cote
    coins = [
        c - u * (0.72 * cote + j[0]) - v * 0.5 * cote,
        c + u * (0.66 * cote + j[1]) - v * 0.5 * cote,
        c + u * (0.54 * cote + j[2]) + v * (0.40 * cote + j[3]),
        c + u * (0.05 * cote + j[4]) + v * (0.50 * cote + j[5]),
        c - u * (0.60 * cote + j[6]) + v * (0.36 * cote + j[7]),
    ]
    parvis = courbes.rectangle(c + v * 0.02 * cote, angle + 0.05, 0.72 * cote, 0.36 * cote)
    return Polygon(coins), parvis


def percer(
    cellule: Polygon,
    cible: float,
    courbure: float,
    rng: np.random.Generator,
    a_eviter: Polygon,
) -> tuple[LineString, Polygon, Polygon] | None:
    """Cuts a cell across its longer side by a slightly bent line, at 4 m or more from ``a_eviter``.

    ``None`` when the cell is small enough for ``cible`` (m²) or no cut is decent.
    """
    if cellule.area < 1.45 * cible:
        return None
    for essai in range(14):
        c, u, longueur, largeur = courbes.grand_axe(cellule)
        v = np.array([-u[1], u[0]])
        f = rng.uniform(-0.09, 0.09) * (1 + 0.3 * essai)
        biais = rng.normal(0, 0.07 + 0.04 * essai)
        w = v * np.cos(biais) + u * np.sin(biais)
        milieu = c + u * f * longueur
        t = np.linspace(-0.8, 0.8, 7)[:, None] * largeur
        points = milieu + w * t + u * rng.normal(0, courbure * largeur * 0.5, 7)[:, None]
        ligne = LineString(courbes.lisser(points, 6.0 if courbure else 400.0))
        coupes = shapely.get_parts(ligne.intersection(cellule))
        for rue in sorted((x for x in coupes if x.length > 8), key=lambda x: -x.length)[:2]:
            if rue.distance(a_eviter) < 4.0:
                continue
            parts = courbes.polygones(shapely.ops.split(cellule, prolonger(rue, 0.5)))
            part_min = 0.26 if essai < 6 else 0.12
            if len(parts) == 2 and min(p.area for p in parts) > part_min * cellule.area:
                return rue, parts[0], parts[1]
    return None


def prolonger(ligne: LineString, de: float) -> LineString:
    """The line, ``de`` metres longer at both ends: a cut must cross the border, not just meet it."""
    p = np.asarray(ligne.coords)
    a, b = p[0] - p[1], p[-1] - p[-2]
    p[0] += a / np.hypot(*a) * de
    p[-1] += b / np.hypot(*b) * de
    return LineString(p)


def tracer(parcelles: int, rng: np.random.Generator) -> Trame:
    """Draws the whole network for about ``parcelles`` parcels."""
    m = Mesures.pour(parcelles)
    relief = Relief(m, rng)
    commune = courbes.contour(rng, m.rayon, 11, 0.21, 1.2, 3)
    commune = courbes.plus_grand(commune.simplify(m.rayon * 0.006))
    lit = _meandres(m, relief, rng)
    largeur = float(np.clip(4.5 + m.rayon / 190, 5.0, 12.0))
    s = np.arange(len(lit)) * 5.0
    largeurs = largeur * (1 + 0.22 * np.sin(s / 61.0) + 0.12 * np.sin(s / 23.0 + 1.0))
    riviere = courbes.plus_grand(courbes.ruban(lit, largeurs).intersection(commune))
    axe_riviere = LineString(lit).simplify(0.3)
    place, parvis = _place(m, relief, rng)
    axes = _routes(m, relief, rng)
    axes += _traverses(m, relief, axe_riviere, rng)
    bourg = _rive(_limite_bourg(m, axes, rng), axe_riviere)
    trame = Trame(m, commune, bourg, riviere, axe_riviere, axes[0].ligne, place, parvis)
    trame.axes = [a for a in (_borner(a, commune) for a in axes) if a is not None]
    _cellules(trame, rng)
    return trame


def _borner(axe: Axe, commune: Polygon) -> Axe | None:
    """The part of an axis inside the commune that holds its start or, failing that, the longest.

    It runs some metres past the outline, so that it cuts it and its strip reaches it everywhere.
    """
    parts = [p for p in shapely.get_parts(axe.ligne.intersection(commune.buffer(9.0))) if p.length > 20]
    if not parts:
        return None
    origine = shapely.Point(axe.ligne.coords[0])
    proche = min(parts, key=lambda p: p.distance(origine))
    garde = proche if axe.genre == "route" and len(parts) > 1 and proche.distance(origine) < 1 else None
    return Axe(garde or max(parts, key=lambda p: p.length), axe.largeur, axe.genre, axe.pont)


def _cellules(trame: Trame, rng: np.random.Generator) -> None:
    """First cells, the lane around the village, then lanes inside until the blocks are small enough."""
    m = trame.mesures
    lignes = [trame.commune.exterior, trame.bourg.exterior, trame.axe_riviere]
    lignes += [a.ligne for a in trame.axes]
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(shapely.union_all(lignes))))
    faces = [f for f in faces if f.representative_point().within(trame.commune)]
    faces = fondre(faces, 0.012 * m.rayon_urbain**2 + 500)
    dedans = [f for f in faces if f.representative_point().within(trame.bourg)]
    dehors = [f for f in faces if not f.representative_point().within(trame.bourg)]
    _tour_de_ville(trame, dedans, dehors, rng)
    for cellule in dedans:
        _bourg(trame, cellule, rng)
    for cellule in dehors:
        _campagne(trame, cellule, rng)


def fondre(faces: list[Polygon], seuil: float) -> list[Polygon]:
    """Joins each cell smaller than ``seuil`` m² to the neighbour it shares most border with."""
    faces = sorted(faces, key=lambda f: f.area)
    while len(faces) > 1 and faces[0].area < seuil:
        petite = faces.pop(0)
        bords = [petite.intersection(f).length for f in faces]
        i = int(np.argmax(bords))
        uni = shapely.union(petite, faces[i])
        faces[i] = courbes.plus_grand(uni)
        faces.sort(key=lambda f: f.area)
    return faces


def _tour_de_ville(
    trame: Trame, dedans: list[Polygon], dehors: list[Polygon], rng: np.random.Generator
) -> None:
    """Turns some stretches of the urban limit into a lane."""
    m, exterieur = trame.mesures, shapely.union_all(dehors)
    for cellule in dedans:
        bord = shapely.line_merge(shapely.intersection(cellule, exterieur))
        for part in shapely.get_parts(bord):
            nord = part.centroid.y > trame.grande_rue.interpolate(trame.grande_rue.project(part.centroid)).y
            if part.geom_type != "LineString" or part.length < 40 or part.length > 1.7 * m.rayon_urbain:
                continue
            if shapely.hausdorff_distance(part, shapely.Point(0, 0)) > 1.3 * m.rayon_urbain:
                continue
            if rng.random() < (0.62 if nord else 0.35):
                trame.axes.append(Axe(part, 5.0, "rue"))


def eloignement(trame: Trame, forme: Polygon) -> float:
    """0 at the square, about 1 at the limit of the village."""
    p = forme.centroid
    k = np.sqrt(1.5)
    return float(np.hypot(p.x / k, (p.y - 0.1 * trame.mesures.rayon_urbain) * k) / trame.mesures.rayon_urbain)


def _bourg(trame: Trame, cellule: Polygon, rng: np.random.Generator) -> None:
    m = trame.mesures
    loin = eloignement(trame, cellule)
    sud = (
        cellule.representative_point().y
        < trame.axe_riviere.interpolate(trame.axe_riviere.project(cellule.centroid)).y
    )
    neuf = loin > 0.62 and not sud and (cellule.centroid.x > 0) != (cellule.centroid.y < 0)
    cible = float(np.interp(loin, [0.1, 0.45, 0.8], [6500.0, 9500.0, 16000.0]))
    if neuf or loin > 0.8:
        cible = 17500.0
    cible = min(cible, max(2600.0, 0.34 * m.rayon_urbain**2))
    coupe = percer(cellule, cible, 0.0 if neuf else 0.07, rng, trame.parvis)
    if coupe is None:
        if loin < 0.52:
            zone = COEUR
        else:
            zone = LOTISSEMENT if cellule.area > 9500 and not sud and loin > 0.62 else FAUBOURG
        trame.ilots.append(Ilot(cellule, zone))
        return
    rue, a, b = coupe
    if loin < 0.55:
        trame.axes.append(Axe(rue, float(rng.choice([3.5, 4.5, 5.0, 6.0])), "ruelle"))
    else:
        trame.axes.append(Axe(rue, float(rng.choice([6.0, 6.5, 7.0])), "rue"))
    _bourg(trame, a, rng)
    _bourg(trame, b, rng)


def _campagne(trame: Trame, cellule: Polygon, rng: np.random.Generator, niveau: int = 0) -> None:
    m = trame.mesures
    p = cellule.centroid
    axe = trame.grande_rue
    nord = p.y > axe.interpolate(axe.project(p)).y
    zone = COTEAU if nord else PLAINE
    cible = min(95000.0 if zone == PLAINE else 120000.0, 0.13 * np.pi * m.rayon**2)
    coupe = percer(cellule, cible, 0.05 if zone == PLAINE else 0.11, rng, trame.parvis)
    if coupe is None:
        trame.ilots.append(Ilot(cellule, zone, regulier=zone == PLAINE))
        return
    ligne, a, b = coupe
    chemin = rng.random() < (0.75 if zone == PLAINE else 0.5) and niveau < 4
    trame.axes.append(Axe(ligne, 4.5 if zone == PLAINE else 3.5, "chemin" if chemin else "limite"))
    if not chemin:
        trame.axes[-1].largeur = 0.0
    _campagne(trame, a, rng, niveau + 1)
    _campagne(trame, b, rng, niveau + 1)
