"""Sheets and sections: cells put together into compact sheets of about 165 parcels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import Polygon

from gis_data.demo.village.decoupe import repartir
from gis_data.demo.village.trame import COTEAU, PLAINE, URBAINES, Trame

PAR_FEUILLE = 165
FAMILLES = ("coteau", "bourg", "plaine")


@dataclass(frozen=True)
class Plan:
    """A sheet: ``section`` (2 characters), ``subdivision`` (``01``) and its cells."""

    section: str
    subdivision: str
    famille: str
    ilots: tuple[int, ...]


def famille(zone: str) -> str:
    """Family of sections a kind of ground belongs to."""
    if zone in URBAINES:
        return "bourg"
    return {PLAINE: "plaine", COTEAU: "coteau"}[zone]


def lettres(famille_: str, rang: int) -> str:
    """Name of the section of that rank: 0A, 0B… on the hill, AB, AC… in the village, ZA… in the fields."""
    if famille_ == "bourg":
        rang += 1
        return chr(65 + rang // 26) + chr(65 + rang % 26)
    return ("0" if famille_ == "coteau" else "Z") + chr(65 + rang % 26)


def voisinage(cellules: list[Polygon]) -> list[list[int]]:
    """For each cell, those it shares more than 3 m of border with."""
    tableau = np.array(cellules)
    i, j = shapely.STRtree(tableau).query(tableau, predicate="intersects")
    autre = i != j
    i, j = i[autre], j[autre]
    commun = shapely.length(shapely.intersection(tableau[i], tableau[j])) > 3.0
    voisins: list[list[int]] = [[] for _ in cellules]
    for a, b in zip(i[commun].tolist(), j[commun].tolist(), strict=True):
        voisins[a].append(b)
    return [sorted(v) for v in voisins]


def grouper(
    membres: list[int],
    poids: npt.NDArray[np.int64],
    voisins: list[list[int]],
    centres: npt.NDArray[np.float64],
    k: int,
) -> list[list[int]]:
    """Shares cells out into ``k`` compact groups of about equal weight, connected where possible."""
    libres, groupes = set(membres), []
    for j in range(k):
        if not libres:
            break
        reste = sorted(libres)
        cible = sum(int(poids[m]) for m in reste) / (k - j)
        milieu = centres[reste].mean(axis=0)
        graine = max(reste, key=lambda m: float(np.hypot(*(centres[m] - milieu))))
        groupe, somme = [graine], int(poids[graine])
        libres.discard(graine)
        while libres and (j == k - 1 or somme < cible):
            bord = sorted({v for g in groupe for v in voisins[g] if v in libres})
            if not bord:
                if j < k - 1:
                    break
                bord = sorted(libres)
            c = centres[groupe].mean(axis=0)
            suivant = min(bord, key=lambda m: float(np.hypot(*(centres[m] - c))))
            if j < k - 1 and somme + poids[suivant] - cible > cible - somme:
                break
            groupe.append(suivant)
            somme += int(poids[suivant])
            libres.discard(suivant)
        groupes.append(groupe)
    for m in sorted(libres):
        proche = min(groupes, key=lambda g: min(float(np.hypot(*(centres[m] - centres[x]))) for x in g))
        proche.append(m)
    return groupes


def equilibrer(
    groupes: list[list[int]],
    poids: npt.NDArray[np.int64],
    voisins: list[list[int]],
    centres: npt.NDArray[np.float64],
) -> list[list[int]]:
    """Joins groups left too small to a neighbour and halves the heaviest one instead."""
    for _ in range(6):
        sommes = [int(poids[g].sum()) for g in groupes]
        petit = int(np.argmin(sommes))
        if len(groupes) < 3 or sommes[petit] > 0.4 * sum(sommes) / len(sommes):
            break
        reste = [g for i, g in enumerate(groupes) if i != petit]
        touche = {v for m in groupes[petit] for v in voisins[m]}
        hotes = [g for g in reste if touche & set(g)] or reste
        min(hotes, key=lambda g: int(poids[g].sum())).extend(groupes[petit])
        lourd = max(range(len(reste)), key=lambda i: int(poids[reste[i]].sum()))
        reste[lourd : lourd + 1] = grouper(reste[lourd], poids, voisins, centres, 2)
        groupes = reste
    return groupes


def decouper(trame: Trame, poids: npt.NDArray[np.int64], nombre: int) -> list[Plan]:
    """Sheets of the commune in ``nombre`` sections (3 at least), one of them in two sheets or more."""
    if nombre < 3:
        raise ValueError("Il faut au moins trois sections : coteau, bourg, plaine.")
    cellules = [i.cellule for i in trame.ilots]
    centres = shapely.get_coordinates(shapely.point_on_surface(np.array(cellules)))
    voisins = voisinage(cellules)
    familles = [famille(i.zone) for i in trame.ilots]
    par_famille = {f: [i for i, g in enumerate(familles) if g == f] for f in FAMILLES}
    sommes = np.array([max(1, int(poids[par_famille[f]].sum())) for f in FAMILLES], dtype=float)
    feuilles = max(nombre + 1, round(float(sommes.sum()) / PAR_FEUILLE))
    par_feuille = repartir(sommes, feuilles)
    par_section = repartir(np.array(par_feuille, dtype=float), nombre)
    while any(s > f for s, f in zip(par_section, par_feuille, strict=True)):
        trop = int(np.argmax(np.array(par_section) - np.array(par_feuille)))
        peu = int(np.argmax(np.array(par_feuille) - np.array(par_section)))
        par_section[trop] -= 1
        par_section[peu] += 1
    plans: list[Plan] = []
    for f, n, s in zip(FAMILLES, par_feuille, par_section, strict=True):
        groupes = grouper(par_famille[f], poids, voisins, centres, n)
        groupes = equilibrer(groupes, poids, voisins, centres)
        tailles = repartir(np.ones(s), len(groupes))
        debut = 0
        for rang, taille in enumerate(tailles):
            for k, groupe in enumerate(groupes[debut : debut + taille]):
                plans.append(Plan(lettres(f, rang), f"{k + 1:02d}", f, tuple(groupe)))
            debut += taille
    return plans
