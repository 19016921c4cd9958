"""A file brought into a drawing: GeoJSON, DXF, GPX, GeoPackage or zipped Shapefile → GeoJSON in degrees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
import shapely
from django.conf import settings

from gis_data.ouverture.formats import FichierRefuse
from gis_data.ouverture.garde import MIO, CoucheLue, Limites, ouvrir

# A drawing is made by hand: what is larger is a layer, and is imported as one.
LIMITES_DESSIN = Limites(
    octets=10 * MIO,
    decompresse=40 * MIO,
    membres=200,
    objets=2000,
    sommets=100_000,
    couches=40,
    memoire=1024 * MIO,
    cpu_s=20,
    duree_s=40,
)
DEGRES = 4326
# Lines that a plan closes are areas; a centimetre joins their ends.
FERMETURE_M = 0.01


@dataclass
class ImportDessin:
    """``geojson``: FeatureCollection in EPSG:4326 with properties ``nom`` and ``couche``; French remarks."""

    geojson: dict[str, Any]
    remarques: list[str] = field(default_factory=list)


def lire_pour_dessin(
    fichier: IO[bytes], nom: str, *, srid: int | None = None, limites: Limites = LIMITES_DESSIN
) -> ImportDessin:
    """Shapes of an uploaded file of name ``nom``, repaired where need be, in degrees.

    ``srid``: projection of a file that says none (a DXF never does); the territory's by default.
    ``FichierRefuse``, with French words, for what is not read.
    """
    remarques: list[str] = []
    objets: list[dict[str, Any]] = []
    with ouvrir(fichier, nom, limites=limites) as contenu:
        for couche in contenu.couches:
            objets += _objets(couche, srid, remarques)
    if not objets:
        raise FichierRefuse(f"Le fichier « {nom} » ne contient aucune forme.")
    return ImportDessin({"type": "FeatureCollection", "features": objets}, list(dict.fromkeys(remarques)))


def _objets(couche: CoucheLue, srid: int | None, remarques: list[str]) -> list[dict[str, Any]]:
    lus = [objet for objet in couche.objets() if objet.wkb is not None]
    if not lus:
        return []
    source = couche.epsg
    if source is None:
        if couche.crs:
            raise FichierRefuse(
                f"La projection de « {couche.nom} » ({couche.crs}) n'est pas reconnue :"
                " enregistrez le fichier dans la projection légale ou en WGS 84."
            )
        source = srid or settings.TERRITOIRE_SRID
        remarques.append(f"Le fichier ne dit pas sa projection : EPSG:{source} a été supposé.")
    formes = np.array(shapely.from_wkb([objet.wkb for objet in lus]), dtype=object)
    if couche.format == "dxf":
        formes = np.array([_fermer(forme) for forme in formes], dtype=object)
    invalides = ~shapely.is_valid(formes)
    if invalides.any():
        formes[invalides] = shapely.make_valid(formes[invalides])
        remarques.append(f"{int(invalides.sum())} forme(s) au contour croisé ont été réparées.")
    formes = _en_degres(formes, source, couche.nom)
    return [
        {
            "type": "Feature",
            "properties": {
                "nom": _nom(objet.attributs),
                "couche": str(objet.attributs.get("Layer") or couche.nom),
            },
            "geometry": forme.__geo_interface__,
        }
        for objet, forme in zip(lus, formes, strict=True)
        if not forme.is_empty
    ]


def _nom(attributs: dict[str, Any]) -> str:
    for champ in ("nom", "name", "libelle", "Text"):
        for cle, valeur in attributs.items():
            if cle.lower() == champ.lower() and isinstance(valeur, str) and valeur:
                return valeur[:200]
    return ""


def _fermer(forme: Any) -> Any:
    """A closed line of a plan as an area."""
    if forme.geom_type != "LineString" or len(forme.coords) < 4:
        return forme
    debut, fin = forme.coords[0], forme.coords[-1]
    if max(abs(debut[0] - fin[0]), abs(debut[1] - fin[1])) > FERMETURE_M:
        return forme
    return shapely.Polygon(forme.coords)


def _en_degres(formes: Any, source: int, nom: str) -> Any:
    """The shapes in degrees; ``FichierRefuse`` when they lie nowhere near the territory's projection."""
    import pyproj

    from gis_data.projections import transformer, zone_d_emploi

    try:
        sorties = transformer(formes, source, DEGRES)
    except pyproj.exceptions.ProjError as erreur:
        raise FichierRefuse(f"La projection EPSG:{source} de « {nom} » est inconnue.") from erreur
    coordonnees = shapely.get_coordinates(sorties)
    ouest, sud, est, nord = zone_d_emploi(settings.TERRITOIRE_SRID)
    dedans = np.isfinite(coordonnees).all() and bool(
        ((coordonnees >= (ouest, sud)) & (coordonnees <= (est, nord))).all()
    )
    if not dedans:
        raise FichierRefuse(
            f"Les coordonnées de « {nom} » tombent hors du territoire : sa projection est sans doute"
            f" une autre que celle qu'il annonce (EPSG:{source})."
        )
    return sorties
