"""Streets and numbers of the plan, pushed into the town hall's addresses after each import of a commune."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry, MultiLineString, Point
from django.db import connection

from cadastre.regles.noms import nom_lieu
from mairie.adresses.demo import retoucher
from mairie.adresses.rapprochement import Bilan
from mairie.adresses.service import NumeroPlan, VoiePlan, recevoir_plan
from mairie.demo import INSEE
from mairie.models import EvenementDomaine, Voie

# A number belongs to the nearest named axis, 50 m away at most.
DISTANCE_AXE_M = 50

_VOIES = """
SELECT min(a.nom), ST_AsBinary(ST_Multi(ST_LineMerge(ST_Union(a.geom))))
FROM cadastre_axevoie a JOIN cadastre_feuille f ON f.id = a.feuille_id
WHERE f.commune = %(insee)s AND a.nom <> '' AND a.geom IS NOT NULL
GROUP BY cadastre_texte_cherche(a.nom) ORDER BY 1
"""
_NUMEROS = """
SELECT n.numero, COALESCE(v.nom, ''), ST_X(n.geom), ST_Y(n.geom),
    ARRAY(SELECT p.idu FROM cadastre_numerovoirieparcelle l JOIN cadastre_parcelle p ON p.id = l.parcelle_id
          WHERE l.numero_voirie_id = n.id AND p.valide_au IS NULL AND p.idu IS NOT NULL ORDER BY p.idu)
FROM cadastre_numerovoirie n JOIN cadastre_feuille f ON f.id = n.feuille_id
LEFT JOIN LATERAL (
    SELECT a.nom FROM cadastre_axevoie a
    WHERE a.nom <> '' AND ST_DWithin(a.geom, n.geom, %(distance)s) ORDER BY a.geom <-> n.geom LIMIT 1
) v ON true
WHERE f.commune = %(insee)s AND n.geom IS NOT NULL AND n.numero <> '' ORDER BY n.id
"""
_PARCELLE = """
SELECT p.idu FROM cadastre_parcelle p
WHERE p.valide_au IS NULL AND p.idu IS NOT NULL
  AND ST_Intersects(p.geom, ST_SetSRID(ST_MakePoint(%s, %s), %s)) ORDER BY p.idu LIMIT 1
"""


def pousser(insee: str) -> Bilan:
    """Give the town hall all streets and numbers that the plan shows of this commune today."""
    srid = settings.TERRITOIRE_SRID
    with connection.cursor() as curseur:
        curseur.execute(_VOIES, {"insee": insee})
        voies = []
        for nom, wkb in curseur.fetchall():
            axe = GEOSGeometry(memoryview(wkb), srid=srid)
            voies.append(VoiePlan(nom_lieu(nom), axe if isinstance(axe, MultiLineString) else None))
        curseur.execute(_NUMEROS, {"insee": insee, "distance": DISTANCE_AXE_M})
        numeros = [
            NumeroPlan(numero, nom_lieu(voie), Point(x, y, srid=srid), tuple(idus))
            for numero, voie, x, y, idus in curseur.fetchall()
        ]
    return recevoir_plan(insee, voies, numeros)


def sur_millesime(evenement: EvenementDomaine) -> None:
    """Subscriber of ``cadastre.millesime_importe``."""
    pousser(evenement.charge["insee"])


def demo(jour: date) -> str:
    """Step of the demonstration: the addresses of the fictional commune, from its plan."""
    bilan = pousser(INSEE)
    fait = retoucher(INSEE)
    # The plan again: what was moved by hand is kept, and the difference listed.
    pousser(INSEE)
    voies = Voie.objects.filter(insee=INSEE, active=True).count()
    return f"{bilan.numeros} numéros, {voies} voies, {fait}"


def parcelle_au_point(x: float, y: float) -> str | None:
    """``idu`` of today's parcel at a place of the territory's projection; null where there is none."""
    with connection.cursor() as curseur:
        curseur.execute(_PARCELLE, [x, y, settings.TERRITOIRE_SRID])
        ligne = curseur.fetchone()
    return ligne[0] if ligne else None
