"""What a public layer draws, summed place by place: says where its rows changed, whatever changed them.

For layers whose rows come and go one at a time (permits, occupations, a file declared by a technician):
no import tells their extent, and what makes a row public may lie in another table.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import connection
from django.db.models import F

from gis_data.couches.registre import Boites, Couche
from gis_data.tuiles.requetes import Brut, colonne_de, sql_objets

# Side of a place, in Web Mercator metres.
PLACE_M = 500
# Beyond, the sums cost more to keep than the tiles to make.
PLACES_MAX = 6_000

# Place → rows, sum of their digests, and their extent (EPSG:3857).
Empreinte = dict[str, tuple[int, str, float, float, float, float]]


def empreinte(couche: Couche) -> Empreinte | None:
    """Sums of the rows that everybody sees, by place; null where there are too many places.

    All that a tile may carry is in the sums: shape, key, and attributes of any zoom.
    """
    attributs = [a for a in couche.attributs if a.tuile is not None]
    colonnes = [
        Brut(F(couche.geometrie_tuile or couche.geometrie)),
        Brut(F("pk")),
        *map(colonne_de, attributs),
    ]
    lignes = sql_objets(couche.objets(None), colonnes)
    noms = ", ".join(["g", "rang", *(f'"{a.nom}"' for a in attributs)])
    forme = "q.g" if couche.geometrie_tuile else "ST_Transform(q.g, 3857)"
    # Every part comes from the registry's own code; values of rows are written by mogrify.
    texte = f"""
        SELECT floor((ST_XMin(forme) + ST_XMax(forme)) / {2 * PLACE_M})::int AS colonne,
               floor((ST_YMin(forme) + ST_YMax(forme)) / {2 * PLACE_M})::int AS ligne,
               count(*), sum(condense)::text,
               min(ST_XMin(forme)), min(ST_YMin(forme)), max(ST_XMax(forme)), max(ST_YMax(forme))
          FROM (SELECT {forme} AS forme, hashtextextended(q::text, 0) AS condense
                  FROM ({lignes}) AS q({noms}) WHERE NOT ST_IsEmpty(q.g)) AS r
         GROUP BY 1, 2 ORDER BY 1, 2 LIMIT {PLACES_MAX + 1}"""  # noqa: S608
    connection.ensure_connection()
    with connection.connection.cursor() as curseur:
        curseur.execute(texte)
        trouvees = curseur.fetchall()
    if len(trouvees) > PLACES_MAX:
        return None
    return {f"{colonne} {ligne}": tuple(sommes) for colonne, ligne, *sommes in trouvees}


def difference(avant: Empreinte | None, apres: Empreinte | None) -> Boites | None:
    """Where two sums differ, as it was and as it is; null: nobody knows."""
    if avant is None or apres is None:
        return None
    autres = [place for place in {*avant, *apres} if avant.get(place) != apres.get(place)]
    return [
        (sommes[2], sommes[3], sommes[4], sommes[5])
        for place in sorted(autres)
        for sommes in (avant.get(place), apres.get(place))
        if sommes
    ]


def relue(lue: object) -> dict[str, Empreinte | None]:
    """Sums by layer as they come back from JSON; ``ValueError`` or ``TypeError`` when they are no sums."""
    if not isinstance(lue, Mapping):
        raise TypeError("empreintes")
    return {
        str(nom): None
        if sommes is None
        else {str(p): (int(n), str(s), *map(float, cadre)) for p, (n, s, *cadre) in sommes.items()}  # type: ignore[misc]
        for nom, sommes in lue.items()
    }
