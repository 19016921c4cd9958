"""What surveyors leave on the plan: marks at the corners, walls and hedges, tax parts, control points."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise

import numpy as np
import shapely

from gis_data.demo import ecritures
from gis_data.demo.assemblage import Chantier
from gis_data.demo.objets import Objet, reel
from gis_data.demo.village import decoupe
from gis_data.demo.village.courbes import polygones

Sommet = tuple[float, float]


def borner(chantier: Chantier) -> None:
    """Adds marks, limit symbols, tax parts, easements and control points."""
    sommets = _sommets(chantier.commune.parcelles)
    _reperes(chantier, sommets)
    _limites(chantier)
    _subdivisions(chantier)
    _charges(chantier)
    _canevas(chantier)


def _sommets(parcelles: list[Objet]) -> dict[Sommet, list[Objet]]:
    """Parcels by vertex."""
    sommets: dict[Sommet, list[Objet]] = defaultdict(list)
    for parcelle in parcelles:
        for x, y in dict.fromkeys(map(tuple, shapely.get_coordinates(parcelle.geom).tolist())):
            sommets[(x, y)].append(parcelle)
    return sommets


def _reperes(chantier: Chantier, sommets: dict[Sommet, list[Objet]]) -> None:
    """Boundary stones where fields or surveyed lots meet; a few bolts and cut crosses in the village."""
    rng = chantier.rng
    bourg = []
    for (x, y), parcelles in sommets.items():
        feuille = parcelles[0].feuille
        ensemble = [p for p in parcelles if p.feuille == feuille]
        if len(ensemble) < 2:
            continue
        if feuille[0] == "Z" or any("COAR" in p.attributs for p in ensemble):
            if rng.random() < 0.62:
                _repere(chantier, "BORNE", (x, y), ensemble)
        elif feuille[0] != "0":
            bourg.append(((x, y), ensemble))
    combien = max(2, len(bourg) // 90)
    for type_ in ("BOULON", "CROIX"):
        for k in sorted(rng.choice(len(bourg), min(combien, len(bourg)), replace=False).tolist()):
            _repere(chantier, type_, *bourg[k])


def _repere(chantier: Chantier, type_: str, p: Sommet, parcelles: list[Objet]) -> None:
    attributs = {"ORI": reel(0.0, 6)} if type_ == "BOULON" else {}
    objet = chantier.creer(type_, parcelles[0].feuille, attributs, shapely.Point(p))
    objet.liens += [(f"{type_}_PARCELLE", q.ident) for q in parcelles]


def _limites(chantier: Chantier) -> None:
    """Walls in the old village, hedges and fences elsewhere, on limits between two parcels."""
    rng = chantier.rng
    aretes: dict[tuple[Sommet, Sommet], list[Objet]] = defaultdict(list)
    for parcelle in chantier.commune.parcelles:
        for anneau in shapely.get_rings(parcelle.geom):
            p = [tuple(c) for c in shapely.get_coordinates(anneau).tolist()]
            for a, b in pairwise(p):
                aretes[(min(a, b), max(a, b))].append(parcelle)
    for (a, b), parcelles in aretes.items():
        if len(parcelles) != 2 or parcelles[0].feuille != parcelles[1].feuille:
            continue
        longueur = math.dist(a, b)
        rural = parcelles[0].feuille[0] in "0Z"
        if longueur < 9 or rng.random() > (0.05 if rural else 0.33):
            continue
        mitoyen = rng.random() < 0.45
        genre = 45 if rural or rng.random() < 0.3 else (39 if rng.random() < 0.7 else 43)
        if rural and rng.random() < 0.25:
            genre = 41
        symbole = str(genre + (0 if mitoyen else 1))
        cap = math.degrees(math.atan2(b[1] - a[1], b[0] - a[0])) % 360.0
        milieu = shapely.Point(round((a[0] + b[0]) / 2, 2), round((a[1] + b[1]) / 2, 2))
        objet = chantier.creer("SYMBLIM", parcelles[0].feuille, {"SYM": symbole, "ORI": reel(cap, 6)}, milieu)
        objet.liens += [("SYMBLIM_PARCELLE", p.ident) for p in (parcelles if mitoyen else parcelles[:1])]


def _subdivisions(chantier: Chantier) -> None:
    """Tax parts a, b, c of some fields and gardens; they tile their parcel."""
    rng = chantier.rng
    for parcelle in chantier.commune.parcelles:
        rural = parcelle.feuille[0] in "0Z"
        if parcelle.geom.area < 900 or parcelle.geom.interiors or rng.random() > (0.16 if rural else 0.03):
            continue
        n = 3 if parcelle.geom.area > 9000 and rng.random() < 0.3 else 2
        parts = [
            p
            for q in decoupe.morceler(parcelle.geom, n, rng, 0.1)
            for p in polygones(shapely.remove_repeated_points(shapely.transform(q, lambda c: np.round(c, 2))))
        ]
        if len(parts) != n or not all(p.is_valid for p in parts):
            continue
        for lettre, part in zip("abc", sorted(parts, key=lambda p: -p.area), strict=False):
            texte = ecritures.dans("SUBDFISC", part)
            objet = chantier.creer("SUBDFISC", parcelle.feuille, {"TEX": lettre}, part, [texte])
            objet.liens.append(("SUBDFISC_PARCELLE", parcelle.ident))


def _charges(chantier: Chantier) -> None:
    """A few encumbered areas, as the land register of the three eastern départements has them."""
    champs = [p for p in chantier.commune.parcelles if p.feuille[0] == "Z" and not p.geom.interiors]
    champs.sort(key=lambda p: -p.geom.area)
    for rang, parcelle in enumerate(champs[2 : 4 + len(champs) // 150]):
        dedans = parcelle.geom.buffer(-4.0, join_style="mitre").simplify(0.5)
        forme = shapely.remove_repeated_points(shapely.transform(dedans, lambda c: np.round(c, 2)))
        for part in polygones(forme, 50.0)[:1]:
            if not part.is_valid:
                continue
            nom = f"Servitude {rang + 1}"
            objet = chantier.creer(
                "CHARGE", parcelle.feuille, {"TEX": nom}, part, [ecritures.dans("CHARGE", part)]
            )
            objet.liens.append(("CHARGE_PARCELLE", parcelle.ident))


def _canevas(chantier: Chantier) -> None:
    """Control points along the outline of each sheet and by the church."""
    commune, rng, rang = chantier.commune, chantier.rng, 0
    for code, feuille in commune.feuilles.items():
        contour = max(shapely.get_parts(feuille.geom), key=lambda p: p.area).exterior
        for f in rng.uniform(0, 1, 4):
            rang += 1
            p = contour.interpolate(float(f), normalized=True)
            symbole, plan, repere = ("73", "09", "07") if rang % 3 else ("72", "20", "98")
            attributs = {
                "MAP": repere,
                "SYM": symbole,
                "IDU": f"{commune.com3}{rang:05d}",
                "ORI": reel(0.0, 6),
                "CAN": "02" if rang % 4 else "01",
                "PPLN": plan,
                "PALT": "00",
            }
            chantier.creer("PTCANV", code, attributs, shapely.Point(round(p.x, 2), round(p.y, 2)))
