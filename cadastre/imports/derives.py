"""Communes and sections derived from the copies that each sheet carries: newest, then highest id12."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg2.extensions

from cadastre.imports.base import Base


@dataclass(frozen=True)
class _Derivee:
    table: str
    source: str
    cle: str
    colonnes: tuple[str, ...]  # of the derived row, after the key
    valeurs: tuple[str, ...]  # the same, from an occurrence ``o``


DERIVEES = (
    _Derivee("cadastre_commune", "cadastre_occurrencecommune", "insee", ("nom",), ("o.nom",)),
    _Derivee(
        "cadastre_section",
        "cadastre_occurrencesection",
        "idu10",
        ("commune", "prefixe", "section"),
        ("left(o.idu10, 5)", "substr(o.idu10, 6, 3)", "right(o.idu10, 2)"),
    ),
)


def _inserer(d: _Derivee, condition: str) -> str:
    """Upsert from the best occurrence of each key among those of ``condition``."""
    noms = (*d.colonnes, "feuille_id", "millesime", "geom", "geom_3857")
    valeurs = (*d.valeurs, "o.feuille_id", "o.millesime", "o.geom", "ST_Transform(o.geom, 3857)")
    return f"""
INSERT INTO {d.table} ({d.cle}, {", ".join(noms)})
SELECT DISTINCT ON (o.{d.cle}) o.{d.cle}, {", ".join(valeurs)}
  FROM {d.source} o JOIN cadastre_feuille f ON f.id = o.feuille_id
 WHERE {condition}
   AND NOT EXISTS (
       SELECT 1 FROM {d.table} d JOIN cadastre_feuille g ON g.id = d.feuille_id
        WHERE d.{d.cle} = o.{d.cle} AND (d.millesime, g.id12) > (o.millesime, f.id12))
 ORDER BY o.{d.cle}, o.millesime DESC, f.id12 DESC, o.rid
ON CONFLICT ({d.cle}) DO UPDATE SET {", ".join(f"{nom} = excluded.{nom}" for nom in noms)}"""  # noqa: S608


# A sheet that gave the derived row and carries the object no more: the best of the others takes over.
_PERDUES = """
DELETE FROM {table} d WHERE d.feuille_id = %(feuille)s
   AND NOT EXISTS (SELECT 1 FROM {source} o WHERE o.feuille_id = d.feuille_id AND o.{cle} = d.{cle})
RETURNING d.{cle}"""


def deriver(base: Base, curseur: psycopg2.extensions.cursor, feuille_id: int) -> None:
    """Bring the derived rows up to date after the occurrences of a sheet were replaced."""
    for d in DERIVEES:
        base.executer(curseur, _inserer(d, "o.feuille_id = %(feuille)s"), {"feuille": feuille_id})
        base.executer(
            curseur, _PERDUES.format(table=d.table, source=d.source, cle=d.cle), {"feuille": feuille_id}
        )
        perdues = [ligne[0] for ligne in curseur.fetchall()]
        if perdues:
            base.executer(curseur, _inserer(d, f"o.{d.cle} = ANY(%(cles)s)"), {"cles": perdues})
