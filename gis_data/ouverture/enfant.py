"""The process that reads an uploaded file: alone, limited, with one GDAL driver.

``python -I enfant.py`` reads one request (JSON) on its standard input and answers one JSON line; what it
read goes to JSON-lines files in the request's own folder. ``--pilotes`` lists GDAL's drivers instead.
It imports nothing of the project (pyogrio and shapely only): it has neither its settings nor its database.
"""

from __future__ import annotations

import json
import math
import re
import resource
import sqlite3
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TextIO

# GDAL's name of the one driver left for each format; GeoJSON is read without GDAL.
PILOTES = {"shp": "ESRI Shapefile", "dbf": "ESRI Shapefile", "gpkg": "GPKG", "dxf": "DXF", "gpx": "GPX"}
TEXTE_MAX = 20_000
CHAMPS_MAX = 250


class Refus(Exception):
    """The file is refused; the French message says why."""


def limiter(memoire: int, cpu_s: int, sortie: int) -> None:
    """Bounds of this process: bytes of memory, seconds of processor, bytes of a file written."""
    for nature, valeur in (
        (resource.RLIMIT_AS, memoire),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_FSIZE, sortie),
        (resource.RLIMIT_NOFILE, 128),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(nature, (valeur, valeur))


# --- what is written ----------------------------------------------------------------------------


class Ecrivain:
    """One layer's file: a line an object, ``{"g": hexadecimal WKB or null, "a": {…}}``."""

    def __init__(self, dossier: Path, numero: int, limites: dict[str, int]) -> None:
        self.nom = f"couche{numero:03d}.jsonl"
        self.flux: TextIO = (dossier / self.nom).open("w", encoding="utf-8")
        self.limites = limites
        # Whether heights are kept: 1 when the request asks for them.
        self.altitudes = bool(limites.get("altitudes"))
        self.nombre = self.sommets = self.sans_geometrie = 0

    def ecrire(self, wkb: str | None, sommets: int, attributs: dict[str, Any]) -> None:
        """Add an object; ``Refus`` past the limits."""
        self.nombre += 1
        self.sommets += sommets
        self.sans_geometrie += wkb is None
        if self.nombre > self.limites["objets"]:
            raise Refus(f"Ce fichier contient plus de {self.limites['objets']} objets.")
        if self.sommets > self.limites["sommets"]:
            raise Refus(f"Ce fichier contient plus de {self.limites['sommets']} sommets.")
        self.flux.write(json.dumps({"g": wkb, "a": attributs}, ensure_ascii=False, allow_nan=False) + "\n")

    def fermer(self) -> None:
        """Everything is on disk."""
        self.flux.close()


def valeur(brute: Any) -> Any:
    """A value as plain JSON: text, number, boolean or null."""
    if brute is None or isinstance(brute, bool | int):
        return brute
    if isinstance(brute, float):
        return brute if math.isfinite(brute) else None
    if isinstance(brute, str):
        return brute.replace("\0", " ")[:TEXTE_MAX]
    if isinstance(brute, bytes):
        return None
    if hasattr(brute, "tolist"):
        return valeur(brute.tolist())
    return json.dumps(brute, ensure_ascii=False, default=str)[:TEXTE_MAX]


def geometrie(objet: Any, altitudes: bool = False) -> tuple[str | None, int]:
    """(hexadecimal WKB, vertices) of a shapely geometry; null when empty or not finite.

    Flat, unless ``altitudes`` are asked for and all of them are finite.
    """
    import shapely

    if objet is None or shapely.is_empty(objet):
        return None, 0
    plate = shapely.force_2d(objet)
    coordonnees = shapely.get_coordinates(plate)
    if not len(coordonnees) or not bool(abs(coordonnees).max() < 1e12):
        return None, 0
    if altitudes and shapely.has_z(objet):
        z = shapely.get_coordinates(objet, include_z=True)[:, 2]
        if bool((abs(z) < 1e12).all()):
            plate = objet
    # Measures along a line (M) are no heights: left out.
    return shapely.to_wkb(plate, hex=True, output_dimension=3), len(coordonnees)


# --- GeoJSON ------------------------------------------------------------------------------------


def _epsg(nom: str) -> int | None:
    """EPSG code of a named reference system of a GeoJSON (2008 form)."""
    morceaux = nom.upper().replace("::", ":").split(":")
    if morceaux[-1] == "CRS84":
        return 4326
    if "EPSG" in morceaux and morceaux[-1].isdigit():
        return int(morceaux[-1])
    return None


def lire_geojson(chemin: Path, ecrivain: Ecrivain) -> dict[str, Any]:
    """Features of a GeoJSON, read as plain JSON: nothing that it names is ever opened."""
    from shapely.geometry import shape

    try:
        racine = json.loads(chemin.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as erreur:
        raise Refus("Ce fichier n'est pas un GeoJSON lisible (JSON incorrect).") from erreur
    if not isinstance(racine, dict):
        raise Refus("Ce fichier n'est pas un GeoJSON : il ne contient pas d'objet JSON.")
    epsg: int | None = 4326
    if isinstance(crs := racine.get("crs"), dict):
        proprietes = crs.get("properties")
        nom = proprietes.get("name") if isinstance(proprietes, dict) else None
        if crs.get("type") != "name" or not isinstance(nom, str):
            raise Refus("Ce GeoJSON désigne sa projection par un lien, qui n'est jamais suivi.")
        epsg = _epsg(nom)
    champs: dict[str, str] = {}
    for objet in _objets_geojson(racine):
        proprietes = objet.get("properties")
        proprietes = proprietes if isinstance(proprietes, dict) else {}
        # A name with a null byte would be refused by the database, long after.
        attributs = {
            str(nom).replace("\0", " ")[:200]: valeur(v) for nom, v in list(proprietes.items())[:CHAMPS_MAX]
        }
        for nom, v in attributs.items():
            if v is not None and (nom in champs or len(champs) < CHAMPS_MAX):
                genre = _genre(v)
                champs[nom] = genre if champs.get(nom, genre) == genre else "texte"
        try:
            forme = shape(objet["geometry"]) if objet.get("geometry") else None
            wkb, sommets = geometrie(forme, ecrivain.altitudes)
        except Refus:
            raise
        except Exception as erreur:
            raise Refus(f"L'objet n° {ecrivain.nombre + 1} a une géométrie incorrecte.") from erreur
        ecrivain.ecrire(wkb, sommets, attributs)
    return {"champs": list(champs.items()), "epsg": epsg, "crs": str(epsg or ""), "encodage": "UTF-8"}


def _genre(v: Any) -> str:
    if isinstance(v, bool):
        return "booleen"
    if isinstance(v, int):
        return "entier"
    return "reel" if isinstance(v, float) else "texte"


def _objets_geojson(racine: dict[str, Any]) -> Iterator[dict[str, Any]]:
    genre = racine.get("type")
    if genre == "FeatureCollection":
        objets = racine.get("features")
        if not isinstance(objets, list):
            raise Refus("Ce GeoJSON n'a pas de liste d'objets (« features »).")
        for objet in objets:
            if not isinstance(objet, dict):
                raise Refus("Ce GeoJSON contient un objet incorrect.")
            yield objet
    elif genre == "Feature":
        yield racine
    elif "coordinates" in racine or genre == "GeometryCollection":
        yield {"geometry": racine}
    else:
        raise Refus("Ce fichier JSON n'est pas un GeoJSON.")


# --- GeoPackage, looked at before GDAL ----------------------------------------------------------


def verifier_gpkg(chemin: Path) -> None:
    """``Refus`` for a GeoPackage that is more than tables: views, virtual tables, attached databases.

    GDAL registers virtual tables that read any file of the disk; a view runs what it says.
    """
    permis = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
    try:
        base = sqlite3.connect(f"file:{chemin}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error as erreur:
        raise Refus("Ce GeoPackage est abîmé.") from erreur
    try:
        base.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in permis else sqlite3.SQLITE_DENY)
        lignes = base.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    except sqlite3.Error as erreur:
        raise Refus("Ce GeoPackage est abîmé, ou n'en est pas un.") from erreur
    finally:
        base.close()
    if len(lignes) > 5000:
        raise Refus("Ce GeoPackage contient trop de tables.")
    noms = {str(nom).lower() for genre, nom, _, _ in lignes if genre == "table"}
    if not {"gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys"} <= noms:
        raise Refus("Ce fichier est une base SQLite, mais pas un GeoPackage.")
    for genre, nom, _, sql in lignes:
        texte = " ".join(str(sql or "").lower().split())
        if genre == "view":
            raise Refus(f"Ce GeoPackage contient une vue (« {nom} ») : exportez-la en table.")
        if texte.startswith("create virtual table") and " using rtree(" not in texte.replace(
            "rtree (", "rtree("
        ):
            raise Refus(
                f"Ce GeoPackage contient une table virtuelle (« {nom} »), qui pourrait lire ailleurs."
            )
        if genre == "table" and re.search(r"\bgenerated always\b|\bas ?\(", texte):
            raise Refus(f"Ce GeoPackage contient une colonne calculée (table « {nom} »).")


# --- dBASE: which character set? ----------------------------------------------------------------


def encodage_dbf(chemin: Path, annonce: str) -> tuple[str, str]:
    """(character set of the texts, remark). The bytes decide where the announcement is wrong or missing."""
    octets = chemin.read_bytes()
    if len(octets) < 33:
        return "CP1252", ""
    nombre, entete, longueur = struct.unpack("<IHH", octets[4:12])
    champs, position, i = [], 1, 32
    while i + 32 <= min(entete, len(octets)) and octets[i] != 0x0D:
        taille = octets[i + 16]
        if octets[i + 11 : i + 12] == b"C":
            champs.append((position, position + taille))
        position += taille
        i += 32
    utf8 = ascii_seul = True
    for n in range(min(nombre, 200_000)):
        ligne = octets[entete + n * longueur : entete + (n + 1) * longueur]
        for debut, fin in champs:
            texte = ligne[debut:fin].rstrip(b" \0")
            if texte.isascii():
                continue
            ascii_seul = False
            utf8 = utf8 and _est_utf8(texte, coupe=fin - debut - len(texte) < 4)
    dit = _jeu(annonce) or {0x03: "CP1252", 0x57: "CP1252", 0x4D: "CP936"}.get(octets[29], "")
    if ascii_seul:
        return dit or "UTF-8", ""
    if dit == "UTF-8" and not utf8:
        return (
            "CP1252",
            "Le fichier .cpg annonce UTF-8, mais les textes sont en CP1252 : ils ont été lus ainsi.",
        )
    if not dit or (dit == "CP1252" and utf8 and annonce == ""):
        return ("UTF-8" if utf8 else "CP1252"), ""
    return dit, ""


def _est_utf8(texte: bytes, coupe: bool) -> bool:
    """UTF-8, but for a last character cut by the width of the field."""
    try:
        texte.decode("utf-8")
    except UnicodeDecodeError as erreur:
        return coupe and erreur.start >= len(texte) - 3 and erreur.reason == "unexpected end of data"
    return True


def _jeu(annonce: str) -> str:
    """Python's name of the set that a .cpg file announces; empty when unknown."""
    mot = (
        annonce.strip()
        .upper()
        .replace("_", "-")
        .removeprefix("ANSI ")
        .removeprefix("CP")
        .removeprefix("WINDOWS-")
    )
    if mot in ("UTF-8", "UTF8", "65001"):
        return "UTF-8"
    if mot in ("1252",):
        return "CP1252"
    if mot.replace("-", "").replace(" ", "") in ("ISO88591", "88591", "LATIN1", "ISO885915", "885915"):
        return "ISO8859-15" if mot.endswith("15") else "CP1252"
    return ""


# --- through GDAL -------------------------------------------------------------------------------


def lire_gdal(
    source: dict[str, Any], dossier: Path, rang: int, limites: dict[str, int]
) -> Iterator[dict[str, Any]]:
    """Layers of a file, through the one driver that is left."""
    import pyogrio
    import pyogrio.raw

    pilote = PILOTES[source["format"]]
    if list(pyogrio.list_drivers()) != [pilote]:
        raise Refus("La lecture protégée n'a pas pu être mise en place : rien n'a été lu.")
    # The driver's prefix too, where it has one: a second lock.
    chemin = source["chemin"]
    prefixe = {"gpkg": "GPKG:"}.get(source["format"], "")
    try:
        noms = [str(nom) for nom, _ in pyogrio.list_layers(prefixe + chemin)]
    except Exception as erreur:
        raise Refus("Ce fichier est abîmé ou n'est pas du format annoncé.") from erreur
    if len(noms) > limites["couches"]:
        raise Refus(f"Ce fichier contient plus de {limites['couches']} couches.")
    for i, nom in enumerate(noms):
        ecrivain = Ecrivain(dossier, rang + i, limites)
        try:
            lue = _lire_couche(pyogrio, source, prefixe + chemin, nom, ecrivain)
        except (Refus, MemoryError):
            raise
        except Exception as erreur:
            raise Refus(f"La couche « {nom} » est abîmée.") from erreur
        finally:
            ecrivain.fermer()
        yield {"nom": nom, "fichier": ecrivain.nom, **lue, **_comptes(ecrivain)}


def _lire_couche(
    pyogrio: Any, source: dict[str, Any], chemin: str, nom: str, ecrivain: Ecrivain
) -> dict[str, Any]:
    import shapely

    infos = pyogrio.read_info(chemin, layer=nom)
    if infos["features"] > ecrivain.limites["objets"]:
        raise Refus(f"La couche « {nom} » contient plus de {ecrivain.limites['objets']} objets.")
    encodage, remarque = "UTF-8", ""
    options: dict[str, Any] = {}
    dbase = source["format"] in ("shp", "dbf")
    if dbase:
        # Each byte as a character: the texts are decoded here, a wrong one never stops the reading.
        options["encoding"] = "ISO-8859-1"
        if source.get("dbf"):
            encodage, remarque = encodage_dbf(Path(source["dbf"]), source.get("cpg", ""))

    def clair(texte: str) -> str:
        if not dbase:
            return texte
        return texte.encode("latin-1", "replace").decode(encodage, "replace").rstrip("\0 ")

    meta, fids, wkbs, colonnes = pyogrio.raw.read(
        chemin, layer=nom, return_fids=True, datetime_as_string=True, **options
    )
    champs = [
        (clair(str(n)), _genre_gdal(str(t))) for n, t in zip(meta["fields"], meta["dtypes"], strict=True)
    ]
    booleens = [i for i, t in enumerate(meta["dtypes"]) if str(t) == "bool"]
    nombre = len(fids) if fids is not None else len(colonnes[0]) if colonnes else 0
    for n in range(nombre):
        try:
            forme = shapely.from_wkb(wkbs[n]) if wkbs is not None and wkbs[n] is not None else None
        except shapely.errors.GEOSException:
            forme = None
        wkb, sommets = geometrie(forme, ecrivain.altitudes)
        attributs = {}
        for i, (champ, _) in enumerate(champs):
            brute = valeur(colonnes[i][n])
            attributs[champ] = (
                clair(brute) if isinstance(brute, str) else bool(brute) if i in booleens else brute
            )
        ecrivain.ecrire(wkb, sommets, attributs)
    epsg, crs = _projection(meta.get("crs"))
    return {
        "champs": champs,
        "epsg": epsg,
        "crs": crs,
        "encodage": encodage,
        "remarque": remarque,
        "geometrie": str(meta.get("geometry_type") or ""),
    }


def _genre_gdal(dtype: str) -> str:
    if dtype == "bool":
        return "booleen"
    if dtype.startswith(("int", "uint")):
        return "entier"
    if dtype.startswith("float"):
        return "reel"
    return "date" if dtype.startswith("datetime") else "texte"


def _projection(crs: str | None) -> tuple[int | None, str]:
    """(EPSG code, name) of what GDAL says; null code when it is not recognised."""
    if not crs:
        return None, ""
    import pyproj

    try:
        reference = pyproj.CRS.from_user_input(crs)
        nom = str(reference.name)
        return reference.to_epsg(min_confidence=70) or _par_nom(nom), nom[:200]
    except pyproj.exceptions.CRSError:
        return None, crs[:200]


# Names that ESRI's software writes in .prj files, where the definition alone is not recognised.
NOMS_ESRI = {
    "RGF_1993_LAMBERT_93": 2154,
    "RGF93_LAMBERT_93": 2154,
    "RGF93_V1_LAMBERT_93": 2154,
    "RGF93/LAMBERT_93": 2154,
    "LAMBERT_93": 2154,
    "GCS_WGS_1984": 4326,
    "RGAF09_UTM_ZONE_20N": 5490,
    "RGFG_1995_UTM_22N": 2972,
    "RGR_1992_UTM_40S": 2975,
    "RGM_2004_UTM_ZONE_38S": 4471,
    "RGSPM_2006_UTM_21N": 4467,
}
NOMS_ESRI.update({f"RGF_1993_CC{n}": 3900 + n for n in range(42, 51)})
NOMS_ESRI.update({f"RGF93_CC{n}": 3900 + n for n in range(42, 51)})


def _par_nom(nom: str) -> int | None:
    return NOMS_ESRI.get(nom.upper().replace(" / ", "_").replace(" ", "_"))


def _comptes(ecrivain: Ecrivain) -> dict[str, int]:
    return {
        "nombre": ecrivain.nombre,
        "sommets": ecrivain.sommets,
        "sans_geometrie": ecrivain.sans_geometrie,
    }


# --- main ---------------------------------------------------------------------------------------


def lire(demande: dict[str, Any]) -> list[dict[str, Any]]:
    """All layers of all sources of the request."""
    dossier, limites = Path(demande["dossier"]), demande["limites"]
    couches: list[dict[str, Any]] = []
    for source in demande["sources"]:
        lues: Iterable[dict[str, Any]]
        rang = demande["rang"] + len(couches)
        if source["format"] == "geojson":
            ecrivain = Ecrivain(dossier, rang, limites)
            try:
                lue = lire_geojson(Path(source["chemin"]), ecrivain)
            finally:
                ecrivain.fermer()
            lues = [{"nom": source["nom"], "fichier": ecrivain.nom, **lue, **_comptes(ecrivain)}]
        else:
            if source["format"] == "gpkg":
                verifier_gpkg(Path(source["chemin"]))
            lues = lire_gdal(source, dossier, rang, limites)
        for couche in lues:
            couche.setdefault("remarque", "")
            couche.setdefault("geometrie", "")
            # Copied under a number: the layer of a one-layer file has the file's own name.
            if source["format"] in ("shp", "dbf"):
                couche["nom"] = source["nom"]
            couches.append(
                {**couche, "cle": source["cle"], "source": source["nom"], "format": source["format"]}
            )
    return couches


def main() -> None:
    """One request, one answer."""
    if sys.argv[1:] == ["--pilotes"]:
        import pyogrio

        print(json.dumps(list(pyogrio.list_drivers())))
        return
    demande = json.loads(sys.stdin.buffer.read())
    limites = demande["limites"]
    limiter(limites["memoire"], limites["cpu_s"], limites["sortie"])
    try:
        reponse: dict[str, Any] = {"couches": lire(demande)}
    except Refus as refus:
        reponse = {"refus": str(refus)}
    except (MemoryError, RecursionError):
        reponse = {"refus": "Ce fichier demande trop de mémoire pour être lu ici."}
    except OSError:
        # Full disk or the limit on what is written: Python ignores SIGXFSZ.
        reponse = {"refus": "Ce fichier est trop volumineux une fois lu."}
    print(json.dumps(reponse, ensure_ascii=True))


if __name__ == "__main__":
    main()
