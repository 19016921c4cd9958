"""Formats accepted, and the first bytes by which each is known: an extension alone is never believed."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TETE = 8192


class FichierRefuse(ValueError):
    """A file refused whole: nothing of it was kept. The message is French and says what to do."""


@dataclass(frozen=True)
class Format:
    """A format of vector data. ``reconnaitre(head, path)``: null, or what is wrong, in French."""

    code: str
    libelle: str
    extensions: tuple[str, ...]
    reconnaitre: Callable[[bytes, Path], str | None]


def _gpkg(tete: bytes, chemin: Path) -> str | None:
    if tete[:16] != b"SQLite format 3\0" or tete[68:72] not in (b"GPKG", b"GP10", b"GP11"):
        return "son contenu n'est pas celui d'un GeoPackage"
    return None


def _geojson(tete: bytes, chemin: Path) -> str | None:
    texte = tete.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not texte.startswith(b"{") or b"\0" in tete:
        return "son contenu n'est pas celui d'un GeoJSON"
    return None


def _dxf(tete: bytes, chemin: Path) -> str | None:
    if tete.startswith(b"AutoCAD Binary DXF"):
        return "c'est un DXF binaire : enregistrez-le en DXF texte (ASCII)"
    lignes = [ligne.strip() for ligne in tete.removeprefix(b"\xef\xbb\xbf").splitlines()[:400]]
    while len(lignes) > 1 and lignes[0] == b"999":
        lignes = lignes[2:]
    if lignes[:2] != [b"0", b"SECTION"] or b"\0" in tete:
        return "son contenu n'est pas celui d'un DXF"
    return None


def _gpx(tete: bytes, chemin: Path) -> str | None:
    texte = tete.removeprefix(b"\xef\xbb\xbf").lstrip()
    if (
        not texte.startswith((b"<?xml", b"<gpx"))
        or not re.search(rb"<(\w+:)?gpx[\s>]", texte)
        or b"\0" in tete
    ):
        return "son contenu n'est pas celui d'un GPX"
    # Entities can name other files, or unfold without end.
    reste = b""
    with chemin.open("rb") as flux:
        while bloc := flux.read(1 << 20):
            if re.search(rb"<!(DOCTYPE|ENTITY)", reste + bloc, re.IGNORECASE):
                return "il déclare un type de document ou des entités, qui ne sont jamais lus"
            reste = bloc[-16:]
    return None


_FORMES_SHP = {0, 1, 3, 5, 8, 11, 13, 15, 18, 21, 23, 25, 28, 31}


def _shp(tete: bytes, chemin: Path) -> str | None:
    if len(tete) < 100:
        return "il est vide ou coupé"
    code, version, forme = struct.unpack(">i", tete[:4])[0], *struct.unpack("<ii", tete[28:36])
    if code != 9994 or version != 1000 or forme not in _FORMES_SHP:
        return "son contenu n'est pas celui d'un Shapefile"
    return None


def _dbf(tete: bytes, chemin: Path) -> str | None:
    if len(tete) < 33 or tete[0] not in (0x03, 0x04, 0x05, 0x30, 0x31, 0x83, 0x8B, 0xF5):
        return "son contenu n'est pas celui d'une table dBASE"
    nombre, entete, longueur = struct.unpack("<IHH", tete[4:12])
    if entete < 33 or not longueur or entete + nombre * longueur > chemin.stat().st_size + longueur:
        return "il est coupé avant sa fin"
    return None


FORMATS: dict[str, Format] = {
    f.code: f
    for f in (
        Format("shp", "Shapefile", (".shp",), _shp),
        Format("dbf", "table dBASE", (".dbf",), _dbf),
        Format("gpkg", "GeoPackage", (".gpkg",), _gpkg),
        Format("geojson", "GeoJSON", (".geojson", ".json"), _geojson),
        Format("dxf", "DXF", (".dxf",), _dxf),
        Format("gpx", "GPX", (".gpx",), _gpx),
    )
}
PAR_EXTENSION = {extension: f for f in FORMATS.values() for extension in f.extensions}
# Files that go with a Shapefile, and are read with it.
COMPAGNONS = (".shx", ".prj", ".cpg")
_PRJ = re.compile(r"\s*(PROJCS|GEOGCS|COMPD_CS|PROJCRS|GEOGCRS|GEODCRS|COMPOUNDCRS|BOUNDCRS|LOCAL_CS)\s*\[")


def verifier(format_: Format, chemin: Path, nom: str) -> None:
    """``FichierRefuse`` when the bytes of the file are not those of the format that its name declares."""
    with chemin.open("rb") as flux:
        tete = flux.read(TETE)
    if not tete:
        raise FichierRefuse(f"Le fichier « {nom} » est vide.")
    faute = format_.reconnaitre(tete, chemin)
    if faute:
        raise FichierRefuse(f"Le fichier « {nom} » est refusé : {faute}. Rien n'a été lu.")


def prj_plausible(chemin: Path) -> bool:
    """Whether a .prj holds the description of a reference system, and not something else."""
    with chemin.open("rb") as flux:
        octets = flux.read(65_537)
    return len(octets) <= 65_536 and bool(_PRJ.match(octets.decode("latin-1"))) and b"\0" not in octets
