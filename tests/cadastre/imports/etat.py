"""The content of the cadastre without what differs from one run to the next: ids, runs, times."""

from __future__ import annotations

import hashlib

from django.db import connection

_IGNOREES = {
    "id",
    "feuille_id",
    "version_id",
    "import_travail_id",
    "importee_le",
    "parcelle_id",
    "batiment_id",
    "numero_voirie_id",
    "subdivision_id",
    "parent_id",
    "enfant_id",
    "a",
    "b",
}
_PARCELLE = "(SELECT coalesce(p.idu, p.idu_lu) || p.valide_du FROM cadastre_parcelle p WHERE p.id = t.{})"
# What the ids of a table stand for, in words.
_SENS = {
    "cadastre_feuille": "(SELECT v.millesime FROM cadastre_versionfeuille v WHERE v.id = t.version_id)",
    "cadastre_filiation": f"{_PARCELLE.format('parent_id')} || {_PARCELLE.format('enfant_id')}",
    "cadastre_relationedigeo": "(SELECT array_agg(DISTINCT (o.t, o.n) ORDER BY (o.t, o.n)) FROM objets o"
    " WHERE o.id = ANY(t.a || t.b)), cardinality(t.a)",
    "cadastre_batimentparcelle": f"{_PARCELLE.format('parcelle_id')} ||"
    " (SELECT b.rid FROM cadastre_batiment b WHERE b.id = t.batiment_id)",
    "cadastre_numerovoirieparcelle": f"{_PARCELLE.format('parcelle_id')} ||"
    " (SELECT n.rid FROM cadastre_numerovoirie n WHERE n.id = t.numero_voirie_id)",
    "cadastre_subdivisionparcelle": f"{_PARCELLE.format('parcelle_id')} ||"
    " (SELECT s.rid FROM cadastre_subdivisionfiscale s WHERE s.id = t.subdivision_id)",
}


def sommes_de_controle() -> dict[str, tuple[int, str]]:
    """Per table: number of rows and a checksum that no order changes."""
    sommes = {}
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT table_name, array_agg(column_name::text ORDER BY column_name)"
            " FROM information_schema.columns WHERE table_name LIKE 'cadastre_%%'"
            " AND table_schema = 'public' GROUP BY table_name"
        )
        tables = dict(curseur.fetchall())
        objets = " UNION ALL ".join(
            f"SELECT id, '{table}' AS t, rid AS n FROM {table}"
            for table, colonnes in tables.items()
            if "rid" in colonnes and "id" in colonnes
        )
        for table, colonnes in sorted(tables.items()):
            champs = [f"t.{c}" for c in colonnes if c not in _IGNOREES]
            if "feuille_id" in colonnes:
                champs.append("(SELECT f.id12 FROM cadastre_feuille f WHERE f.id = t.feuille_id)")
            if table in _SENS:
                champs.append(_SENS[table])
            curseur.execute(f"WITH objets AS ({objets}) SELECT ROW({', '.join(champs)})::text FROM {table} t")
            lignes = sorted(ligne[0] for ligne in curseur.fetchall())
            sommes[table] = (len(lignes), hashlib.sha256("\n".join(lignes).encode()).hexdigest())
    return sommes
