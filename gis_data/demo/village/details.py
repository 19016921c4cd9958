"""Small things of the plan: crosses, wells, pylons, brooks, paths, parapets, ponds, boundary stubs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

from gis_data.demo.village import courbes
from gis_data.demo.village.batiments import Bati
from gis_data.demo.village.parcellaire import Parcellaire
from gis_data.demo.village.trame import Trame


@dataclass
class Detail:
    """``type`` TPOINT, TLINE or TSURF; ``sym`` its code in the nomenclature; ``cap`` in radians."""

    type: str
    sym: str
    geom: Any
    nom: str = ""
    cap: float = 0.0


def dessiner(plan: Parcellaire, bati: Bati, rng: np.random.Generator) -> list[Detail]:
    """All details of the commune."""
    return [
        *_points(plan, bati, rng),
        *_ligne_electrique(plan.trame, bati, rng),
        *_ruisseaux(plan, rng),
        *_sentiers(plan, rng),
        *_ponts(plan.trame),
        *_amorces(plan.trame),
        *(Detail("TSURF", "34", e, "Étang de la Mire") for e in plan.etangs),
        *(Detail("TSURF", sym, forme, nom) for sym, nom, forme, _ in bati.surfaces),
    ]


def _points(plan: Parcellaire, bati: Bati, rng: np.random.Generator) -> list[Detail]:
    trame, points = plan.trame, []
    for k, t in enumerate(plan.terrains):
        c = shapely.point_on_surface(t.forme)
        if t.usage == "eglise":
            points.append(Detail("TPOINT", "14", c))
        elif t.usage == "cimetiere":
            points.append(Detail("TPOINT", "51", Point(c.x - 6, c.y + 4), "Cimetière"))
            points.append(Detail("TPOINT", "12", Point(c.x + 5, c.y - 3), "Croix"))
        elif t.usage == "ferme":
            murs = shapely.union_all([b.forme.buffer(3.0) for b in bati.batiments if b.terrain == k])
            cour = courbes.plus_grand(t.forme.difference(murs))
            points.append(Detail("TPOINT", "63", shapely.point_on_surface(cour), "Puits"))
    routes = [a for a in trame.axes if a.genre == "route"]
    for axe in routes[1:]:
        p = np.asarray(axe.ligne.coords[0]) + rng.uniform(-1, 1, 2)
        points.append(Detail("TPOINT", "12", Point(p), "Calvaire"))
    centre = trame.place.centroid
    points.append(
        Detail(
            "TPOINT", "63", Point(centre.x + 0.24 * np.sqrt(trame.place.area) * 2, centre.y - 4), "Fontaine"
        )
    )
    axe, lit = trame.axe_riviere, plan.riviere
    for s in np.arange(60.0, axe.length, 420.0):
        p = axe.interpolate(s)
        if lit.contains(p.buffer(1.5)):
            u = courbes.direction(axe, s, 8.0)
            points.append(Detail("TPOINT", "30", p, "", float(np.arctan2(u[1], u[0]))))
    return points


def _ligne_electrique(trame: Trame, bati: Bati, rng: np.random.Generator) -> list[Detail]:
    """A power line over the fields, with its pylons, as far from the houses as some trials allow."""
    r, u = trame.mesures.rayon, trame.mesures.rayon_urbain
    y = -max(1.5 * u, 0.45 * r)
    murs = shapely.MultiPoint([b.forme.centroid for b in bati.batiments])
    essais = []
    for _ in range(12):
        h = y + rng.normal(0, 0.1 * r, 3)
        trace = LineString([(-1.5 * r, h[0]), (rng.uniform(-0.3, 0.3) * r, h[1]), (1.5 * r, h[2])])
        essais.append(shapely.intersection(trace, trame.commune))
    ligne = max(essais, key=lambda x: x.distance(murs))
    details = []
    for part in shapely.get_parts(ligne):
        if part.length < 80:
            continue
        details.append(Detail("TLINE", "27", part))
        pylones = np.arange(40.0, part.length, 190.0)
        details += [Detail("TPOINT", "50", part.interpolate(s)) for s in pylones]
    return details


def _ruisseaux(plan: Parcellaire, rng: np.random.Generator) -> list[Detail]:
    """Brooks from the hill and the fields down to the river, round the village."""
    trame = plan.trame
    r, u = trame.mesures.rayon, trame.mesures.rayon_urbain
    details = []
    for x0, haut in ((-1.45 * u - 0.08 * r, 0.75), (1.7 * u + 0.06 * r, 0.62), (0.55 * r, -0.85)):
        bas = trame.axe_riviere.interpolate(trame.axe_riviere.project(Point(x0 * 1.05, -0.6 * u)))
        tete = np.array([x0 + rng.normal(0, 0.05 * r), haut * r])
        pied = np.array([bas.x, bas.y])
        t = np.linspace(0, 1, 13)[:, None]
        milieu = tete + (pied - tete) * t
        milieu[1:-1] += rng.normal(0, 0.022 * r, (11, 2))
        ligne = LineString(courbes.lisser(milieu, max(7.0, r / 160)))
        libre = ligne.intersection(trame.commune).difference(shapely.union(trame.bourg, plan.riviere))
        libre = shapely.difference(libre, plan.public)
        details += [Detail("TLINE", "62", part) for part in shapely.get_parts(libre) if part.length > 25]
    return details


def _sentiers(plan: Parcellaire, rng: np.random.Generator) -> list[Detail]:
    """Paths across the largest woods, and the way over the footbridge."""
    details = []
    bois = sorted((t for t in plan.terrains if t.usage in ("bois", "pre")), key=lambda t: -t.forme.area)
    for t in bois[: 2 + len(plan.terrains) // 130]:
        c, u, longueur, largeur = courbes.grand_axe(t.forme)
        n = np.array([-u[1], u[0]])
        s = np.linspace(-0.5, 0.5, 6)[:, None]
        p = c + u * s * longueur + n * rng.normal(0, 0.09 * largeur, 6)[:, None]
        trace = shapely.intersection(LineString(courbes.lisser(p, 9.0)), t.forme)
        trace = max(shapely.get_parts(trace), key=lambda x: x.length)
        if trace.length > 20:
            details.append(Detail("TLINE", "21", trace))
    if plan.trame.passerelle is not None:
        details.append(Detail("TLINE", "23", plan.trame.passerelle))
    return details


def _ponts(trame: Trame) -> list[Detail]:
    """Parapets on both sides of the bridges."""
    details = []
    for axe in trame.axes:
        if not axe.pont or not axe.largeur:
            continue
        for cote in (1, -1):
            bord = axe.ligne.offset_curve(cote * (axe.largeur / 2 - 0.25))
            parts = shapely.get_parts(shapely.intersection(bord, trame.riviere))
            lignes = (p for p in parts if p.geom_type == "LineString" and p.length > 3)
            details += [Detail("TLINE", "33", p) for p in lignes]
    return details


def _amorces(trame: Trame) -> list[Detail]:
    """Stubs of the neighbours' common limits, outwards from the outline."""
    contour = trame.commune.exterior
    details = []
    for f in (0.04, 0.21, 0.4, 0.58, 0.77, 0.9):
        s = f * contour.length
        p = np.asarray(contour.interpolate(s).coords[0])
        u = courbes.direction(LineString(contour), s, 2.0)
        n = np.array([u[1], -u[0]])
        if Polygon(contour).contains(Point(p + n * 5)):
            n = -n
        details.append(Detail("TLINE", "19", LineString([p, p + n * 14.0])))
    return details
