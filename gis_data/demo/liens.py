"""Relations found by geometry: which parcels a building touches, which ones replace a lost one."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import shapely

from gis_data.demo.objets import Commune, Objet

# A wall on the limit touches the neighbour although its vertices are rounded apart.
TOUCHE_M = 0.02


def relier_batiments(commune: Commune) -> None:
    """BATIMENT_PARCELLE: every parcel of the same sheet that the building touches."""
    par_feuille: dict[str, tuple[list[Objet], list[Objet]]] = defaultdict(lambda: ([], []))
    for objet in commune.objets:
        if objet.type == "PARCELLE" and objet.geom is not None:
            par_feuille[objet.feuille][0].append(objet)
        elif objet.type == "BATIMENT":
            par_feuille[objet.feuille][1].append(objet)
    for parcelles, batiments in par_feuille.values():
        if not parcelles or not batiments:
            continue
        arbre = shapely.STRtree(np.array([p.geom for p in parcelles]))
        formes = np.array([b.geom for b in batiments])
        b, p = arbre.query(formes, predicate="dwithin", distance=TOUCHE_M)
        liens: dict[int, list[int]] = defaultdict(list)
        for i, j in sorted(zip(b.tolist(), p.tolist(), strict=True)):
            liens[i].append(parcelles[j].ident)
        for i, batiment in enumerate(batiments):
            batiment.liens = [("BATIMENT_PARCELLE", ident) for ident in liens[i]]


def relier_perdus(commune: Commune, perdues: dict[int, list[Objet]]) -> None:
    """Points and areas linked to a parcel that is gone are linked to those in its place.

    ``perdues``: by ident of the lost parcel, the new parcels on its ground (none when it became public).
    """
    for objet in commune.objets:
        if not any(ident in perdues for _, ident in objet.liens):
            continue
        liens: dict[tuple[str, int], None] = {}
        for nom, ident in objet.liens:
            if ident not in perdues:
                liens[(nom, ident)] = None
                continue
            suivantes = [p for p in perdues[ident] if p.feuille == objet.feuille]
            touchees = [p for p in suivantes if shapely.dwithin(p.geom, objet.geom, TOUCHE_M)]
            if not touchees and suivantes and nom == "NUMVOIE_PARCELLE":
                touchees = [min(suivantes, key=lambda p: float(p.geom.distance(objet.geom)))]
            liens.update({(nom, p.ident): None for p in touchees})
        objet.liens = list(liens)
