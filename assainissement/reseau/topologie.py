"""Nodes and arcs of a commune's network, made again by sets; what does not hold together is marked.

An end takes the node that the file cites; without one, the nearest within ``TOLERANCE_M``; without any, the
ends that touch it. Water follows SENSECOUL, else the inverts of a gravity pipe, else the drawing.
"""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from assainissement.regles.boucles import boucles
from assainissement.regles.tables import reseau as table

TOLERANCE_M = 0.10
_EFFACER = (
    "DELETE FROM assainissement_arete WHERE insee = %(insee)s",
    "DELETE FROM assainissement_noeud WHERE insee = %(insee)s",
)
# An identifier may be borne by objects of two managers: the nearest is meant.
_ETAPES = (
    """INSERT INTO assainissement_noeud (insee, cle, geom, ouvrage_id)
       SELECT insee, identifiant, geom, id FROM assainissement_ouvrage WHERE insee = %(insee)s""",
    """INSERT INTO assainissement_noeud (insee, cle, geom, appareillage_id)
       SELECT insee, identifiant, geom, id FROM assainissement_appareillage WHERE insee = %(insee)s""",
    "DROP TABLE IF EXISTS ass_bouts, ass_noeuds",
    """CREATE TEMP TABLE ass_bouts ON COMMIT DROP AS
       SELECT id AS troncon, 1 AS bout, noeud_initial AS cle, ST_StartPoint(geom) AS g
       FROM assainissement_troncon WHERE insee = %(insee)s
       UNION ALL SELECT id, 2, noeud_terminal, ST_EndPoint(geom)
       FROM assainissement_troncon WHERE insee = %(insee)s""",
    """INSERT INTO assainissement_noeud (insee, cle, geom)
       SELECT DISTINCT ON (b.cle) %(insee)s, b.cle, b.g FROM ass_bouts b
       WHERE b.cle <> '' AND NOT EXISTS
           (SELECT 1 FROM assainissement_noeud n WHERE n.insee = %(insee)s AND n.cle = b.cle)
       ORDER BY b.cle, b.troncon, b.bout""",
    "ANALYZE ass_bouts",
    "ANALYZE assainissement_noeud",
    """CREATE TEMP TABLE ass_noeuds ON COMMIT DROP AS
       SELECT DISTINCT ON (b.troncon, b.bout) b.troncon, b.bout, n.id AS noeud, false AS seul
       FROM ass_bouts b JOIN assainissement_noeud n ON n.insee = %(insee)s AND n.cle = b.cle
       WHERE b.cle <> '' ORDER BY b.troncon, b.bout, n.geom <-> b.g, n.id""",
    """INSERT INTO ass_noeuds
       SELECT b.troncon, b.bout, p.id, false FROM ass_bouts b, LATERAL
           (SELECT n.id FROM assainissement_noeud n
            WHERE n.insee = %(insee)s AND ST_DWithin(n.geom, b.g, %(tolerance)s)
            ORDER BY ST_Distance(n.geom, b.g), n.id LIMIT 1) p
       WHERE b.cle = ''""",
    """CREATE TEMP TABLE ass_libres ON COMMIT DROP AS
       SELECT b.troncon, b.bout, b.g,
              ST_ClusterDBSCAN(b.g, eps := %(tolerance)s, minpoints := 1) OVER () AS groupe,
              0::bigint AS noeud
       FROM ass_bouts b LEFT JOIN ass_noeuds n ON n.troncon = b.troncon AND n.bout = b.bout
       WHERE n.noeud IS NULL""",
    """UPDATE ass_libres l SET noeud = n.cle FROM
           (SELECT groupe, nextval(pg_get_serial_sequence('assainissement_noeud', 'id')) AS cle
            FROM (SELECT DISTINCT groupe FROM ass_libres) d) n
       WHERE n.groupe = l.groupe""",
    """INSERT INTO assainissement_noeud (id, insee, cle, geom)
       SELECT DISTINCT ON (noeud) noeud, %(insee)s, '', g FROM ass_libres ORDER BY noeud, troncon, bout""",
    "INSERT INTO ass_noeuds SELECT troncon, bout, noeud, true FROM ass_libres",
    "DROP TABLE ass_libres",
    "ANALYZE ass_noeuds",
    """INSERT INTO assainissement_arete
           (troncon_id, insee, amont_id, aval_id, directe, longueur, sans_noeud, isolee, impasse, boucle)
       SELECT id, %(insee)s, CASE WHEN directe THEN debut ELSE fin END,
              CASE WHEN directe THEN fin ELSE debut END, directe, longueur, seul, false, false, false
       FROM (SELECT t.id, i.noeud AS debut, f.noeud AS fin, i.seul OR f.seul AS seul,
                    ST_Length(t.geom) AS longueur,
                    CASE t.sens WHEN '1' THEN true WHEN '0' THEN false
                    ELSE t.mode_circulation = ANY(%(forces)s) OR coalesce(t.z_amont >= t.z_aval, true)
                    END AS directe
             FROM assainissement_troncon t
             JOIN ass_noeuds i ON i.troncon = t.id AND i.bout = 1
             JOIN ass_noeuds f ON f.troncon = t.id AND f.bout = 2
             WHERE t.insee = %(insee)s) q""",
    "DROP TABLE ass_bouts, ass_noeuds",
    "ANALYZE assainissement_arete",
    """UPDATE assainissement_arete a SET isolee = true
       WHERE a.insee = %(insee)s AND NOT EXISTS
           (SELECT 1 FROM assainissement_arete b WHERE b.amont_id IN (a.amont_id, a.aval_id)
            AND b.troncon_id <> a.troncon_id)
         AND NOT EXISTS
           (SELECT 1 FROM assainissement_arete b WHERE b.aval_id IN (a.amont_id, a.aval_id)
            AND b.troncon_id <> a.troncon_id)""",
    """UPDATE assainissement_arete a SET impasse = true
       FROM assainissement_noeud n LEFT JOIN assainissement_ouvrage o ON o.id = n.ouvrage_id
       WHERE a.insee = %(insee)s AND n.id = a.aval_id
         AND left(coalesce(o.fonction, ''), 2) <> ALL(%(exutoires)s)
         AND NOT EXISTS (SELECT 1 FROM assainissement_arete b WHERE b.amont_id = a.aval_id)""",
)
_COMPTES = """
SELECT count(*), coalesce(sum(longueur), 0), count(*) FILTER (WHERE sans_noeud),
       count(*) FILTER (WHERE isolee), count(*) FILTER (WHERE impasse), count(*) FILTER (WHERE boucle)
FROM assainissement_arete WHERE insee = %s
"""
CONSTATS = {
    "sans_noeud": "Bout sans nœud",
    "isolee": "Isolée",
    "impasse": "L'eau n'en sort pas",
    "boucle": "Dans une boucle",
}


def effacer(insee: str) -> None:
    """No node and no arc any more: before objects are deleted."""
    with connection.cursor() as curseur:
        for sql in _EFFACER:
            curseur.execute(sql, {"insee": insee})


def construire(insee: str, tolerance: float = TOLERANCE_M) -> dict[str, Any]:
    """Make the topology of a commune again; counts of what remains to be looked at."""
    v: dict[str, Any] = {
        "insee": insee, "tolerance": tolerance, "forces": list(table.FORCES),
        "exutoires": list(table.EXUTOIRES),
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as curseur:
        for sql in (*_EFFACER, *_ETAPES):
            curseur.execute(sql, v)
        curseur.execute(
            "SELECT troncon_id, amont_id, aval_id FROM assainissement_arete WHERE insee = %s", [insee]
        )
        if trouvees := boucles(curseur.fetchall()):
            curseur.execute(
                "UPDATE assainissement_arete SET boucle = true WHERE troncon_id = ANY(%s)", [trouvees]
            )
    return comptes(insee)


def comptes(insee: str) -> dict[str, Any]:
    """Pipes, their length in metres, and how many show each fault."""
    with connection.cursor() as curseur:
        curseur.execute(_COMPTES, [insee])
        nombre, longueur, *fautes = curseur.fetchone()
    return {"canalisations": nombre, "longueur": longueur, **dict(zip(CONSTATS, fautes, strict=True))}
