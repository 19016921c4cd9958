"""Nodes and arcs of a network, made again by sets; what does not hold together is marked.

A network is that of a commune, or of all those of its EPCI: pipes are joined across their limits.
An end takes the node that the file cites; without one, the nearest within ``TOLERANCE_M``; without any, the
ends that touch it. Water follows SENSECOUL, else the inverts of a gravity pipe, else the drawing.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection, transaction

from assainissement.regles.boucles import boucles
from assainissement.regles.tables import reseau as table
from assainissement.reseau import territoires

TOLERANCE_M = 0.10
# Two communes may each have their manhole « R1 »: that of the other is meant only this near to the end.
LIMITE_M = 50.0
_EFFACER = (
    "DELETE FROM assainissement_arete WHERE insee = ANY(%(communes)s)",
    "DELETE FROM assainissement_noeud WHERE insee = ANY(%(communes)s)",
)
# A commune that left its EPCI is still joined to the others until the network is made again.
_LIEES = """
SELECT DISTINCT a.insee, n.insee FROM assainissement_arete a
JOIN assainissement_noeud n ON n.id IN (a.amont_id, a.aval_id) AND n.insee <> a.insee
WHERE a.insee = ANY(%(communes)s) OR n.insee = ANY(%(communes)s)
"""
# An identifier may be borne by objects of two managers: the nearest is meant.
_ETAPES = (
    """INSERT INTO assainissement_noeud (insee, cle, geom, ouvrage_id)
       SELECT insee, identifiant, geom, id FROM assainissement_ouvrage WHERE insee = ANY(%(communes)s)""",
    """INSERT INTO assainissement_noeud (insee, cle, geom, appareillage_id)
       SELECT insee, identifiant, geom, id FROM assainissement_appareillage
       WHERE insee = ANY(%(communes)s)""",
    "DROP TABLE IF EXISTS ass_bouts, ass_noeuds",
    """CREATE TEMP TABLE ass_bouts ON COMMIT DROP AS
       SELECT id AS troncon, insee, 1 AS bout, noeud_initial AS cle, ST_StartPoint(geom) AS g
       FROM assainissement_troncon WHERE insee = ANY(%(communes)s)
       UNION ALL SELECT id, insee, 2, noeud_terminal, ST_EndPoint(geom)
       FROM assainissement_troncon WHERE insee = ANY(%(communes)s)""",
    """INSERT INTO assainissement_noeud (insee, cle, geom)
       SELECT DISTINCT ON (b.insee, b.cle) b.insee, b.cle, b.g FROM ass_bouts b
       WHERE b.cle <> '' AND NOT EXISTS
           (SELECT 1 FROM assainissement_noeud n WHERE n.insee = ANY(%(communes)s) AND n.cle = b.cle
            AND (n.insee = b.insee OR ST_DWithin(n.geom, b.g, %(limite)s)))
       ORDER BY b.insee, b.cle, b.troncon, b.bout""",
    "ANALYZE ass_bouts",
    "ANALYZE assainissement_noeud",
    """CREATE TEMP TABLE ass_noeuds ON COMMIT DROP AS
       SELECT DISTINCT ON (b.troncon, b.bout) b.troncon, b.bout, n.id AS noeud, false AS seul
       FROM ass_bouts b JOIN assainissement_noeud n ON n.insee = ANY(%(communes)s) AND n.cle = b.cle
           AND (n.insee = b.insee OR ST_DWithin(n.geom, b.g, %(limite)s))
       WHERE b.cle <> '' ORDER BY b.troncon, b.bout, n.geom <-> b.g, n.id""",
    """INSERT INTO ass_noeuds
       SELECT b.troncon, b.bout, p.id, false FROM ass_bouts b, LATERAL
           (SELECT n.id FROM assainissement_noeud n
            WHERE n.insee = ANY(%(communes)s) AND ST_DWithin(n.geom, b.g, %(tolerance)s)
            ORDER BY ST_Distance(n.geom, b.g), n.id LIMIT 1) p
       WHERE b.cle = ''""",
    """CREATE TEMP TABLE ass_libres ON COMMIT DROP AS
       SELECT b.troncon, b.insee, b.bout, b.g,
              ST_ClusterDBSCAN(b.g, eps := %(tolerance)s, minpoints := 1) OVER () AS groupe,
              0::bigint AS noeud
       FROM ass_bouts b LEFT JOIN ass_noeuds n ON n.troncon = b.troncon AND n.bout = b.bout
       WHERE n.noeud IS NULL""",
    """UPDATE ass_libres l SET noeud = n.cle FROM
           (SELECT groupe, nextval(pg_get_serial_sequence('assainissement_noeud', 'id')) AS cle
            FROM (SELECT DISTINCT groupe FROM ass_libres) d) n
       WHERE n.groupe = l.groupe""",
    """INSERT INTO assainissement_noeud (id, insee, cle, geom)
       SELECT DISTINCT ON (noeud) noeud, insee, '', g FROM ass_libres ORDER BY noeud, troncon, bout""",
    "INSERT INTO ass_noeuds SELECT troncon, bout, noeud, true FROM ass_libres",
    "DROP TABLE ass_libres",
    "ANALYZE ass_noeuds",
    """INSERT INTO assainissement_arete
           (troncon_id, insee, amont_id, aval_id, directe, longueur, sans_noeud, isolee, impasse, boucle)
       SELECT id, insee, CASE WHEN directe THEN debut ELSE fin END,
              CASE WHEN directe THEN fin ELSE debut END, directe, longueur, seul, false, false, false
       FROM (SELECT t.id, t.insee, i.noeud AS debut, f.noeud AS fin, i.seul OR f.seul AS seul,
                    ST_Length(t.geom) AS longueur,
                    CASE t.sens WHEN '1' THEN true WHEN '0' THEN false
                    ELSE t.mode_circulation = ANY(%(forces)s) OR coalesce(t.z_amont >= t.z_aval, true)
                    END AS directe
             FROM assainissement_troncon t
             JOIN ass_noeuds i ON i.troncon = t.id AND i.bout = 1
             JOIN ass_noeuds f ON f.troncon = t.id AND f.bout = 2
             WHERE t.insee = ANY(%(communes)s)) q""",
    "DROP TABLE ass_bouts, ass_noeuds",
    "ANALYZE assainissement_arete",
    """UPDATE assainissement_arete a SET isolee = true
       WHERE a.insee = ANY(%(communes)s) AND NOT EXISTS
           (SELECT 1 FROM assainissement_arete b WHERE b.amont_id IN (a.amont_id, a.aval_id)
            AND b.troncon_id <> a.troncon_id)
         AND NOT EXISTS
           (SELECT 1 FROM assainissement_arete b WHERE b.aval_id IN (a.amont_id, a.aval_id)
            AND b.troncon_id <> a.troncon_id)""",
    """UPDATE assainissement_arete a SET impasse = true
       FROM assainissement_noeud n LEFT JOIN assainissement_ouvrage o ON o.id = n.ouvrage_id
       WHERE a.insee = ANY(%(communes)s) AND n.id = a.aval_id
         AND left(coalesce(o.fonction, ''), 2) <> ALL(%(exutoires)s)
         AND NOT EXISTS (SELECT 1 FROM assainissement_arete b WHERE b.amont_id = a.aval_id)""",
)
_COMPTES = """
SELECT count(*), coalesce(sum(longueur), 0), count(*) FILTER (WHERE sans_noeud),
       count(*) FILTER (WHERE isolee), count(*) FILTER (WHERE impasse), count(*) FILTER (WHERE boucle)
FROM assainissement_arete WHERE insee = ANY(%s)
"""
CONSTATS = {
    "sans_noeud": "Bout sans nœud",
    "isolee": "Isolée",
    "impasse": "L'eau n'en sort pas",
    "boucle": "Dans une boucle",
}


def effacer(communes: Iterable[str]) -> list[list[str]]:
    """No node and no arc any more: before objects are deleted. Networks that are to be made again."""
    toutes = set(communes)
    with connection.cursor() as curseur:
        while True:
            ensemble = territoires.groupes(toutes)
            toutes = {code for groupe in ensemble for code in groupe}
            curseur.execute(_LIEES, {"communes": sorted(toutes)})
            if not (plus := {code for paire in curseur.fetchall() for code in paire} - toutes):
                break
            toutes |= plus
        for sql in _EFFACER:
            curseur.execute(sql, {"communes": sorted(toutes)})
    return ensemble


def construire(*communes: str, tolerance: float = TOLERANCE_M) -> dict[str, Any]:
    """Make the topology of communes again, with those of their EPCI; counts of what remains, in them all."""
    with transaction.atomic():
        ensemble = effacer(communes)
        for groupe in ensemble:
            _construire(groupe, tolerance)
    return comptes(*(code for groupe in ensemble for code in groupe))


def _construire(groupe: list[str], tolerance: float) -> None:
    v: dict[str, Any] = {
        "communes": groupe, "tolerance": tolerance, "limite": LIMITE_M, "forces": list(table.FORCES),
        "exutoires": list(table.EXUTOIRES),
    }  # fmt: skip
    with connection.cursor() as curseur:
        for sql in _ETAPES:
            curseur.execute(sql, v)
        curseur.execute(
            "SELECT troncon_id, amont_id, aval_id FROM assainissement_arete WHERE insee = ANY(%s)", [groupe]
        )
        if trouvees := boucles(curseur.fetchall()):
            curseur.execute(
                "UPDATE assainissement_arete SET boucle = true WHERE troncon_id = ANY(%s)", [trouvees]
            )


def comptes(*communes: str) -> dict[str, Any]:
    """Pipes, their length in metres, and how many show each fault."""
    with connection.cursor() as curseur:
        curseur.execute(_COMPTES, [list(communes)])
        nombre, longueur, *fautes = curseur.fetchone()
    return {"canalisations": nombre, "longueur": longueur, **dict(zip(CONSTATS, fautes, strict=True))}
