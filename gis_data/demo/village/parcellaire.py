"""From the cells to the parcels: public ground, blocks, lots, fields; exactly as many as asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import LineString, Polygon

from gis_data.demo.village import courbes, decoupe, ecarts
from gis_data.demo.village.terrains import Terrain
from gis_data.demo.village.trame import (
    COEUR,
    COTEAU,
    FAUBOURG,
    LOTISSEMENT,
    PLAINE,
    URBAINES,
    Axe,
    Trame,
    eloignement,
)

# Mean area of a parcel by kind of ground (m²), frontage and depth of its lots (m).
AIRES = {COEUR: 270.0, FAUBOURG: 850.0, LOTISSEMENT: 700.0, PLAINE: 9000.0, COTEAU: 6500.0}


@dataclass
class Parcellaire:
    """Parcels, public ground and water of the plan, in its own metres."""

    trame: Trame
    public: Any
    riviere: Polygon
    terrains: list[Terrain] = field(default_factory=list)
    etangs: list[Polygon] = field(default_factory=list)


def emprise(trame: Trame) -> Any:
    """Public ground: strips about the axes, the square without the church, corners cut off."""
    bandes = [
        a.ligne.buffer(a.largeur / 2, cap_style="round" if a.genre == "raquette" else "flat", quad_segs=4)
        for a in trame.axes
        if a.largeur
    ]
    brut = shapely.union_all([*bandes, trame.place])
    ferme = brut.buffer(2.6, quad_segs=3).buffer(-2.6, quad_segs=2)
    return shapely.union(brut, ferme).difference(trame.parvis).intersection(trame.commune).simplify(0.06)


def impasses(trame: Trame, rng: np.random.Generator) -> None:
    """Adds a cul-de-sac with its turning circle to the housing estates wide enough for one."""
    for ilot in trame.ilots:
        if ilot.zone != LOTISSEMENT:
            continue
        axe = _cul_de_sac(trame, ilot.cellule, rng)
        if axe is not None:
            trame.axes += axe


def _cul_de_sac(trame: Trame, cellule: Polygon, rng: np.random.Generator) -> list[Axe] | None:
    c, u, longueur, largeur = courbes.grand_axe(cellule)
    if largeur < 66 or longueur < 80:
        return None
    rues = shapely.union_all([a.ligne for a in trame.axes if a.largeur])
    bouts = [c + u * longueur / 2, c - u * longueur / 2]
    if rng.random() < 0.5:
        bouts.reverse()
    for bout in bouts:
        entree = shapely.ops.nearest_points(cellule.exterior, shapely.Point(bout))[0]
        if entree.distance(rues) > 1.0:
            continue
        depart = np.asarray(entree.coords[0])
        fond = c - (bout - c) / np.hypot(*(bout - c)) * (longueur / 2 - 36.0)
        ecart = np.array([-u[1], u[0]]) * rng.normal(0, 0.05 * largeur)
        ligne = LineString(courbes.lisser(np.array([depart, (depart + fond) / 2 + ecart, fond]), 5.0))
        if not ligne.buffer(18.0).difference(cellule).area < 0.16 * ligne.buffer(18.0).area:
            continue
        fin = np.asarray(ligne.coords[-1])
        rond = LineString([fin - 0.5, fin + 0.5])
        return [Axe(ligne, 6.5, "impasse"), Axe(rond, 16.0, "raquette")]
    return None


def parceller(trame: Trame, parcelles: int, rng: np.random.Generator) -> Parcellaire:
    """Cuts every block so that there are ``parcelles`` pieces in all."""
    impasses(trame, rng)
    public = emprise(trame)
    shapely.prepare(public)
    trame.passerelle = _passerelle(trame, public, rng)
    eau = trame.riviere.difference(_ponts(trame))
    if trame.passerelle is not None:
        eau = eau.difference(trame.passerelle.buffer(1.1, cap_style="flat"))
    plan = Parcellaire(trame, public, trame.riviere)
    libre = shapely.union(public, trame.riviere)
    eglise = Terrain(trame.parvis, COEUR, _ilot_de(trame, trame.parvis), "eglise", trame.parvis.exterior)
    plan.terrains.append(eglise)
    blocs: list[tuple[int, Polygon]] = []
    for i, ilot in enumerate(trame.ilots):
        terre = ilot.cellule.difference(libre).difference(trame.parvis)
        blocs += [(i, b) for b in courbes.polygones(terre, 30.0)]
    urbains = [b for b in blocs if trame.ilots[b[0]].zone in URBAINES]
    ruraux = [b for b in blocs if trame.ilots[b[0]].zone not in URBAINES]
    _urbain(plan, urbains, trame.mesures.urbain, public, rng)
    ruraux = ecarts.batir(plan.terrains, trame, ruraux, public, rng)
    _rural(plan, ruraux, parcelles - len(plan.terrains) - ecarts.SINGULIERES, public, rng)
    plan.etangs = ecarts.singulariser(plan.terrains, rng)
    plan.riviere = eau
    return plan


def _ponts(trame: Trame) -> Any:
    """Ground of the ways that pass over the river."""
    return shapely.union_all(
        [a.ligne.buffer(a.largeur / 2, cap_style="flat") for a in trame.axes if a.pont and a.largeur]
    )


def _passerelle(trame: Trame, public: Any, rng: np.random.Generator) -> LineString | None:
    """A footbridge away from the roads: whatever the sheets, one of them has its river in two parts."""
    axe, m = trame.axe_riviere, trame.mesures
    coin = trame.commune.buffer(-25.0)
    choix: list[tuple[float, float]] = []
    for s in np.arange(0.0, axe.length, 9.0):
        p = axe.interpolate(s)
        if not coin.contains(p) or p.distance(public) < 16:
            continue
        choix.append((abs(np.hypot(p.x, p.y) - 0.9 * m.rayon_urbain) + rng.uniform(0, 8), float(s)))
    if not choix:
        return None
    s = min(choix)[1]
    u = courbes.direction(axe, s, 6.0)
    p = np.asarray(axe.interpolate(s).coords[0])
    v = np.array([-u[1], u[0]]) * 9.5
    return LineString([p - v, p + v])


def _ilot_de(trame: Trame, forme: Polygon) -> int:
    p = forme.representative_point()
    return next(i for i, ilot in enumerate(trame.ilots) if ilot.cellule.contains(p))


def _urbain(
    plan: Parcellaire, blocs: list[tuple[int, Polygon]], total: int, public: Any, rng: np.random.Generator
) -> None:
    trame = plan.trame
    poids = np.array([b.area / AIRES[trame.ilots[i].zone] for i, b in blocs])
    reglages = {
        COEUR: (30.0, 0.36, 6.5, 0.26),
        FAUBOURG: (48.0, 0.25, 12.0, 0.12),
        LOTISSEMENT: (40.0, 0.1, 16.0, 0.0),
    }
    for (i, bloc), part in zip(blocs, decoupe.repartir(poids, total), strict=True):
        zone = trame.ilots[i].zone
        profondeur, regularite, front, fonds = reglages[zone]
        n = 1 if bloc.area < 90 else part
        pres = decoupe.autour(public, bloc)
        lots = decoupe.lotir(bloc, n, pres, rng, profondeur, regularite, front, fonds)
        for lot in lots:
            usage = "maison" if lot.facade is not None and lot.facade.length > 4.5 else "jardin"
            if usage == "maison" and (
                lot.forme.area < 45 or rng.random() < (0.04 if zone == COEUR else 0.08)
            ):
                usage = "jardin"
            plan.terrains.append(Terrain(lot.forme, zone, i, usage, lot.facade))


def _rural(
    plan: Parcellaire, blocs: list[tuple[int, Polygon]], total: int, public: Any, rng: np.random.Generator
) -> None:
    trame = plan.trame
    melange = rng.normal(0, 1, len(blocs))
    dispersion = {PLAINE: 0.42, COTEAU: 0.62}
    poids = np.array([b.area / AIRES[trame.ilots[i].zone] for i, b in blocs])
    poids *= np.exp(melange * np.array([dispersion[trame.ilots[i].zone] for i, _ in blocs]))
    manque = 0
    nombres = decoupe.repartir(poids, total)
    ordre = np.argsort([b.area for _, b in blocs], kind="stable")
    for k in ordre:
        i, bloc = blocs[int(k)]
        n = nombres[int(k)] + (manque if k == ordre[-1] else min(manque, 2))
        manque -= n - nombres[int(k)]
        zone = trame.ilots[i].zone
        cap = _cap(bloc, decoupe.autour(public, bloc))
        if zone == PLAINE:
            pieces = decoupe.bandes(bloc, n, cap, rng)
        elif rng.random() < 0.3:
            pieces = decoupe.bandes(bloc, n, cap + rng.normal(0, 0.25), rng)
        else:
            pieces = decoupe.morceler(bloc, n, rng)
        manque += n - len(pieces)
        usage = "champ" if zone == PLAINE else ("bois" if eloignement(trame, bloc) > 2.1 else "pre")
        plan.terrains += [Terrain(p, zone, i, usage, None, cap) for p in pieces]


def _cap(bloc: Polygon, public: Any) -> float:
    """Direction of the strips: square to the longest way along the block (radians)."""
    chaines = decoupe.facades(bloc, public)
    if not chaines:
        _, u, _, _ = courbes.grand_axe(bloc)
        return float(np.arctan2(u[1], u[0]) + np.pi / 2)
    p = np.asarray(max(chaines, key=lambda c: c.length).coords)
    d = p[-1] - p[0]
    if np.hypot(*d) < 20:
        d = p[len(p) // 2] - p[0]
    return float(np.arctan2(d[1], d[0]) + np.pi / 2)
