"""What stands apart: farms, graveyard, sports ground and houses by the road, and odd parcels.

The odd parcels are those a reader must cope with: a hole, two holes that touch, an enclave, a
pond that no parcel covers, a parcel said not to be drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

from gis_data.demo.village import courbes, decoupe
from gis_data.demo.village.terrains import Terrain
from gis_data.demo.village.trame import COTEAU, PLAINE, Trame

# Parcels that ``singulariser`` adds.
SINGULIERES = 4


def batir(
    terrains: list[Terrain],
    trame: Trame,
    blocs: list[tuple[int, Polygon]],
    public: Any,
    rng: np.random.Generator,
) -> list[tuple[int, Polygon]]:
    """Takes farms, graveyard, sports ground and lone houses out of the country blocks."""
    m = trame.mesures
    n = m.total
    commandes = [("cimetiere", 44.0, 36.0, COTEAU, 1.15)]
    commandes += [("ferme", 62.0, 52.0, z, 1.9) for z in (PLAINE, COTEAU)]
    if n >= 250:
        commandes.append(("stade", 118.0, 76.0, PLAINE, 1.3))
        commandes.append(("atelier", 70.0, 60.0, PLAINE, 1.2))
    commandes += [("ferme", 66.0, 54.0, (PLAINE, COTEAU)[i % 2], 2.3) for i in range(n // 300)]
    commandes += [("maison", 27.0, 40.0, (COTEAU, PLAINE)[i % 2], 1.7) for i in range(n // 45)]
    routes = shapely.union_all([a.ligne for a in trame.axes if a.genre == "route"])
    chemins = shapely.union_all([a.ligne for a in trame.axes if a.largeur])
    blocs = list(blocs)
    bords = [decoupe.facades(b, decoupe.autour(public, b)) for _, b in blocs]
    for usage, largeur, profondeur, zone, loin in commandes:
        voies = routes if usage != "ferme" or rng.random() < 0.5 else chemins
        echelle = min(1.0, 0.35 + m.rayon / 900.0)
        _poser(
            terrains,
            trame,
            blocs,
            bords,
            public,
            voies,
            (usage, largeur * echelle, profondeur * echelle, zone, loin),
            rng,
        )
    return blocs


def _poser(
    terrains: list[Terrain],
    trame: Trame,
    blocs: list[tuple[int, Polygon]],
    bords: list[list[LineString]],
    public: Any,
    voies: Any,
    commande: tuple[str, float, float, str, float],
    rng: np.random.Generator,
) -> None:
    usage, largeur, profondeur, zone, loin = commande
    vise = loin * trame.mesures.rayon_urbain * rng.uniform(0.85, 1.35)
    lieux: list[tuple[float, int, LineString, float]] = []
    for k, (i, bloc) in enumerate(blocs):
        if trame.ilots[i].zone != zone or bloc.area < 3.2 * largeur * profondeur:
            continue
        for chaine in bords[k]:
            if chaine.length < largeur * 1.3 or chaine.distance(voies) > 6:
                continue
            for s in rng.uniform(0.6 * largeur, chaine.length - 0.6 * largeur, 3).tolist():
                p = chaine.interpolate(s)
                lieux.append((abs(float(np.hypot(p.x, p.y)) - vise), k, chaine, s))
    for _, k, chaine, s in sorted(lieux, key=lambda x: (x[0], x[1], x[3])):
        i, bloc = blocs[k]
        forme, cap = _carre(bloc, chaine, s, largeur, profondeur)
        if forme is None:
            continue
        facade = shapely.intersection(forme.exterior, chaine.buffer(0.02))
        terrains.append(Terrain(forme, zone, i, usage, facade, cap))
        blocs[k] = (i, courbes.plus_grand(bloc.difference(forme)))
        bords[k] = decoupe.facades(blocs[k][1], decoupe.autour(public, blocs[k][1]))
        return


def _carre(
    bloc: Polygon, chaine: LineString, s: float, largeur: float, profondeur: float
) -> tuple[Polygon | None, float]:
    """A four-sided plot on the way at abscissa ``s``, square to it, inside the block."""
    u = courbes.direction(chaine, s, largeur / 2)
    p = np.asarray(chaine.interpolate(s).coords[0])
    nrm = np.array([-u[1], u[0]])
    if not bloc.contains(Point(p + nrm * 3)):
        nrm = -nrm
    a, b = p - u * largeur / 2, p + u * largeur / 2
    forme = courbes.plus_grand(
        Polygon([a - nrm * 4, b - nrm * 4, b + nrm * profondeur, a + nrm * profondeur * 0.96]).intersection(
            bloc
        )
    )
    reste = bloc.difference(forme)
    if forme.area < 0.9 * largeur * profondeur or len(courbes.polygones(reste)) != 1:
        return None, 0.0
    if courbes.polygones(reste)[0].interiors or forme.distance(bloc.exterior) > 0.01:
        return None, 0.0
    return forme, float(np.arctan2(u[1], u[0]))


def singulariser(terrains: list[Terrain], rng: np.random.Generator) -> list[Polygon]:
    """Digs the holes into the roundest large fields; gives back the ponds that no parcel covers."""
    champs = [t for t in terrains if t.usage in ("champ", "pre", "bois")]
    champs.sort(key=lambda t: -shapely.maximum_inscribed_circle(t.forme, 0.5).length)
    enclave, double, etang = champs[0], champs[1], champs[2]

    centre, r = _inscrit(enclave.forme)
    dedans = courbes.contour(rng, min(0.45 * r, 22.0), 7, 0.12, 1.2, 0, centre)
    _creuser(terrains, enclave, dedans, "enclave")

    centre, r = _inscrit(double.forme)
    a = np.asarray(centre)
    k = min(0.4 * r, 16.0)
    gauche = np.array([(0, 0), (-0.9, 0.6), (-1.5, 0.1), (-1.2, -0.7), (-0.3, -0.6)])
    droite = np.array([(0, 0), (0.5, -0.7), (1.3, -0.5), (1.4, 0.5), (0.6, 0.8)])
    _creuser(terrains, double, Polygon(a + k * gauche), "reservoir")
    _creuser(terrains, double, Polygon(a + k * droite), "chapelle")

    centre, r = _inscrit(etang.forme)
    eau = courbes.contour(rng, min(0.5 * r, 26.0), 11, 0.14, 1.4, 1, centre)
    etang.forme = etang.forme.difference(eau)

    jardins = [t for t in terrains if t.usage == "jardin" and t.forme.area > 150]
    jardins = jardins or [t for t in terrains if t.usage == "maison"]
    hote = max(jardins, key=lambda t: t.forme.area)
    coupe = decoupe.morceler(hote.forme, 2, rng, 0.0)
    if len(coupe) == 2:
        hote.forme, petite = sorted(coupe, key=lambda p: -p.area)
        terrains.append(Terrain(petite, hote.zone, hote.ilot, "non_figuree"))
    return [eau]


def _inscrit(forme: Polygon) -> tuple[tuple[float, float], float]:
    """Centre and radius (m) of the largest circle inside."""
    rayon = shapely.maximum_inscribed_circle(forme, 0.5)
    x, y = rayon.coords[0]
    return (float(x), float(y)), float(rayon.length)


def _creuser(terrains: list[Terrain], hote: Terrain, trou: Polygon, usage: str) -> None:
    hote.forme = hote.forme.difference(trou)
    terrains.append(Terrain(trou, hote.zone, hote.ilot, usage, None, hote.cap))
