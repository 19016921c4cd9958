"""What GDAL reads of a sheet, and a small invented sheet for the tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import shapely

from gis_data.formats.edigeo.modele import Feuille, Objets, Relations


def lire_par_gdal(fichiers: Mapping[str, bytes], dossier: Path) -> dict[str, tuple[dict, np.ndarray]]:
    """Attributes (by column) and geometries of each layer, written to ``dossier`` for GDAL."""
    import pyogrio

    # Label layers repeat the writings under the name of each class.
    pyogrio.set_gdal_config_options({"OGR_EDIGEO_CREATE_LABEL_LAYERS": "NO"})
    for nom, contenu in fichiers.items():
        (dossier / nom).write_bytes(contenu)
    thf = next(dossier / nom for nom in fichiers if nom.upper().endswith(".THF"))
    couches = {}
    for nom, _ in pyogrio.list_layers(thf):
        meta, _, geoms, colonnes = pyogrio.raw.read(thf, layer=nom)
        couches[nom] = (dict(zip(meta["fields"], colonnes, strict=True)), shapely.from_wkb(geoms))
    return couches


def objets(type_: str, lignes: list[tuple], sous_ensemble: str = "SeSPA_1") -> Objets:
    """``Objets`` from rows (rid, attributes, geometry); every object gets the same two dates."""
    noms = sorted({nom for _, attributs, _ in lignes for nom in attributs})
    geom = np.full(len(lignes), None, dtype=object)
    for i, ligne in enumerate(lignes):
        geom[i] = ligne[2]
    return Objets(
        type=type_,
        sous_ensemble=[sous_ensemble] * len(lignes),
        rid=[rid for rid, _, _ in lignes],
        attributs={nom: [attributs.get(nom) for _, attributs, _ in lignes] for nom in noms},
        geom=geom,
        date_obs=[date(2001, 2, 3)] * len(lignes),
        date_maj=[date(2012, 11, 10)] * len(lignes),
    )


def carre(x: float, y: float, cote: float = 100, trous: list = ()) -> shapely.Polygon:
    """Square of the given lower left corner, in metres, with square holes (x, y, side)."""
    return shapely.Polygon(
        shapely.box(x, y, x + cote, y + cote).exterior,
        [shapely.box(a, b, a + c, b + c).exterior for a, b, c in trous],
    )


def petite_feuille(**champs) -> Feuille:
    """Three parcels side by side (one with a hole), their section, sheet and commune, a building,
    a number, a street of three arcs and a writing."""
    tout = shapely.box(0, 0, 300, 100)
    parcelles = [
        ("P1", {"IDU": "9990000A0001", "TEX": "1", "SUPF": "+10000.", "INDP": "01"}, carre(0, 0)),
        ("P2", {"IDU": "9990000A0002", "TEX": "2", "INDP": "02"}, carre(100, 0, trous=[(120, 20, 20)])),
        ("P3", {"IDU": "9990000A0003", "TEX": "3", "COAR": "A"}, carre(200, 0)),
    ]
    rue = shapely.MultiLineString([[(0, 1), (10, 1)], [(20, 1), (30, 2.5)], [(31, 2), (40, 2)]])
    contenu = [
        objets("COMMUNE", [("C1", {"IDU": "999", "TEX2": "ROCHEBELLE"}, tout)]),
        objets("SECTION", [("S1", {"IDU": "9990000A", "TEX": "A"}, tout)], "SeTOP_3"),
        objets("SUBDSECT", [("F1", {"IDU": "9990000A01", "EOR": "1000"}, tout)], "SeTOP_2"),
        objets("PARCELLE", parcelles, "SeTOP_1"),
        objets("BATIMENT", [("B1", {"DUR": "01"}, carre(90, 40, 20))]),
        objets("NUMVOIE", [("N1", {"TEX": "12 bis"}, shapely.Point(50.01, 2.99))]),
        objets("ZONCOMMUNI", [("V1", {"TEX": "Chemin", "TEX2": "de l'Été"}, rue)]),
        objets(
            "ECRITURE",
            [("E1", {"ATR": "TEX", "DI3": "+1.000000", "DI4": "+0.000000"}, shapely.Point(50, 50))],
            "SeTOP_1",
        ),
    ]
    debuts, n = {}, 0
    for o in contenu:
        debuts[o.type] = n
        n += len(o)

    def relation(nom: str, *paires: tuple[str, int, str, int]) -> Relations:
        membres = [(debuts[a] + i, debuts[b] + j) for a, i, b, j in paires]
        rids = [f"Rel_{nom}_{k}" for k in range(len(paires))]
        return Relations(nom, np.array(membres, dtype=np.int32).reshape(-1, 2), rids, len(paires))

    relations = [
        relation("BATIMENT_PARCELLE", ("BATIMENT", 0, "PARCELLE", 0), ("BATIMENT", 0, "PARCELLE", 1)),
        relation("IS_S_REL_IWW", ("ECRITURE", 0, "PARCELLE", 0)),
        relation("NUMVOIE_PARCELLE", ("NUMVOIE", 0, "PARCELLE", 0)),
        relation("PARCELLE_SUBDSECT", *(("PARCELLE", i, "SUBDSECT", 0) for i in range(3))),
        relation("SECTION_COMMUNE", ("SECTION", 0, "COMMUNE", 0)),
        relation("SUBDSECT_SECTION", ("SUBDSECT", 0, "SECTION", 0)),
    ]
    valeurs = {
        "lot": "ED0A01",
        "code10": "9990000A01",
        "millesime": date(2026, 1, 15),
        "crs": "LAMB93",
        "epsg": 2154,
        "objets": {o.type: o for o in contenu},
        "relations": {r.nom: r for r in relations},
        "auteur": "Service inventé",
        "logiciel": "Essai",
        "information": "Feuille d'essai",
    }
    return Feuille(**(valeurs | champs))
