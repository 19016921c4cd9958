"""Small invented sheets, written by the project's own writer, packed as the DGFiP does."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gis_data.formats.edigeo.ecrivain import ecrire_lot
from gis_data.formats.edigeo.modele import Feuille, Objets, Relations

# Anywhere in Lambert 93.
ORIGINE = (900_000.0, 6_500_000.0)
DATE = date(2020, 1, 1)


def carre(x: float, y: float, largeur: float, hauteur: float | None = None) -> shapely.Polygon:
    """A rectangle at (x, y) metres from the origin."""
    a, b = ORIGINE[0] + x, ORIGINE[1] + y
    return shapely.box(a, b, a + largeur, b + (largeur if hauteur is None else hauteur))


@dataclass
class P:
    """A parcel: number, drawing, contenance and what else the file says."""

    numero: int | str
    geom: shapely.Geometry | None
    contenance: int | None = None
    attributs: dict[str, str] = field(default_factory=dict)


def _objets(
    type_: str, lignes: Sequence[tuple[str, dict[str, str], Any]], sous_ensemble: str = "SeSPA_1"
) -> Objets:
    noms = sorted({nom for _, attributs, _ in lignes for nom in attributs})
    geom = np.full(len(lignes), None, dtype=object)
    geom[:] = [g for _, _, g in lignes]
    return Objets(
        type_,
        [sous_ensemble] * len(lignes),
        [rid for rid, _, _ in lignes],
        {nom: [attributs.get(nom) for _, attributs, _ in lignes] for nom in noms},
        geom,
        [DATE] * len(lignes),
        [DATE] * len(lignes),
    )


def feuille(
    id12: str,
    millesime: date,
    parcelles: Sequence[P],
    *,
    emprise: shapely.Geometry | None = None,
    nom: str = "ESSAI SUR TEST",
    autres: Mapping[str, Sequence[tuple[str, dict[str, str], Any]]] | None = None,
    relations: Mapping[str, Sequence[tuple[str, int, str, int]]] | None = None,
    crs: tuple[str, int] = ("LAMB93", 2154),
) -> Feuille:
    """A sheet with its commune, section and parcels, and whatever objects and relations are asked for."""
    code10, tout = id12[2:], emprise if emprise is not None else carre(0, 0, 1000)
    lignes_parcelles = []
    for rang, p in enumerate(parcelles):
        numero = p.numero if isinstance(p.numero, str) else f"{code10[:8]}{p.numero:04d}"
        attributs = {"IDU": numero, "TEX": numero[-4:].lstrip("0") or "0", "INDP": "01"}
        if p.contenance is not None:
            attributs["SUPF"] = f"+{p.contenance}."
        lignes_parcelles.append((f"Objet_{id12}_{rang}", attributs | p.attributs, p.geom))
    contenu = {
        "COMMUNE": _objets("COMMUNE", [("C1", {"IDU": code10[:3], "TEX2": nom}, tout)], "SeTOP_3"),
        "SECTION": _objets("SECTION", [("S1", {"IDU": code10[:8], "TEX": code10[6:8]}, tout)], "SeTOP_3"),
        "SUBDSECT": _objets("SUBDSECT", [("F1", {"IDU": code10, "EOR": "1000"}, tout)], "SeTOP_2"),
        "PARCELLE": _objets("PARCELLE", lignes_parcelles, "SeTOP_1"),
    }
    for type_, lignes in (autres or {}).items():
        contenu[type_] = _objets(type_, lignes)
    debuts, n = {}, 0
    for type_, lot in contenu.items():
        debuts[type_] = n
        n += len(lot)
    liees = {}
    for nom_relation, paires in (relations or {}).items():
        membres = [(debuts[a] + i, debuts[b] + j) for a, i, b, j in paires]
        rids = [f"Rel_{nom_relation}_{k}" for k in range(len(paires))]
        liees[nom_relation] = Relations(
            nom_relation, np.array(membres, dtype=np.int32).reshape(-1, 2), rids, len(paires)
        )
    return Feuille(
        lot=f"ED{code10[6:]}",
        code10=code10,
        millesime=millesime,
        crs=crs[0],
        epsg=crs[1],
        objets=contenu,
        relations=liees,
    )


def tar(fichiers: Mapping[str, bytes], mode: str = "w:bz2") -> bytes:
    """Files packed flat."""
    sortie = io.BytesIO()
    with tarfile.open(fileobj=sortie, mode=mode) as archive:
        for nom, octets in fichiers.items():
            membre = tarfile.TarInfo(nom)
            membre.size = len(octets)
            archive.addfile(membre, io.BytesIO(octets))
    return sortie.getvalue()


def zip_(fichiers: Mapping[str, bytes]) -> bytes:
    """Files in a zip."""
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, octets in fichiers.items():
            archive.writestr(nom, octets)
    return sortie.getvalue()


def archive(dossier: Path, id12: str, *args: Any, prefixe: str = "", **champs: Any) -> Path:
    """The archive ``edigeo-<id12>.tar.bz2`` of an invented sheet, in ``dossier``."""
    dossier.mkdir(parents=True, exist_ok=True)
    chemin = dossier / f"{prefixe}edigeo-{id12}.tar.bz2"
    chemin.write_bytes(tar(ecrire_lot(feuille(id12, *args, **champs))))
    return chemin
