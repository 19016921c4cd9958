"""Streets with their names and axes, and the numbers of the houses along them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import LineString, MultiLineString, Point

from gis_data.demo.village import courbes, noms
from gis_data.demo.village.batiments import DUR, Bati, front
from gis_data.demo.village.parcellaire import Parcellaire
from gis_data.demo.village.terrains import Terrain


@dataclass
class Voie:
    """A street or road: its name and its axis (several pieces where a square cuts it)."""

    nom: str
    ligne: Any


@dataclass
class Numero:
    """A number point on the street before its house. ``terrains``: the parcels it belongs to."""

    texte: str
    point: Point
    cap: float
    terrains: tuple[int, ...]


def voies(plan: Parcellaire, rng: np.random.Generator) -> list[Voie]:
    """Names every way of the plan; roads change their name at the limit of the village."""
    trame = plan.trame
    rues, chemins = noms.TirageRues(rng), noms.Tirage(noms.CHEMINS, rng, (" d'en Haut", " d'en Bas"))
    voisines = noms.Tirage(noms.VOISINES, rng, ("-le-Haut", "-le-Bas"))
    exploitation, resultat = 0, []
    for k, axe in enumerate(trame.axes):
        ligne = shapely.intersection(axe.ligne, trame.commune)
        if not axe.largeur or axe.genre == "raquette" or ligne.length < 8:
            continue
        if axe.genre == "route":
            dedans = _lignes(ligne.intersection(trame.bourg))
            if k == 0:
                dedans = _lignes(shapely.difference(dedans, trame.place.buffer(1.0)))
            if not dedans.is_empty:
                nom = "Grande Rue" if k == 0 else rues.suivant(["Rue"])
                resultat.append(Voie(nom, dedans))
            dehors = shapely.get_parts(_lignes(ligne.difference(trame.bourg)))
            resultat += [Voie(f"Route de {voisines.suivant()}", x) for x in dehors if x.length > 25]
            continue
        if axe.genre == "chemin":
            if rng.random() < 0.4:
                exploitation += 1
                nom = f"Chemin d'exploitation n° {exploitation}"
            else:
                nom = f"{rng.choice(['Chemin rural dit', 'Chemin', 'Voie communale'])} {chemins.suivant()}"
        else:
            longueur = ligne.length
            petites = ["Ruelle", "Venelle", "Passage", "Rue"]
            sorte = {
                "impasse": ["Impasse", "Allée", "Clos"],
                "ruelle": petites if longueur < 90 else ["Rue", "Rue", "Ruelle"],
                "rue": ["Rue", "Rue", "Allée"],
            }[axe.genre]
            nom = rues.suivant(sorte)
        resultat += [Voie(nom, x) for x in shapely.get_parts(_lignes(ligne)) if x.length > 8]
    resultat.append(Voie("Place de l'Église", _axe_place(plan)))
    return resultat


def _axe_place(plan: Parcellaire) -> LineString:
    """A short line across the square, between the church and the main street."""
    place, rue = plan.trame.place, plan.trame.grande_rue
    _, u, longueur, _ = courbes.grand_axe(plan.trame.parvis)
    p = np.asarray(plan.trame.parvis.centroid.coords[0])
    q = np.asarray(rue.interpolate(rue.project(Point(p))).coords[0])
    milieu = q + (p - q) / np.hypot(*(p - q)) * 7.0
    ligne = LineString([milieu - u * 0.45 * longueur, milieu + u * 0.45 * longueur])
    return ligne if place.buffer(9).contains(ligne) else LineString([p - u * 5, p + u * 5])


def _lignes(forme: Any) -> Any:
    """Only the lines of a geometry, joined where they follow on."""
    parts = [p for p in shapely.get_parts(forme) if p.geom_type == "LineString" and not p.is_empty]
    if not parts:
        return LineString()
    uni = shapely.line_merge(MultiLineString(parts))
    garde = [p for p in shapely.get_parts(uni) if p.length > 2]
    return MultiLineString(garde) if len(garde) > 1 else (garde[0] if garde else LineString())


def numeroter(
    terrains: list[Terrain], bati: Bati, rues: list[Voie], rng: np.random.Generator
) -> list[Numero]:
    """Odd numbers to the left, even to the right, going up from the square; some « bis », some left out."""
    maisons = sorted({b.terrain for b in bati.batiments if b.dur == DUR and b.terrain >= 0})
    lignes = np.array([v.ligne for v in rues])
    arbre = shapely.STRtree(lignes)
    cotes: dict[tuple[int, int], list[tuple[float, int, Point, float]]] = defaultdict(list)
    for k in maisons:
        t = terrains[k]
        f = front(t)
        if f is None or t.usage in ("eglise", "chapelle", "enclave"):
            continue
        proches = arbre.query_nearest(Point(f.milieu), max_distance=18.0, all_matches=False)
        if len(proches) == 0:
            continue
        v = int(proches[0])
        s, cote, sens = _position(rues[v].ligne, f.milieu)
        point = Point(f.milieu - f.v * 1.25)
        cotes[(v, cote)].append((s * sens, k, point, f.cap))
    resultat: list[Numero] = []
    for (_, cote), maisons_du_cote in sorted(cotes.items()):
        n, bis = (1 if cote > 0 else 2), False
        for rang, (_, k, point, cap) in enumerate(sorted(maisons_du_cote, key=lambda x: (x[0], x[1]))):
            if rang and not bis and rng.random() < 0.05:
                texte, bis = f"{n - 2}bis", True
            else:
                if rng.random() < 0.07:
                    n += 2
                texte, bis = str(n), False
                n += 2
            resultat.append(Numero(texte, point, cap, (k,)))
    _jumeler(terrains, resultat, rng)
    return resultat


def _position(ligne: Any, p: courbes.Points) -> tuple[float, int, int]:
    """Abscissa on a way (m), side (+1 left, -1 right) and sense in which numbers go up from the square."""
    avant = 0.0
    parts = list(shapely.get_parts(ligne))
    proche = min(range(len(parts)), key=lambda i: parts[i].distance(Point(p)))
    avant = sum(x.length for x in parts[:proche])
    part = parts[proche]
    s = part.project(Point(p))
    u = courbes.direction(part, s, 4.0)
    q = np.asarray(part.interpolate(s).coords[0])
    cote = 1 if u[0] * (p[1] - q[1]) - u[1] * (p[0] - q[0]) > 0 else -1
    debut, fin = Point(parts[0].coords[0]), Point(parts[-1].coords[-1])
    sens = 1 if np.hypot(debut.x, debut.y) <= np.hypot(fin.x, fin.y) else -1
    return avant + s, cote * sens, sens


def _jumeler(terrains: list[Terrain], numeros: list[Numero], rng: np.random.Generator) -> None:
    """Links some numbers to a second parcel: the garden behind the house."""
    jardins = [i for i, t in enumerate(terrains) if t.usage == "jardin" and t.facade is None]
    if not jardins:
        jardins = [i for i, t in enumerate(terrains) if t.usage in ("jardin", "pre", "champ")]
    arbre = shapely.STRtree(np.array([terrains[i].forme for i in jardins]))
    fait = False
    for numero in numeros:
        if fait and rng.random() > 0.06:
            continue
        maison = terrains[numero.terrains[0]].forme
        for j in sorted(arbre.query(maison, predicate="dwithin", distance=0.02).tolist()):
            k = jardins[j]
            if shapely.intersection(maison.buffer(0.02), terrains[k].forme).area > 0.06:
                numero.terrains = (numero.terrains[0], k)
                fait = True
                break
