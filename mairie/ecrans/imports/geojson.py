"""A GeoJSON file as a table: one object a line, its properties as columns, its shape as one more cell.

The cell holds the shape as GeoJSON when the file is in degrees, else as ``SRID=…;WKT``; forms of the trades
read both. Refused objects go back into a file alike.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import shapely
from shapely.errors import GEOSException

from mairie.ecrans.imports.refus import FichierRefuse

# Heading of the column of shapes.
GEOMETRIE = "géométrie"
DEGRES = 4326
_EPSG = re.compile(r"EPSG:{1,2}(?:\d*:)?(\d{4,6})$", re.I)
_WKT = re.compile(r"SRID=(\d{4,6});(.*)", re.S)


def semble(octets: bytes) -> bool:
    """Whether the text begins as an object of JSON."""
    return octets.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def rangs(octets: bytes) -> Iterator[tuple[int, Sequence[str]]]:
    """(rank, cells), the headings first as line 0; objects count from 1. ``FichierRefuse`` for no GeoJSON."""
    try:
        contenu = json.loads(octets.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise FichierRefuse("Ce fichier commence comme du GeoJSON, mais ne se lit pas.") from None
    objets = contenu.get("features") if isinstance(contenu, dict) else None
    if not isinstance(objets, list) or contenu.get("type") != "FeatureCollection":
        raise FichierRefuse("Ce GeoJSON n'est pas une liste d'objets (« FeatureCollection »).")
    srid = _srid(contenu)
    titres: dict[str, None] = {}
    for objet in objets:
        titres.update(dict.fromkeys(str(n) for n in _proprietes(objet)))
    titres.pop(GEOMETRIE, None)
    yield 0, [*titres, GEOMETRIE]
    for numero, objet in enumerate(objets, 1):
        proprietes = _proprietes(objet)
        geometrie = objet.get("geometry") if isinstance(objet, dict) else None
        yield numero, [*(_texte(proprietes.get(t)) for t in titres), _forme(geometrie, srid)]


def ecrire(titres: Sequence[str], lignes: Iterable[Sequence[str]]) -> bytes:
    """Objects of these cells, as a file that ``rangs`` reads to the same lines."""
    objets, srid = [], DEGRES
    for cellules in lignes:
        valeurs = dict(zip(titres, cellules, strict=True))
        geometrie, trouve = _relire(valeurs.pop(GEOMETRIE, ""))
        srid = trouve or srid
        objets.append({"type": "Feature", "properties": valeurs, "geometry": geometrie})
    contenu: dict[str, Any] = {"type": "FeatureCollection", "features": objets}
    if srid != DEGRES:
        contenu["crs"] = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{srid}"}}
    # A shape may hold half a character, as JSON writes it: it goes back the same.
    return json.dumps(contenu, ensure_ascii=False).encode(errors="backslashreplace")


def _srid(contenu: dict[str, Any]) -> int:
    crs = contenu.get("crs")
    proprietes = crs.get("properties") if isinstance(crs, dict) else None
    nom = proprietes.get("name") if isinstance(proprietes, dict) else None
    if not isinstance(nom, str) or nom.upper().endswith("CRS84"):
        return DEGRES
    trouve = _EPSG.search(nom)
    if trouve is None:
        lisible = nom[:60].encode(errors="replace").decode()
        raise FichierRefuse(f"La projection « {lisible} » de ce GeoJSON n'est pas connue.")
    return int(trouve[1])


def _proprietes(objet: Any) -> dict[str, Any]:
    proprietes = objet.get("properties") if isinstance(objet, dict) else None
    return proprietes if isinstance(proprietes, dict) else {}


def _texte(valeur: Any) -> str:
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    return valeur if isinstance(valeur, str) else json.dumps(valeur, ensure_ascii=False)


def _forme(geometrie: Any, srid: int) -> str:
    if geometrie is None:
        return ""
    texte = json.dumps(geometrie, separators=(",", ":"))
    if srid == DEGRES:
        return texte
    try:
        return f"SRID={srid};{shapely.to_wkt(shapely.from_geojson(texte), rounding_precision=3)}"
    except (GEOSException, ValueError):
        return texte


def _relire(cellule: str) -> tuple[Any, int | None]:
    """(shape, projection when it is said) of a cell."""
    try:
        if trouve := _WKT.fullmatch(cellule):
            return json.loads(shapely.to_geojson(shapely.from_wkt(trouve[2]))), int(trouve[1])
        return (json.loads(cellule) if cellule else None), None
    except (GEOSException, ValueError):
        return None, None
