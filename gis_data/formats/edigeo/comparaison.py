"""Differences between two sheets, whatever the order of their objects: for the tests of reader and writer."""

from __future__ import annotations

from collections import Counter
from typing import Any

import shapely

from .modele import Feuille, Geometries

_ENTETE = ("lot", "code10", "millesime", "crs", "epsg", "auteur", "logiciel", "information")
_MAX_CITES = 5


def differences(avant: Feuille, apres: Feuille, *, entete: bool = True) -> list[str]:
    """What differs: header, objects (sub-set, attributes, dates, geometry), relations. Empty = equal.

    Areas are equal whatever the first point of a ring, lines only with the same direction. Anomalies and
    orphan relations are not compared.
    """
    resultat = []
    if entete:
        resultat += [
            f"{nom} : {getattr(avant, nom)!r} / {getattr(apres, nom)!r}"
            for nom in _ENTETE
            if getattr(avant, nom) != getattr(apres, nom)
        ]
    gauche, droite = _fiches(avant), _fiches(apres)
    for titre, cles in (
        ("perdus", gauche.keys() - droite.keys()),
        ("apparus", droite.keys() - gauche.keys()),
    ):
        if cles:
            resultat.append(f"{len(cles)} objets {titre} : {sorted(cles)[:_MAX_CITES]}")
    communs = sorted(gauche.keys() & droite.keys())
    for cle in communs:
        for nom in ("attributs", "dates"):
            if gauche[cle][nom] != droite[cle][nom]:
                resultat.append(f"{cle} {nom} : {gauche[cle][nom]} / {droite[cle][nom]}")
        if not memes_geometries(gauche[cle]["geom"], droite[cle]["geom"]):
            resultat.append(f"{cle} geom : {gauche[cle]['geom']} / {droite[cle]['geom']}")
    liens_avant, liens_apres = _liens(avant), _liens(apres)
    for titre, liens in (("perdues", liens_avant - liens_apres), ("apparues", liens_apres - liens_avant)):
        if liens:
            resultat.append(f"{liens.total()} relations {titre} : {list(liens)[:_MAX_CITES]}")
    return resultat


def memes_geometries(a: shapely.Geometry | None, b: shapely.Geometry | None) -> bool:
    """Same vertices; rings may start anywhere, parts of an area stand in any order."""
    if a is None or b is None:
        return a is b
    if shapely.get_dimensions(a) == 2:
        a, b = shapely.normalize(a), shapely.normalize(b)
    return bool(shapely.equals_exact(a, b, 0.0))


def _fiches(feuille: Feuille) -> dict[tuple[str, str, str], dict[str, Any]]:
    fiches = {}
    for type_, objets in feuille.objets.items():
        geoms: Geometries = objets.geom
        for i, rid in enumerate(objets.rid):
            fiches[type_, objets.sous_ensemble[i], rid] = {
                "attributs": {n: c[i] for n, c in objets.attributs.items() if c[i] is not None},
                "dates": (objets.date_obs[i], objets.date_maj[i]),
                "geom": geoms[i],
            }
    return fiches


def _liens(feuille: Feuille) -> Counter[tuple[Any, ...]]:
    cles = [
        (type_, sous_ensemble, rid)
        for type_, objets in feuille.objets.items()
        for sous_ensemble, rid in zip(objets.sous_ensemble, objets.rid, strict=True)
    ]
    return Counter(
        (nom, rid, cles[premier], cles[second])
        for nom, relations in feuille.relations.items()
        for rid, (premier, second) in zip(relations.rid, relations.membres.tolist(), strict=True)
    )
