"""Buildings: joined street fronts in the old village, detached houses, farms, church, sheds, pools."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import LineString, MultiPolygon, Point, Polygon

from gis_data.demo.village import courbes
from gis_data.demo.village.courbes import Points
from gis_data.demo.village.terrains import Terrain
from gis_data.demo.village.trame import COEUR, LOTISSEMENT

DUR, LEGER = "01", "02"


@dataclass
class Batiment:
    """``terrain``: number of the parcel it was built on, -1 for none."""

    forme: Any
    dur: str
    terrain: int
    nom: str = ""


@dataclass
class Bati:
    """Everything built: buildings, pools, other surfaces (``SYM``, name, shape)."""

    batiments: list[Batiment] = field(default_factory=list)
    surfaces: list[tuple[str, str, Polygon, int]] = field(default_factory=list)


@dataclass(frozen=True)
class Front:
    """The main street side of a lot: middle, unit vectors along it and inwards, usable length (m)."""

    milieu: Points
    u: Points
    v: Points
    longueur: float
    ligne: LineString

    @property
    def cap(self) -> float:
        """Direction along the street (radians)."""
        return float(np.arctan2(self.u[1], self.u[0]))


def front(terrain: Terrain) -> Front | None:
    """Street side of a lot, its longest stretch where there are several."""
    if terrain.facade is None:
        return None
    lignes = [g for g in shapely.get_parts(shapely.line_merge(terrain.facade)) if g.geom_type == "LineString"]
    if not lignes:
        return None
    ligne = max(lignes, key=lambda g: g.length)
    if ligne.length < 3:
        return None
    if ligne.is_ring or ligne.length > 55:
        debut = 0.25 * ligne.length
        ligne = shapely.ops.substring(ligne, debut, debut + min(26.0, 0.4 * ligne.length))
    u = courbes.direction(ligne, ligne.length / 2, min(6.0, ligne.length / 3))
    milieu = np.asarray(ligne.interpolate(0.5, normalized=True).coords[0])
    v = np.array([-u[1], u[0]])
    if not terrain.forme.contains(Point(milieu + v * 1.0)):
        v = -v
    return Front(milieu, u, v, float(ligne.length), ligne)


def batir(terrains: list[Terrain], rng: np.random.Generator) -> Bati:
    """Builds on every parcel what its use asks for."""
    bati = Bati()
    fermes = 0
    for k, t in enumerate(terrains):
        f = front(t)
        if t.usage == "maison" and f is not None:
            if t.zone == COEUR:
                _maison_de_bourg(bati, k, t, f, rng)
            else:
                _pavillon(bati, k, t, f, rng)
        elif t.usage == "ferme" and f is not None:
            _ferme(bati, k, t, f, fermes, rng)
            fermes += 1
        elif t.usage == "atelier" and f is not None:
            _atelier(bati, k, t, f)
        elif t.usage == "stade" and f is not None:
            _stade(bati, k, t, f)
        elif t.usage in ("eglise", "chapelle"):
            _eglise(bati, k, t)
        elif t.usage == "enclave":
            c = np.asarray(t.forme.centroid.coords[0])
            _ajouter(bati, k, t.forme, courbes.rectangle(c, t.cap, 11.0, 8.0), DUR)
        elif t.usage in ("champ", "pre", "bois", "jardin") and rng.random() < 0.05:
            _cabane(bati, k, t, rng)
    _mitoyens(bati, terrains, rng)
    return bati


def _ajouter(bati: Bati, k: int, dans: Polygon, forme: Any, dur: str, nom: str = "") -> bool:
    """Keeps what lies inside ``dans``; gives up where too little is left."""
    coupe = courbes.plus_grand(shapely.intersection(dans, forme)).simplify(0.12)
    if coupe.area < 6 or coupe.area < 0.6 * shapely.area(forme) or not coupe.is_valid:
        return False
    bati.batiments.append(Batiment(courbes.plus_grand(coupe), dur, k, nom))
    return True


def _maison_de_bourg(bati: Bati, k: int, t: Terrain, f: Front, rng: np.random.Generator) -> None:
    """House on the street from one side limit to the other, often a wing and a shed at the back."""
    largeur = min(f.longueur, rng.uniform(12, 19)) if f.longueur > 20 else f.longueur
    p = rng.uniform(8.0, 12.5)
    libre = f.longueur - largeur
    essais = []
    for debut in (0.0, libre / 2, libre) if libre > 1 else (0.0,):
        bout = shapely.ops.substring(f.ligne, debut, debut + largeur)
        bande = bout.buffer(p, cap_style="flat", join_style="mitre")
        corps = courbes.plus_grand(shapely.intersection(t.forme, bande))
        if corps.area > 20:
            essais.append((corps.area / corps.convex_hull.area + 0.06 * rng.random(), corps, bout))
    if not essais:
        return
    _, corps, bout = max(essais, key=lambda x: x[0])
    reste = t.forme.difference(corps)
    if reste.area > 90 and rng.random() < 0.55:
        coin = np.asarray(bout.coords[0 if rng.random() < 0.5 else -1])
        aile = LineString([coin - f.v, coin + f.v * (p + rng.uniform(4, 9))]).buffer(
            rng.uniform(3.4, 5.2), cap_style="flat"
        )
        corps = courbes.plus_grand(shapely.union(corps, shapely.intersection(t.forme, aile)))
    if corps.area > 0.9 * t.forme.area:
        corps = t.forme if t.forme.area < 170 else corps
    bati.batiments.append(Batiment(courbes.plus_grand(corps.simplify(0.15)), DUR, k))
    _appentis(bati, k, t, corps, 0.32, rng)


def _appentis(
    bati: Bati, k: int, t: Terrain, corps: Polygon, chance: float, rng: np.random.Generator
) -> None:
    """A light shed in the largest free spot of the lot, against its nearest limit."""
    libre = courbes.plus_grand(t.forme.difference(corps.buffer(3.0)))
    if libre.area < 45 or rng.random() > chance:
        return
    c = np.asarray(shapely.point_on_surface(libre).coords[0])
    fonds = t.forme.exterior if t.facade is None else t.forme.exterior.difference(t.facade.buffer(2.0))
    if fonds.is_empty:
        return
    q = np.asarray(shapely.ops.nearest_points(fonds, Point(c))[0].coords[0])
    d = c - q
    if np.hypot(*d) < 0.5:
        return
    d = d / np.hypot(*d)
    a, b = rng.uniform(3.0, 5.5), rng.uniform(2.6, 4.0)
    forme = courbes.rectangle(q + d * (b / 2), float(np.arctan2(d[1], d[0])) + np.pi / 2, a, b)
    _ajouter(bati, k, libre.union(t.forme.difference(corps.buffer(1.0))), forme, LEGER)


def _pavillon(bati: Bati, k: int, t: Terrain, f: Front, rng: np.random.Generator) -> None:
    """Detached house square to the street, set back; garage, shed, pool."""
    lotissement = t.zone == LOTISSEMENT
    fond = float(np.max(np.abs((shapely.get_coordinates(t.forme) - f.milieu) @ f.v)))
    recul = rng.uniform(5.0, 6.5) if lotissement else rng.uniform(2.0, min(11.0, 2.0 + 0.25 * fond))
    a = float(np.clip(f.longueur * rng.uniform(0.5, 0.68), 7.5, rng.uniform(11, 15.5)))
    b = rng.uniform(7.5, 10.0)
    permis = t.forme.buffer(-2.0 if lotissement else -1.0)
    cap = f.cap + (rng.normal(0, 0.03) if lotissement else rng.normal(0, 0.09))
    for essai in range(4):
        c = f.milieu + f.v * (recul + b / 2) + f.u * rng.normal(0, 0.08 * f.longueur)
        corps = courbes.rectangle(c, cap, a, b)
        if permis.contains(corps) or essai == 3:
            break
        recul += 1.6
        a, b = max(7.0, a * 0.88), max(6.5, b * 0.94)
    corps = shapely.intersection(corps, permis)
    if corps.area < 34 or corps.geom_type != "Polygon":
        return
    if rng.random() < 0.6:
        sens = 1 if rng.random() < 0.5 else -1
        aile = courbes.rectangle(
            c + f.u * sens * rng.uniform(0.2, 0.5) * a + f.v * rng.choice([-0.5, 0.5]) * b,
            cap,
            5.2,
            rng.uniform(5, 8),
        )
        plus = shapely.union(corps, shapely.intersection(aile, permis))
        corps = plus if plus.geom_type == "Polygon" else corps
    bati.batiments.append(Batiment(corps, DUR, k))
    _appentis(bati, k, t, corps, 0.4, rng)
    if t.forme.area > 420 and rng.random() < (0.3 if lotissement else 0.12):
        _piscine(bati, k, t, c + f.v * (b / 2 + rng.uniform(7, 9)), cap, rng)


def _piscine(bati: Bati, k: int, t: Terrain, c: Points, cap: float, rng: np.random.Generator) -> None:
    forme = courbes.rectangle(
        c, cap + rng.choice([0.0, 0.0, np.pi / 2]), rng.uniform(7, 10), rng.uniform(3.6, 4.6)
    )
    pris = shapely.union_all([b.forme for b in bati.batiments[-3:] if b.terrain == k])
    if t.forme.buffer(-1.0).contains(forme) and not forme.intersects(pris):
        bati.surfaces.append(("65", "", forme, k))


def _ferme(bati: Bati, k: int, t: Terrain, f: Front, rang: int, rng: np.random.Generator) -> None:
    """Closed yard (a hole) for the first farm, then two barns in one object, then L-shaped ones."""
    e = min(1.0, np.sqrt(t.forme.area) / 56.0)
    dedans = t.forme.buffer(-1.0)
    fond = float(np.max(np.abs((shapely.get_coordinates(t.forme) - f.milieu) @ f.v)))
    c = f.milieu + f.v * (0.38 * fond) - f.u * 9 * e
    if rang == 0:
        cour = courbes.rectangle(c, f.cap, 30 * e, 26 * e).difference(
            courbes.rectangle(c, f.cap, 15 * e, 12 * e)
        )
        bati.batiments.append(Batiment(cour, DUR, k, "Ferme de l'Équerre"))
    elif rang == 1:
        a = courbes.rectangle(c - f.v * 8 * e, f.cap, 26 * e, 9 * e)
        b = courbes.rectangle(c + f.v * 9 * e, f.cap, 22 * e, 9 * e)
        bati.batiments.append(Batiment(MultiPolygon([a, b]), DUR, k, "Ferme des Deux Granges"))
    else:
        a = courbes.rectangle(c, f.cap, 26 * e, 9 * e)
        b = courbes.rectangle(c + f.u * 8.5 * e + f.v * 8 * e, f.cap, 9 * e, 24 * e)
        _ajouter(bati, k, dedans, shapely.union(a, b), DUR)
    long_ = rng.uniform(22, 30) * e
    _ajouter(
        bati,
        k,
        dedans,
        courbes.rectangle(f.milieu + f.v * 0.5 * fond + f.u * 20 * e, f.cap, 13 * e, long_),
        LEGER,
    )
    _ajouter(bati, k, dedans, courbes.rectangle(c + f.v * 0.36 * fond, f.cap + 0.1, 12 * e, 6 * e), LEGER)


def _atelier(bati: Bati, k: int, t: Terrain, f: Front) -> None:
    e = min(1.0, np.sqrt(t.forme.area) / 62.0)
    dedans = t.forme.buffer(-2.0)
    _ajouter(
        bati,
        k,
        dedans,
        courbes.rectangle(f.milieu + f.v * 34 * e - f.u * 12 * e, f.cap, 20 * e, 38 * e),
        LEGER,
    )
    _ajouter(
        bati,
        k,
        dedans,
        courbes.rectangle(f.milieu + f.v * 34 * e + f.u * 16 * e, f.cap, 18 * e, 34 * e),
        LEGER,
    )
    _ajouter(bati, k, dedans, courbes.rectangle(f.milieu + f.v * 9 * e, f.cap, 16 * e, 7 * e), DUR)
    bati.surfaces.append(
        ("64", "Parking", courbes.rectangle(f.milieu + f.v * 8 * e + f.u * 20 * e, f.cap, 18 * e, 10 * e), k)
    )


def _stade(bati: Bati, k: int, t: Terrain, f: Front) -> None:
    e = min(1.0, np.sqrt(t.forme.area) / 95.0)
    terrain = courbes.rectangle(f.milieu + f.v * 40 * e, f.cap, 98 * e, 58 * e)
    bati.surfaces.append(("62", "Stade", courbes.plus_grand(terrain.intersection(t.forme.buffer(-1.5))), k))
    _ajouter(
        bati,
        k,
        t.forme.buffer(-0.6),
        courbes.rectangle(f.milieu + f.v * 4.6 * e, f.cap, 20 * e, 6 * e),
        DUR,
        "Vestiaires",
    )


def _eglise(bati: Bati, k: int, t: Terrain) -> None:
    """Nave, transept, apse and square tower; a chapel is a nave with its apse."""
    c, u, longueur, largeur = courbes.grand_axe(t.forme)
    e = min(longueur / 30.0, 0.75) if t.usage == "chapelle" else min(longueur / 33.0, largeur / 17.0)
    cap = float(np.arctan2(u[1], u[0]))
    v = np.array([-u[1], u[0]])
    nef = courbes.rectangle(c - u * 1.5 * e, cap, 22 * e, 8.4 * e)
    angles = cap + np.linspace(-np.pi / 2, np.pi / 2, 7)
    bout = c + u * 9.5 * e
    chevet = Polygon(bout + 3.6 * e * np.column_stack([np.cos(angles), np.sin(angles)])).buffer(0.01 * e)
    corps = [nef, chevet]
    if t.usage == "eglise":
        corps.append(courbes.rectangle(c + u * 4.5 * e, cap, 5.4 * e, 14.5 * e))
        corps.append(courbes.rectangle(c - u * 13 * e + v * 1.0 * e, cap, 6 * e, 6.2 * e))
    forme = courbes.plus_grand(shapely.union_all(corps)).simplify(0.1)
    bati.batiments.append(Batiment(forme, DUR, k, "Église" if t.usage == "eglise" else "Chapelle"))


def _cabane(bati: Bati, k: int, t: Terrain, rng: np.random.Generator) -> None:
    c = shapely.point_on_surface(t.forme)
    if t.forme.exterior.distance(c) < 6:
        return
    forme = courbes.rectangle(c.coords[0], t.cap + rng.normal(0, 0.2), rng.uniform(4, 7), rng.uniform(3, 5))
    bati.batiments.append(Batiment(forme, LEGER, k))


def _mitoyens(bati: Bati, terrains: list[Terrain], rng: np.random.Generator) -> None:
    """Joins some neighbouring fronts into one building that stands on two parcels."""
    durs = [i for i, b in enumerate(bati.batiments) if b.dur == DUR and not b.nom]
    formes = np.array([bati.batiments[i].forme for i in durs])
    a, b = shapely.STRtree(formes).query(formes, predicate="dwithin", distance=0.01)
    pris: set[int] = set()
    paires = [(durs[i], durs[j]) for i, j in zip(a.tolist(), b.tolist(), strict=True) if i < j]
    for rang, (i, j) in enumerate(paires):
        if i in pris or j in pris or (rang and rng.random() > 0.09):
            continue
        un, deux = bati.batiments[i], bati.batiments[j]
        if terrains[un.terrain].ilot != terrains[deux.terrain].ilot or un.terrain == deux.terrain:
            continue
        if un.forme.buffer(0.05).intersection(deux.forme).area < 0.05 * 4.0:
            continue
        # walls drawn apart by a rounding of 1e-9 m are one wall
        uni = shapely.union(un.forme, deux.forme, grid_size=0.005)
        if uni.geom_type == "Polygon" and not uni.interiors and uni.area < 700:
            un.forme = uni
            pris |= {i, j}
            bati.batiments[j] = Batiment(Polygon(), DUR, -1)
    bati.batiments = [x for x in bati.batiments if not shapely.is_empty(x.forme)]
    if not pris:
        _a_cheval(bati, terrains)


def _a_cheval(bati: Bati, terrains: list[Terrain]) -> None:
    """A barn over the limit of two parcels, where no two fronts could be joined; the largest that fits."""
    formes = np.array([t.forme for t in terrains])
    murs = shapely.union_all([b.forme for b in bati.batiments]).buffer(0.5)
    a, b = shapely.STRtree(formes).query(formes, predicate="touches")
    voisins = sorted((i, j) for i, j in zip(a.tolist(), b.tolist(), strict=True) if i < j)
    for cote in (8.0, 6.0, 4.6):
        for i, j in voisins:
            limite = shapely.line_merge(shapely.intersection(formes[i], formes[j]))
            if terrains[i].ilot != terrains[j].ilot or limite.geom_type != "LineString":
                continue
            for part in (0.5, 0.3, 0.7):
                s = part * limite.length
                u = courbes.direction(limite, s, 3.0)
                centre = limite.interpolate(s).coords[0]
                forme = courbes.rectangle(centre, float(np.arctan2(u[1], u[0])), 0.75 * cote, cote)
                sol = shapely.union(formes[i], formes[j]).buffer(0.01)
                if sol.contains(forme) and not murs.intersects(forme):
                    bati.batiments.append(Batiment(forme, DUR, i))
                    return
