"""Layers as GeoJSON, GeoPackage or CSV, row by row: a million parcels never stand in memory."""

from __future__ import annotations

import csv
import datetime
import io
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Func, QuerySet, TextField, Value
from django.db.models.expressions import Combinable

from gis_data.couches import Attribut, Couche, Forme, Genre

FORMATS = ("geojson", "gpkg", "csv")
EXTENSIONS = {".geojson": "geojson", ".json": "geojson", ".gpkg": "gpkg", ".csv": "csv"}
# Tenths of a millimetre; trailing zeros are not written.
DECIMALES_METRES, DECIMALES_DEGRES = 4, 9
LOT = 2_000
LOT_GPKG = 20_000
# A cell that begins so is run as a formula by spreadsheets.
FORMULES = ("=", "+", "-", "@", "\t", "\r")


class ExportImpossible(ValueError):
    """What was asked can't be exported; the message says what to do."""


@dataclass(frozen=True)
class Demande:
    """What to export. Filters left null do not bound; ``jour`` null: the state of today."""

    couche: Couche
    format: str
    commune: str | None = None
    feuille: str | None = None
    section: str | None = None
    jour: datetime.date | None = None
    srid: int = settings.TERRITOIRE_SRID
    # Rows already chosen, in place of those that the fields above would give.
    objets: QuerySet[Any] | None = None


def format_de(sortie: str, choisi: str | None) -> str:
    """Format asked, or the one that the file's extension says; ``ExportImpossible`` otherwise."""
    if choisi:
        if choisi not in FORMATS:
            raise ExportImpossible(f"Format « {choisi} » inconnu. Formats : {', '.join(FORMATS)}.")
        return choisi
    if sortie == "-":
        return "geojson"
    extension = Path(sortie).suffix.lower()
    if extension not in EXTENSIONS:
        raise ExportImpossible(
            f"Le format ne se devine pas de « {extension or sortie} » : ajoutez --format {'|'.join(FORMATS)}."
        )
    return EXTENSIONS[extension]


def _est_geographique(srid: int) -> bool:
    """True for degrees; ``ExportImpossible`` when PostGIS does not know the code."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT srtext LIKE 'GEOGCS%%' FROM spatial_ref_sys WHERE srid = %s", [srid])
        ligne = curseur.fetchone()
    if ligne is None:
        raise ExportImpossible(f"Projection EPSG:{srid} inconnue.")
    return bool(ligne[0])


def _objets(demande: Demande) -> QuerySet[Any]:
    couche = demande.couche
    if demande.objets is not None:
        return demande.objets
    objets = (
        couche.objets_export(demande.jour, demande.feuille) if couche.objets_export else couche.objets(None)
    )
    for option in ("commune", "feuille", "section"):
        valeur = getattr(demande, option)
        if not valeur:
            continue
        if option not in couche.filtres_export:
            raise ExportImpossible(f"La couche {couche.nom} ne se limite pas par --{option}.")
        objets = objets.filter(**{couche.filtres_export[option]: valeur})
    return objets


def _colonnes(objets: QuerySet[Any], attributs: Sequence[Attribut]) -> list[str | Combinable]:
    remplacees = objets.query.annotations
    return [F(f"export_{a.nom}") if f"export_{a.nom}" in remplacees else a.expression for a in attributs]


def _geometrie(demande: Demande, fonction: str, *parametres: Any) -> Func:
    source: Combinable = F(demande.couche.geometrie)
    if demande.srid != settings.TERRITOIRE_SRID:
        source = Func(source, Value(demande.srid), function="ST_Transform", output_field=TextField())
    return Func(source, *map(Value, parametres), function=fonction, output_field=TextField())


def _lignes(demande: Demande, geometrie: Func) -> Iterator[tuple[Any, ...]]:
    """Attributes in order, then the geometry as ``geometrie`` writes it; read by a server-side cursor."""
    objets = _objets(demande)
    colonnes = _colonnes(objets, demande.couche.attributs)
    # A named cursor lives in a transaction; without one it would be kept whole on the server first.
    with transaction.atomic():
        yield from objets.order_by("pk").values_list(*colonnes, geometrie).iterator(chunk_size=LOT)


def _valeur_json(valeur: Any) -> Any:
    return valeur.isoformat() if isinstance(valeur, datetime.date) else valeur


def _ecrire_geojson(demande: Demande, sortie: BinaryIO) -> int:
    geographique = _est_geographique(demande.srid)
    decimales = DECIMALES_DEGRES if geographique else DECIMALES_METRES
    crs = "urn:ogc:def:crs:OGC:1.3:CRS84" if demande.srid == 4326 else f"urn:ogc:def:crs:EPSG::{demande.srid}"
    entete = {
        "type": "FeatureCollection",
        "name": demande.couche.nom,
        "crs": {"type": "name", "properties": {"name": crs}},
    }
    sortie.write(json.dumps(entete, ensure_ascii=False)[:-1].encode() + b', "features": [')
    noms = [a.nom for a in demande.couche.attributs]
    nombre = 0
    for *valeurs, geometrie in _lignes(demande, _geometrie(demande, "ST_AsGeoJSON", decimales, 0)):
        proprietes = json.dumps(dict(zip(noms, map(_valeur_json, valeurs), strict=True)), ensure_ascii=False)
        objet = f'{{"type": "Feature", "properties": {proprietes}, "geometry": {geometrie or "null"}}}'
        sortie.write((",\n" if nombre else "\n").encode() + objet.encode())
        nombre += 1
    sortie.write(b"\n]}\n")
    return nombre


def cellule(valeur: Any) -> str:
    """A value as a CSV cell; a text that a spreadsheet would run as a formula is made a text by « ' »."""
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "true" if valeur else "false"
    if isinstance(valeur, str):
        return f"'{valeur}" if valeur.startswith(FORMULES) else valeur
    return str(_valeur_json(valeur))


def _ecrire_csv(demande: Demande, sortie: BinaryIO) -> int:
    decimales = DECIMALES_DEGRES if _est_geographique(demande.srid) else DECIMALES_METRES
    texte = io.TextIOWrapper(sortie, encoding="utf-8", newline="", write_through=True)
    ecrivain = csv.writer(texte, delimiter=";")
    ecrivain.writerow([*(a.nom for a in demande.couche.attributs), "wkt"])
    nombre = 0
    for *valeurs, wkt in _lignes(demande, _geometrie(demande, "ST_AsText", decimales)):
        ecrivain.writerow([*map(cellule, valeurs), wkt or ""])
        nombre += 1
    texte.flush()
    texte.detach()
    return nombre


_TYPES: dict[Genre, tuple[Any, Any]] = {
    Genre.TEXTE: (object, None),
    Genre.ENTIER: (np.int64, 0),
    Genre.REEL: (np.float64, 0.0),
    Genre.BOOLEEN: (np.bool_, False),
    Genre.DATE: ("datetime64[D]", np.datetime64("NaT")),
}
_GEOMETRIES = {
    Forme.POINT: "Point",
    Forme.LIGNE: "MultiLineString",
    Forme.SURFACE: "MultiPolygon",
    Forme.MIXTE: "Unknown",
}


def _vecteur(genre: Genre, valeurs: Sequence[Any]) -> tuple[np.ndarray, np.ndarray | None]:
    """Values as a typed array and the mask of the missing ones."""
    type_, defaut = _TYPES[genre]
    absents = np.array([v is None for v in valeurs], dtype=bool)
    vecteur = np.array([defaut if v is None else v for v in valeurs], dtype=type_)
    # Missing texts and dates say so themselves.
    return vecteur, absents if genre in (Genre.ENTIER, Genre.REEL, Genre.BOOLEEN) else None


def _ecrire_gpkg(demande: Demande, chemin: Path) -> int:
    import pyogrio.raw

    _est_geographique(demande.srid)
    attributs = demande.couche.attributs
    lignes = _lignes(demande, _geometrie(demande, "ST_AsBinary"))
    nombre = 0
    while True:
        lot = list(islice(lignes, LOT_GPKG))
        if not lot and nombre:
            return nombre
        vecteurs = [_vecteur(a.genre, [ligne[i] for ligne in lot]) for i, a in enumerate(attributs)]
        geometries = np.empty(len(lot), dtype=object)
        geometries[:] = [None if ligne[-1] is None else bytes(ligne[-1]) for ligne in lot]
        pyogrio.raw.write(
            str(chemin),
            geometries,
            [v for v, _ in vecteurs],
            np.array([a.nom for a in attributs]),
            field_mask=[m for _, m in vecteurs],
            layer=demande.couche.nom,
            driver="GPKG",
            geometry_type=_GEOMETRIES[demande.couche.forme],
            crs=f"EPSG:{demande.srid}",
            append=nombre > 0,
        )
        nombre += len(lot)
        if len(lot) < LOT_GPKG:
            return nombre


def _vers_flux(demande: Demande, sortie: BinaryIO) -> int:
    if demande.format != "gpkg":
        return _ECRIVAINS[demande.format](demande, sortie)
    # A GeoPackage is a database: it is made aside, then poured.
    with tempfile.TemporaryDirectory() as dossier:
        chemin = Path(dossier) / "export.gpkg"
        nombre = _ecrire_gpkg(demande, chemin)
        with chemin.open("rb") as source:
            shutil.copyfileobj(source, sortie)
    return nombre


_ECRIVAINS: dict[str, Callable[[Demande, BinaryIO], int]] = {"geojson": _ecrire_geojson, "csv": _ecrire_csv}


def exporter(demande: Demande, sortie: Path | BinaryIO) -> int:
    """Write the layer to a file or a binary stream; gives the number of objects.

    A file appears whole or not at all. ``ExportImpossible`` when the demand makes no sense.
    """
    if not isinstance(sortie, Path):
        return _vers_flux(demande, sortie)
    partiel = sortie.with_name(f".{sortie.name}.partiel{os.getpid()}{sortie.suffix}")
    try:
        if demande.format == "gpkg":
            nombre = _ecrire_gpkg(demande, partiel)
        else:
            with partiel.open("wb") as flux:
                nombre = _ECRIVAINS[demande.format](demande, flux)
        partiel.replace(sortie)
    finally:
        partiel.unlink(missing_ok=True)
    return nombre
