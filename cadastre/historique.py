"""Where parcels come from and what they became, along the chain of filiation."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db import connection

# A chain stops by itself (a child is always younger); the bound only keeps a faulty table from looping.
GENERATIONS_MAX = 50


@dataclass(frozen=True)
class Descendant:
    """A parcel of today and the share (0–1) of the old one that it holds."""

    idu: str
    part: float


_DESCENDANCE = """
WITH RECURSIVE chaine(origine, id, part, rang) AS (
    SELECT v, v, 1.0::float8, 0 FROM unnest(%s::bigint[]) AS v
    UNION ALL
    SELECT c.origine, f.enfant_id, c.part * f.part_parent::float8, c.rang + 1
    FROM chaine c JOIN cadastre_filiation f ON f.parent_id = c.id
    WHERE c.rang < %s
)
SELECT c.origine, p.idu, sum(c.part)
FROM chaine c JOIN cadastre_parcelle p ON p.id = c.id
WHERE p.valide_au IS NULL AND p.idu IS NOT NULL
GROUP BY c.origine, p.idu
ORDER BY c.origine, sum(c.part) DESC, p.idu
"""


def descendance(versions: list[int]) -> dict[int, list[Descendant]]:
    """Parcels of today that each closed version became, the largest share first; one query."""
    sortie: dict[int, list[Descendant]] = defaultdict(list)
    if versions:
        with connection.cursor() as curseur:
            curseur.execute(_DESCENDANCE, [versions, GENERATIONS_MAX])
            for origine, idu, part in curseur.fetchall():
                sortie[origine].append(Descendant(idu, min(part, 1.0)))
    return dict(sortie)


@dataclass(frozen=True)
class VersionHistorique:
    """One version of a parcel, with what it came from and what it gave (id, share of this version)."""

    id: int
    idu: str
    valide_du: date
    valide_au: date | None
    contenance: int | None
    surface_geometrique: float | None
    parents: tuple[tuple[int, float], ...] = ()
    enfants: tuple[tuple[int, float], ...] = ()


_ARBRE = """
WITH RECURSIVE propres AS (
    SELECT id FROM cadastre_parcelle WHERE idu = %(idu)s
), remonte(id, rang) AS (
    SELECT id, 0 FROM propres
    UNION
    SELECT f.parent_id, r.rang + 1 FROM remonte r JOIN cadastre_filiation f ON f.enfant_id = r.id
    WHERE r.rang < %(max)s
), descend(id, rang) AS (
    SELECT id, 0 FROM propres
    UNION
    SELECT f.enfant_id, d.rang + 1 FROM descend d JOIN cadastre_filiation f ON f.parent_id = d.id
    WHERE d.rang < %(max)s
), noeuds AS (SELECT id FROM remonte UNION SELECT id FROM descend)
SELECT p.id, p.idu, p.valide_du, p.valide_au, p.contenance, p.surface_geometrique,
       COALESCE((SELECT array_agg(f.parent_id ORDER BY f.part_enfant DESC) FROM cadastre_filiation f
                 WHERE f.enfant_id = p.id), '{}'),
       COALESCE((SELECT array_agg(f.part_enfant::float8 ORDER BY f.part_enfant DESC) FROM cadastre_filiation f
                 WHERE f.enfant_id = p.id), '{}'),
       COALESCE((SELECT array_agg(f.enfant_id ORDER BY f.part_parent DESC) FROM cadastre_filiation f
                 WHERE f.parent_id = p.id), '{}'),
       COALESCE((SELECT array_agg(f.part_parent::float8 ORDER BY f.part_parent DESC) FROM cadastre_filiation f
                 WHERE f.parent_id = p.id), '{}')
FROM noeuds n JOIN cadastre_parcelle p ON p.id = n.id
ORDER BY p.valide_du, p.idu
LIMIT 500
"""


def arbre(idu: str) -> list[VersionHistorique]:
    """Every version of ``idu``, its ancestors and its descendants, oldest first; one query."""
    with connection.cursor() as curseur:
        curseur.execute(_ARBRE, {"idu": idu, "max": GENERATIONS_MAX})
        return [
            VersionHistorique(
                id=ligne[0],
                idu=ligne[1] or "",
                valide_du=ligne[2],
                valide_au=ligne[3],
                contenance=ligne[4],
                surface_geometrique=ligne[5],
                parents=tuple(zip(ligne[6], ligne[7], strict=True)),
                enfants=tuple(zip(ligne[8], ligne[9], strict=True)),
            )
            for ligne in curseur.fetchall()
        ]
