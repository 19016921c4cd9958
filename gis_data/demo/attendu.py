"""What a reader must find in the generated sheets: counts, areas, relations, parcels."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import shapely

from gis_data.demo.objets import Commune
from gis_data.formats.edigeo.modele import Feuille


def de_la_feuille(feuille: Feuille) -> dict[str, Any]:
    """Counts by type, relations by name, areas (m²) and tax area of a sheet."""
    objets = feuille.objets
    supf = objets["PARCELLE"].attributs.get("SUPF", []) if "PARCELLE" in objets else []
    return {
        "lus": {type_: len(o) for type_, o in sorted(objets.items())},
        "relations": {nom: len(r.membres) for nom, r in sorted(feuille.relations.items())},
        "aire_parcelles_m2": aire(feuille, "PARCELLE"),
        "aire_batiments_m2": aire(feuille, "BATIMENT"),
        "contenance_m2": round(sum(float(x) for x in supf if x is not None)),
    }


def aire(feuille: Feuille, type_: str) -> float:
    """Area (m²) of all objects of a type in the delivered projection."""
    if type_ not in feuille.objets:
        return 0.0
    return round(float(np.nansum(shapely.area(feuille.objets[type_].geom))), 2)


def du_plan(
    commune: Commune, feuilles: dict[str, Feuille], comparaison: dict[str, Any] | None
) -> dict[str, Any]:
    """The document ``attendu.json``. Owners stay empty: this generator writes no MAJIC file yet."""
    numeros: dict[int, list[str]] = defaultdict(list)
    for objet in commune.objets:
        if objet.type == "NUMVOIE":
            for _, ident in objet.liens:
                numeros[ident].append(objet.attributs["TEX"])
    parcelles = {}
    for p in sorted(commune.parcelles, key=lambda p: p.attributs["IDU"]):
        supf = p.attributs.get("SUPF")
        parcelles[commune.idu14(p)] = {
            "aire_m2": round(p.geom.area, 2),
            "contenance": None if supf is None else int(float(supf)),
            "trous": len(p.geom.interiors),
            "numeros": sorted(numeros[p.ident]),
            "titulaires": [],
        }
    document: dict[str, Any] = {
        "insee": commune.insee,
        "graine": commune.graine,
        "millesime": commune.millesime.isoformat(),
        "feuilles": {id12: de_la_feuille(f) for id12, f in sorted(feuilles.items())},
        "parcelles": parcelles,
        "majic": {},
        "orphelines": {"plan": [], "majic": []},
    }
    if comparaison is not None:
        document["comparer_millesimes"] = comparaison
    return document
