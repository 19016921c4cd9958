"""A ground, and what it meets: by the spatial index, measured, slivers set apart; state of a layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.conf import settings
from django.db import connection

from gis_data.contraintes.lieux import communes_de
from gis_data.contraintes.models import DocumentUrbanisme
from gis_data.contraintes.regles.parts import Morceau, Tolerance, retenir
from gis_data.contraintes.resultat import Etat

# Lines and points are met within this distance of the ground: they are drawn on its boundary.
LIMITE_M = 0.5
TOLERANCE = Tolerance()
GENRES = {0: "point", 1: "ligne", 2: "surface"}
# Columns of an object, its part on the ground, its dimension.
Rencontre = tuple[tuple[Any, ...], Any, int]
# Columns of an object, its kind, its measure (m² or m), its share of the ground (%).
Mesure = tuple[tuple[Any, ...], str, int | None, float | None]


@dataclass(frozen=True)
class Terrain:
    """The ground asked."""

    forme: Any
    wkb: bytes
    dimension: int
    mesure: float
    communes: tuple[tuple[str, str], ...] | None


def terrain_de(geometrie: Any) -> Terrain:
    forme = shapely.force_2d(geometrie)
    if not shapely.is_valid(forme):
        forme = shapely.make_valid(forme)
    if forme.is_empty:
        raise ValueError("La forme est vide.")
    dimension = int(shapely.get_dimensions(forme))
    wkb = shapely.to_wkb(forme)
    communes = communes_de(wkb)
    mesure = {2: forme.area, 1: forme.length}.get(dimension, 1.0)
    return Terrain(forme, wkb, dimension, mesure, None if communes is None else tuple(communes))


def couvre(document: DocumentUrbanisme, insee: str) -> bool:
    """Whether a version is about a commune: it names it, or it is of its département or of a wider place."""
    if document.communes:
        return insee in document.communes
    territoire = document.territoire
    return insee.startswith(territoire) if len(territoire) in (2, 3) and territoire[0] != "R" else True


def etat_de(
    terrain: Terrain, documents: Sequence[DocumentUrbanisme], trouve: bool
) -> tuple[Etat, tuple[str, ...]]:
    """State of a layer for the ground, and the communes for which it is not loaded."""
    absentes: tuple[str, ...] = ()
    if terrain.communes is None:
        charges = bool(documents)
    else:
        absentes = tuple(
            nom for insee, nom in terrain.communes if not any(couvre(d, insee) for d in documents)
        )
        charges = len(absentes) < len(terrain.communes)
    if trouve:
        return Etat.TROUVE, absentes
    return (Etat.RIEN, absentes) if charges else (Etat.NON_CHARGEE, ())


def rencontres(
    terrain: Terrain, table: str, colonnes: Sequence[str], filtre: str, valeurs: Sequence[Any]
) -> list[Rencontre]:
    """(columns, part of the object on the ground, dimension of the object); by the spatial index."""
    # Every name comes from this module; values are parameters.
    requete = f"""
        WITH p AS MATERIALIZED (SELECT ST_GeomFromWKB(%s, %s) AS g)
        SELECT {", ".join(f"o.{c}" for c in colonnes)}, ST_Dimension(o.geom),
               ST_AsBinary(ST_Intersection(o.geom, p.g))
        FROM {table} o, p
        WHERE o.geom && (SELECT ST_Expand(g, {LIMITE_M}) FROM p) AND {filtre}
          AND CASE WHEN ST_Dimension(o.geom) = 2 THEN ST_Intersects(o.geom, p.g)
                   ELSE ST_DWithin(o.geom, p.g, {LIMITE_M}) END
        ORDER BY o.id
    """  # noqa: S608
    with connection.cursor() as curseur:
        curseur.execute(requete, [terrain.wkb, settings.TERRITOIRE_SRID, *valeurs])
        lignes = curseur.fetchall()
    return [(ligne[:-2], shapely.from_wkb(bytes(ligne[-1])), int(ligne[-2])) for ligne in lignes]


def mesure_de(forme: Any, dimension: int) -> float:
    """Area in m², length in m."""
    if dimension == 2:
        return float(forme.area)
    return float(forme.length) if dimension == 1 else 0.0


def concerne(document: DocumentUrbanisme, terrain: Terrain) -> bool:
    """Whether a version is about some part of the ground."""
    return terrain.communes is None or any(couvre(document, insee) for insee, _ in terrain.communes)


def trier(terrain: Terrain, trouvees: list[Rencontre]) -> tuple[list[Mesure], list[Mesure]]:
    """(kept, slivers): (columns, kind, measure, share)."""
    gardes: list[Any] = []
    eclats: list[Any] = []
    surfaces = []
    for i, (ligne, forme, dimension) in enumerate(trouvees):
        genre = GENRES[dimension]
        if dimension == 2 and terrain.dimension == 2:
            surfaces.append(Morceau(i, forme.area, forme.length))
        elif dimension == 2 and terrain.dimension == 1:
            pct = round(100 * forme.length / terrain.mesure, 1) if terrain.mesure else None
            gardes.append((i, ligne, genre, None, pct))
        elif dimension == 1:
            gardes.append((i, ligne, genre, round(forme.length) or None, None))
        else:
            gardes.append((i, ligne, genre, None, None))
    retenues, minces = retenir(terrain.mesure, surfaces, TOLERANCE)
    gardes += [(p.cle, trouvees[p.cle][0], "surface", p.mesure, p.pct) for p in retenues]
    eclats += [
        (trouvees[p.cle][0], "surface", p.mesure, p.pct) for p in minces if trouvees[p.cle][1].area > 0
    ]
    return [g[1:] for g in sorted(gardes, key=lambda g: g[0])], eclats
