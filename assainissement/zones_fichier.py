"""Zones of a file: read through the guarded door, each in its commune, those refused given back.

One row that covers several communes is cut along their limits, unless it names its commune.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
import pyproj
import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon

from assainissement.reseau.territoires import noms
from cadastre.models import Commune
from gis_data.ouverture import FichierRefuse, Limites, ouvrir
from gis_data.projections import transformer

MIO = 1024**2
LIMITES = Limites(
    octets=30 * MIO, decompresse=120 * MIO, membres=200, objets=3000, sommets=500_000, couches=10,
    memoire=1024 * MIO, cpu_s=30, duree_s=60,
)  # fmt: skip
FORMATS = ("shp", "dbf", "gpkg", "geojson")
VIDE = shapely.to_wkb(shapely.MultiPolygon())
COLONNES_INSEE = (
    "insee", "code_insee", "codeinsee", "insee_com", "insee_commune", "commune_insee", "codgeo", "depcom",
)  # fmt: skip
# Two plans never lie exactly on one another: what a limit cuts off below this is no zone.
PART_MIN_M2 = 10.0


@dataclass(frozen=True)
class Lue:
    """One row of a file: its attributes, its polygons in the legal projection (empty when it has none)."""

    rang: int
    attributs: dict[str, Any]
    forme: Any


def lire(fichier: IO[bytes], nom: str) -> list[Lue]:
    """Every row of every layer; ``FichierRefuse`` for no such file, or one without any shape."""
    lues: list[Lue] = []
    with ouvrir(fichier, nom, limites=LIMITES, formats=FORMATS) as contenu:
        for couche in contenu.couches:
            if couche.epsg is None:
                raise FichierRefuse(
                    f"La projection de « {couche.nom} » n'est pas reconnue ({couche.crs or 'non dite'}) :"
                    " enregistrez le fichier dans la projection légale ou en WGS 84."
                )
            # Objects without a shape are read too: a count that does not add up is a lie.
            objets = list(couche.objets())
            if not objets:
                continue
            brutes = np.array(shapely.from_wkb([o.wkb or VIDE for o in objets]), dtype=object)
            try:
                places = transformer(brutes, couche.epsg, settings.TERRITOIRE_SRID)
            except pyproj.exceptions.ProjError as erreur:
                raise FichierRefuse(f"La projection EPSG:{couche.epsg} est inconnue.") from erreur
            for objet, forme in zip(objets, places, strict=True):
                lues.append(Lue(len(lues) + 1, objet.attributs, surface(forme)))
    if not any(not lue.forme.is_empty for lue in lues):
        raise FichierRefuse(f"Le fichier « {nom} » ne contient aucune forme.")
    return lues


def surface(forme: Any) -> Any:
    """The polygons of a shape, repaired; empty when it has none."""
    if not shapely.is_valid(forme):
        forme = shapely.make_valid(forme)
    parties = [p for p in shapely.get_parts(forme) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.MultiPolygon([q for p in parties for q in shapely.get_parts(p)])


def contours(communes: Iterable[str]) -> dict[str, Any]:
    """Ground of communes by code; those whose contour is not loaded are missing."""
    lignes = Commune.objects.filter(insee__in=list(communes), geom__isnull=False).values_list("insee", "geom")
    return {code: shapely.from_wkb(bytes(geom.wkb)) for code, geom in lignes if geom is not None}


def colonne(attributs: Mapping[str, Any], noms_: Sequence[str]) -> Any:
    """The first filled attribute of these names, in any case; null when there is none."""
    bas = {c.lower().strip(): v for c, v in attributs.items()}
    return next((bas[c] for c in noms_ if bas.get(c) not in (None, "")), None)


def code_insee(attributs: Mapping[str, Any]) -> str:
    """The commune that a row names, in five characters; empty when it names none."""
    brut = colonne(attributs, COLONNES_INSEE)
    if brut is None or isinstance(brut, bool):
        return ""
    return en_mot(brut).strip().upper().zfill(5)


def en_mot(brut: Any) -> str:
    """A value in words, as a text column would say it: « 1 » of a column of decimals is not « 1.0 »."""
    if brut is None:
        return ""
    return str(int(brut)) if isinstance(brut, float) and brut.is_integer() else str(brut)


def voisines(formes: Sequence[Any]) -> dict[int, list[int]]:
    """For each shape, those before it in the file that touch it."""
    sortie: dict[int, list[int]] = {}
    for un, autre in shapely.STRtree(formes).query(formes, predicate="intersects").T.tolist():
        if autre < un:
            sortie.setdefault(un, []).append(autre)
    return {un: sorted(liste) for un, liste in sortie.items()}


def repartir(lues: Sequence[Lue], communes: Sequence[str]) -> list[dict[str, Any]]:
    """Objects to check, each in one commune: ``rang``, ``insee``, ``attributs``, ``forme``, ``fautes``,
    ``remarque`` (what a limit left aside)."""
    sols = contours(communes)
    nommes = dict(zip(communes, noms(communes), strict=True))
    sortie: list[dict[str, Any]] = []
    for lue in lues:
        dite = code_insee(lue.attributs)
        if dite and dite not in communes:
            qui = " ni ".join(nommes.values()) if len(communes) <= 3 else "l'une des communes de l'import"
            faute = (
                f"Commune {dite} : ce n'est pas {qui}."
                if len(communes) > 1
                else (f"Commune {dite} : cet import est pour {nommes[communes[0]]}.")
            )
            sortie.append(_objet(lue, communes[0], lue.forme, [faute]))
        elif dite or len(communes) == 1:
            sortie.append(_objet(lue, dite or communes[0], lue.forme, []))
        else:
            sortie += _decouper(lue, nommes, sols)
    for o in sortie:
        sol = sols.get(o["insee"])
        if not o["fautes"] and not o["forme"].is_empty and sol is not None and not sol.intersects(o["forme"]):
            ou = "la commune" if len(communes) == 1 else nommes[o["insee"]]
            o["fautes"].append(f"Hors de {ou}.")
    return sortie


def _decouper(lue: Lue, nommes: Mapping[str, str], sols: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row that names no commune, cut along the limits of those that it covers."""
    communes = list(nommes)
    if lue.forme.is_empty:
        return [_objet(lue, communes[0], lue.forme, [])]
    if manquent := [c for c in communes if c not in sols]:
        faute = (
            f"Commune inconnue : ajoutez une colonne « insee », ou importez d'abord le plan de"
            f" {', '.join(nommes[c] for c in manquent[:3])}."
        )
        return [_objet(lue, communes[0], lue.forme, [faute])]
    parts = {c: surface(lue.forme.intersection(sols[c])) for c in communes if sols[c].intersects(lue.forme)}
    gardees = {c: p for c, p in parts.items() if p.area >= PART_MIN_M2}
    if not gardees:
        return [_objet(lue, communes[0], lue.forme, ["Hors des communes de l'import."])]
    dehors = lue.forme.area - sum(p.area for p in gardees.values())
    remarque = f"{dehors:.0f} m² hors des communes de l'import, laissés." if dehors >= 1 else ""
    seule = len(gardees) == 1 and not remarque
    return [
        _objet(lue, c, lue.forme if seule else p, [], remarque if rang == 0 else "")
        for rang, (c, p) in enumerate(gardees.items())
    ]


def _objet(lue: Lue, insee: str, forme: Any, fautes: list[str], remarque: str = "") -> dict[str, Any]:
    return {
        "rang": lue.rang,
        "insee": insee,
        "attributs": lue.attributs,
        "forme": forme,
        "fautes": fautes,
        "remarque": remarque,
    }


def en_json(o: Mapping[str, Any]) -> dict[str, Any]:
    """An object as it is kept until the confirmation."""
    attributs = {c: v for c, v in o["attributs"].items() if isinstance(v, str | int | float | bool)}
    return {
        **{c: v for c, v in o.items() if c != "forme"},
        "attributs": attributs,
        "surface_m2": round(o["forme"].area),
        "wkt": shapely.to_wkt(o["forme"], rounding_precision=3),
    }


def multiple(wkt: str) -> MultiPolygon:
    """Ground kept as text, as the tables want it."""
    sol = GEOSGeometry(wkt, srid=settings.TERRITOIRE_SRID)
    assert isinstance(sol, MultiPolygon)  # noqa: S101 - made so when read
    return sol


def geojson(objets: Sequence[Mapping[str, Any]]) -> str:
    """Refused zones as GeoJSON in degrees, with their own attributes and the reasons; replayable."""
    formes = transformer(
        np.array([shapely.from_wkt(o["wkt"]) for o in objets], dtype=object), settings.TERRITOIRE_SRID, 4326
    )
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {**o["attributs"], "motif": " ".join(o["fautes"])},
                    "geometry": shapely.geometry.mapping(f) if not f.is_empty else None,
                }
                for o, f in zip(objets, formes, strict=True)
            ],
        },
        ensure_ascii=False,
    )
