"""Shapes of a package: projection read and checked, reprojected, repaired, made multiple."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyproj
import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry

from gis_data.contraintes.imports.base import ImportRefuse, Rapport
from gis_data.emprise import emprises_lonlat
from gis_data.ouverture import CoucheLue
from gis_data.projections import MERCATOR, transformer, vers_mercator, zone_d_emploi

# A package whose box is farther than this from the loaded communes is of another place.
MARGE_TERRITOIRE_M = 20_000
# Two zones that share more than this overlap; less is the play between two digitisations.
CHEVAUCHEMENT_M2 = 1.0
CHEVAUCHEMENT_LARGEUR_M = 0.10
CHEVAUCHEMENTS_LISTES = 200

_DIMENSIONS = {"surface": 2, "ligne": 1, "point": 0}


@dataclass
class Formes:
    """Shapes of a table, aligned with its objects (null where none is usable), in both projections."""

    legales: list[Any] = field(default_factory=list)
    mercator: list[Any] = field(default_factory=list)

    def colonnes(self, numero: int) -> dict[str, GEOSGeometry]:
        """Columns of the object of rank ``numero`` (from 1)."""
        return {
            "geom": en_geos(self.legales[numero - 1], settings.TERRITOIRE_SRID),
            "geom_3857": en_geos(self.mercator[numero - 1], MERCATOR),
        }


def en_geos(forme: Any, srid: int) -> GEOSGeometry:
    """A shapely shape for a model's field."""
    return GEOSGeometry(memoryview(shapely.to_wkb(forme)), srid=srid)


def projection_de(couche: CoucheLue, srid: int | None, rapport: Rapport) -> int:
    """EPSG code of a layer; ``ImportRefuse`` when the file does not say it and nobody does."""
    if couche.epsg is not None:
        if srid is not None and srid != couche.epsg:
            rapport.signaler(
                "PROJECTION_DU_FICHIER",
                "information",
                couche.nom,
                0,
                f"Le fichier dit EPSG:{couche.epsg} : la projection donnée à l'import (EPSG:{srid}) ne"
                f" sert pas.",
            )
        return couche.epsg
    if couche.crs:
        raise ImportRefuse(
            f"La projection de « {couche.nom} » ({couche.crs}) n'est pas reconnue. Enregistrez le"
            f" paquet dans la"
            f" projection légale (EPSG:{settings.TERRITOIRE_SRID}).",
            rapport,
        )
    if srid is None:
        raise ImportRefuse(
            f"« {couche.nom} » ne dit pas sa projection (fichier .prj manquant) : ajoutez-le, ou indiquez la"
            " projection à l'import.",
            rapport,
        )
    return srid


def lire_formes(
    couches: Sequence[CoucheLue], table: str, dimension: str, srid: int | None, rapport: Rapport
) -> Formes:
    """Shapes of a table's layers, one after the other. ``dimension``: surface, ligne, point, or mixte.

    ``ImportRefuse`` when they cannot lie in the territory.
    """
    formes = Formes()
    rang = 0
    for couche in couches:
        source = projection_de(couche, srid, rapport)
        rapport.projections[couche.nom] = source
        brutes = np.array(
            [None if o.wkb is None else shapely.from_wkb(o.wkb) for o in couche.objets()], dtype=object
        )
        try:
            legales = transformer(brutes, source, settings.TERRITOIRE_SRID)
        except pyproj.exceptions.ProjError as erreur:
            raise ImportRefuse(
                f"La projection EPSG:{source} de « {couche.nom} » est inconnue.", rapport
            ) from erreur
        verifier_place(legales, couche.nom, source, rapport)
        propres = [
            _reparer(forme, _DIMENSIONS.get(dimension), table, rang + i, rapport)
            for i, forme in enumerate(legales, start=1)
        ]
        rang += len(propres)
        tableau = np.empty(len(propres), dtype=object)
        tableau[:] = propres
        formes.legales += propres
        formes.mercator += list(vers_mercator(tableau, settings.TERRITOIRE_SRID))
    return formes


def verifier_place(formes: Any, nom: str, source: int, rapport: Rapport) -> None:
    """``ImportRefuse`` unless the shapes lie in the territory's projection, near the communes loaded."""
    coordonnees = shapely.get_coordinates(formes)
    if not len(coordonnees):
        return
    fautif = ImportRefuse(
        f"Les coordonnées de « {nom} » tombent hors du territoire. Sa projection est sans doute une"
        f" autre que celle"
        f" qu'il annonce (EPSG:{source}) : corrigez-la avant de recommencer.",
        rapport,
    )
    if not np.isfinite(coordonnees).all():
        raise fautif
    xmin, ymin = coordonnees.min(axis=0)
    xmax, ymax = coordonnees.max(axis=0)
    coins = np.array([[xmin, ymin], [xmin, ymax], [xmax, ymin], [xmax, ymax]])
    degres = shapely.get_coordinates(
        transformer(np.array(shapely.points(coins), dtype=object), settings.TERRITOIRE_SRID, 4326)
    )
    ouest, sud, est, nord = zone_d_emploi(settings.TERRITOIRE_SRID)
    if not np.isfinite(degres).all() or not (
        (degres >= (ouest - 0.5, sud - 0.5)).all() and (degres <= (est + 0.5, nord + 0.5)).all()
    ):
        raise fautif
    emprises = emprises_lonlat()
    if not emprises:
        return
    proches = transformer(
        np.array([shapely.box(*e) for e in emprises], dtype=object), 4326, settings.TERRITOIRE_SRID
    )
    if not shapely.dwithin(proches, shapely.box(xmin, ymin, xmax, ymax), MARGE_TERRITOIRE_M).any():
        raise fautif


def _reparer(forme: Any, voulue: int | None, table: str, numero: int, rapport: Rapport) -> Any:
    """The shape, valid and of its dimension; null, and an anomaly, when nothing can be kept."""
    if forme is None or shapely.is_empty(forme):
        rapport.signaler(
            "GEOMETRIE_ABSENTE",
            "erreur",
            table,
            numero,
            "Objet sans géométrie : il n'est pas importé.",
            ecrit=False,
        )
        return None
    dimension = int(shapely.get_dimensions(forme)) if voulue is None else voulue
    propre = forme
    if not shapely.is_valid(forme):
        raison = shapely.is_valid_reason(forme)
        propre = shapely.make_valid(forme)
    parties = [
        p for p in shapely.get_parts(_aplatir(propre)) if _dimension(p) == dimension and not p.is_empty
    ]
    if dimension == 2:
        # Repairing a fold leaves hairs behind.
        parties = [p for p in parties if p.area > 1e-4]
    if not parties:
        rapport.signaler(
            "GEOMETRIE_INUTILISABLE",
            "erreur",
            table,
            numero,
            f"Géométrie inutilisable ({forme.geom_type}) : l'objet n'est pas importé.",
            ecrit=False,
        )
        return None
    if propre is not forme:
        rapport.signaler(
            "GEOMETRIE_REPAREE",
            "attention",
            table,
            numero,
            f"Contour incorrect ({_en_francais(raison)}), réparé : surface {_aire(forme)} avant,"
            f" {_aire(shapely.union_all(parties))} après.",
        )
    return _multiple(parties, dimension)


def _aplatir(forme: Any) -> Any:
    """A collection whose parts are simple shapes."""
    simples: list[Any] = []
    a_voir = [forme]
    while a_voir:
        courante = a_voir.pop(0)
        if courante.geom_type in ("GeometryCollection", "MultiPolygon", "MultiLineString", "MultiPoint"):
            a_voir = [*courante.geoms, *a_voir]
        else:
            simples.append(courante)
    return shapely.GeometryCollection(simples)


def _dimension(forme: Any) -> int:
    return int(shapely.get_dimensions(forme))


def _multiple(parties: list[Any], dimension: int) -> Any:
    if dimension == 2:
        return shapely.MultiPolygon(parties)
    return shapely.MultiLineString(parties) if dimension == 1 else shapely.MultiPoint(parties)


def _aire(forme: Any) -> str:
    return f"{abs(forme.area):,.0f} m²".replace(",", "\u202f")


_RAISONS = {
    "Self-intersection": "il se croise",
    "Ring Self-intersection": "un anneau se touche lui-même",
    "Hole lies outside shell": "un trou est hors du contour",
    "Holes are nested": "deux trous s'emboîtent",
    "Nested shells": "deux contours s'emboîtent",
    "Duplicate Rings": "un anneau est en double",
    "Too few points": "il a trop peu de points",
    "Interior is disconnected": "il se coupe en deux",
}


def _en_francais(raison: str) -> str:
    return next(
        (mot for anglais, mot in _RAISONS.items() if raison.startswith(anglais)), "contour non conforme"
    )


def chevauchements(formes: Sequence[Any]) -> list[tuple[int, int, float]]:
    """Pairs of areas (ranks from 0) that overlap, with the common area in m², the largest first."""
    presentes = [i for i, forme in enumerate(formes) if forme is not None]
    if len(presentes) < 2:
        return []
    tableau = np.array([formes[i] for i in presentes], dtype=object)
    arbre = shapely.STRtree(tableau)
    gauche, droite = arbre.query(tableau, predicate="intersects")
    garde = gauche < droite
    gauche, droite = gauche[garde], droite[garde]
    communes = shapely.intersection(tableau[gauche], tableau[droite])
    aires = shapely.area(communes)
    perimetres = np.maximum(shapely.length(communes), 1e-9)
    reelles = (aires > CHEVAUCHEMENT_M2) & (2 * aires / perimetres > CHEVAUCHEMENT_LARGEUR_M)
    trouves = [
        (presentes[int(g)], presentes[int(d)], float(a))
        for g, d, a in zip(gauche[reelles], droite[reelles], aires[reelles], strict=True)
    ]
    return sorted(trouves, key=lambda t: -t[2])
