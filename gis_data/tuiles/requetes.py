"""SQL of a tile: one statement for all the elements of a layer or of a group at one zoom.

Parameters: ``$1`` the tile with its margin (geometry, EPSG:3857), ``$2`` the tile (box2d).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import F, Func, QuerySet, TextField
from django.db.models.expressions import Combinable

from gis_data.couches.registre import ZOOM_MAX, Attribut, Couche, Element

ETENDUE = 4096
# Margin asked of the index: the widest buffer of an element.
MARGE = 64
TOUR = 40_075_016.685578488
# Under this zoom shapes are simplified to a quarter of a pixel; above, the tile's grid suffices.
ZOOM_SIMPLIFIE = 15
ZOOM_EXACT = 17


class Brut(Func):
    """A column as it is stored: Django would select a geometry as bytes."""

    template = "%(expressions)s"
    output_field = TextField()


def colonne_de(attribut: Attribut) -> Combinable:
    """What the query set selects of an attribute, as it is stored."""
    source = attribut.expression
    return Brut(F(source)) if isinstance(source, str) else source


def sql_objets(objets: QuerySet[Any], colonnes: Iterable[Combinable]) -> str:
    """The query set's SQL with its values written in, selecting ``colonnes`` in order."""
    requete = objets.order_by().values_list(*colonnes)
    texte, valeurs = requete.query.sql_with_params()
    connection.ensure_connection()
    with connection.connection.cursor() as curseur:
        return curseur.mogrify(texte, valeurs).decode()


def pas(zoom: int) -> float:
    """Side of a grid cell of the tile, in Web Mercator metres."""
    return TOUR / 2**zoom / ETENDUE


def _generalise(couche: Couche, colonne: str, zoom: int) -> str:
    geometrie = colonne if couche.geometrie_tuile else f"ST_Transform({colonne}, 3857)"
    if couche.forme == "point" or zoom >= ZOOM_EXACT:
        return geometrie
    tolerance = pas(zoom) * (2 if zoom < ZOOM_SIMPLIFIE else 1)
    return f"ST_Simplify({geometrie}, {tolerance:.6g}, true)"


def sql_element(couche: Couche, element: Element, zoom: int, objets: QuerySet[Any]) -> str:
    """``SELECT ST_AsMVT(…)`` of one element."""
    attributs = couche.attributs_tuile(element, zoom)
    colonne = couche.geometrie_tuile or couche.geometrie
    interne = sql_objets(objets, [Brut(F(colonne)), Brut(F("pk")), *(colonne_de(a) for a in attributs)])
    noms = ", ".join(["g", "rang", *(f'"{a.nom}"' for a in attributs)])
    cadre = "$1" if couche.geometrie_tuile else f"ST_Transform($1, {settings.TERRITOIRE_SRID})"
    # Texts stand on the whole shape: a generalised one would move them from zoom to zoom.
    brute = "q.g" if couche.geometrie_tuile else "ST_Transform(q.g, 3857)"
    deduite = element.geometrie != "{g}"
    forme = element.geometrie.format(g=brute, z=zoom) if deduite else _generalise(couche, "q.g", zoom)
    selection = [f"ST_AsMVTGeom({forme}, $2, {ETENDUE}, {element.tampon}, true) AS geom"]
    selection += [f'q."{a.nom}"' for a in attributs]
    selection += [f'{sql.format(g=brute, z=zoom)} AS "{nom}"' for nom, sql in element.calculs.items()]
    if element.contours:
        # Neighbours share their vertices: snapped alike, they keep sharing them; simplified they would not.
        grille = pas(zoom) * (4 if zoom < ZOOM_SIMPLIFIE else 1)
        cadre_large = f"ST_Expand($2, {2 * MARGE * pas(zoom):.6g})"
        bords = f"ST_SnapToGrid(ST_Boundary(ST_ClipByBox2D({brute}, {cadre_large})), {grille:.6g})"
        une_fois = f"ST_LineMerge(ST_UnaryUnion(ST_Collect({bords}), {pas(zoom):.6g}))"
        selection = [f"ST_AsMVTGeom({une_fois}, $2, {ETENDUE}, {element.tampon}, true) AS geom"]
    condition = f"q.g && {cadre}"
    if element.condition:
        condition += f" AND ({element.condition.format(g=brute, z=zoom)})"
    # Every part comes from the registry's own code; values of rows are written by mogrify.
    # Same rows, same bytes: the tile's ETag must not hang on the plan that the server chose.
    suite = "" if element.contours else " ORDER BY q.rang"
    interieur = f"SELECT {', '.join(selection)} FROM ({interne}) AS q({noms}) WHERE {condition}{suite}"  # noqa: S608
    return f"SELECT ST_AsMVT(e, '{element.nom}', {ETENDUE}, 'geom') FROM ({interieur}) AS e"  # noqa: S608


def elements(choisies: Iterable[Couche], zoom: int, en_groupe: bool) -> list[tuple[Couche, Element]]:
    """Elements that a tile of ``zoom`` carries."""
    return [
        (couche, element)
        for couche in choisies
        for element in couche.elements
        if element.zoom_min <= zoom <= element.zoom_max and (element.dans_groupe or not en_groupe)
    ]


def sql_tuile(
    choisies: Iterable[Couche], zoom: int, *, en_groupe: bool = False, utilisateur: Any = None
) -> str | None:
    """Statement that gives the whole tile as one ``bytea``; null when nothing is shown at ``zoom``."""
    if not 0 <= zoom <= ZOOM_MAX:
        return None
    morceaux = []
    for couche, element in elements(choisies, zoom, en_groupe):
        try:
            texte = sql_element(couche, element, zoom, couche.objets(utilisateur))
        except EmptyResultSet:
            # Django knows without asking that no row is to be seen: a place closed to this reader.
            continue
        morceaux.append(f"coalesce(({texte}), ''::bytea)")
    return "SELECT " + " || ".join(morceaux) if morceaux else None
