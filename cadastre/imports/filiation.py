"""The step by commune after the sheets: filiation by geometry and the domain events of the run.

The queue ``FiliationAFaire`` is filled in each sheet's own transaction and emptied here, one
transaction a commune: a kill in between leaves it to the next run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction

from cadastre.models import FiliationAFaire
from gis_data.imports.pannes import point_de_panne
from mairie.evenements import emettre

PART_MIN = 0.01
AIRE_MIN_M2 = 1.0

# Versions closed and opened at the dates of the queue. A parent began before its child, so that no
# chain can turn in circles.
_FILIER = """
INSERT INTO cadastre_filiation (parent_id, enfant_id, aire_commune, part_parent, part_enfant, source,
                                import_travail_id)
SELECT p.id, e.id, c.aire, round((c.aire / p.aire)::numeric, 4), round((c.aire / e.aire)::numeric, 4),
       'geometrie', %(import)s
  FROM (SELECT id, geom, valide_du, ST_Area(geom) AS aire FROM cadastre_parcelle
         WHERE commune = %(commune)s AND valide_au = ANY(%(dates)s::date[]) AND geom IS NOT NULL) p
  JOIN (SELECT id, geom, valide_du, ST_Area(geom) AS aire FROM cadastre_parcelle
         WHERE commune = %(commune)s AND valide_du = ANY(%(dates)s::date[]) AND geom IS NOT NULL) e
    ON p.geom && e.geom AND p.valide_du < e.valide_du
 CROSS JOIN LATERAL (SELECT ST_Area(ST_Intersection(p.geom, e.geom)) AS aire) c
 WHERE p.aire > 0 AND e.aire > 0 AND c.aire >= greatest(%(aire_min)s, %(part_min)s * least(p.aire, e.aire))
ON CONFLICT (parent_id, enfant_id) DO NOTHING"""

# The same number closed and opened at one date, with nothing in common in the drawing.
_SUIVRE = """
INSERT INTO cadastre_filiation (parent_id, enfant_id, aire_commune, part_parent, part_enfant, source,
                                import_travail_id)
SELECT p.id, e.id, 0, 1, 1, 'identifiant', %(import)s
  FROM cadastre_parcelle p JOIN cadastre_parcelle e ON e.idu = p.idu AND e.valide_du = p.valide_au
 WHERE p.commune = %(commune)s AND p.valide_au = ANY(%(dates)s::date[])
   AND NOT EXISTS (SELECT 1 FROM cadastre_filiation f WHERE f.parent_id = p.id AND f.enfant_id = e.id)"""

_OUBLIER = """
DELETE FROM cadastre_filiation f USING cadastre_parcelle p, cadastre_parcelle e
 WHERE p.id = f.parent_id AND e.id = f.enfant_id AND f.source IN ('geometrie', 'identifiant')
   AND p.commune = %(commune)s AND e.commune = %(commune)s
   AND (e.valide_du = ANY(%(dates)s::date[]) OR p.valide_au = ANY(%(dates)s::date[]))"""


def traiter_file(battre: Callable[[], None] = lambda: None) -> int:
    """Work through the queue, commune after commune; how many communes were treated."""
    communes = list(FiliationAFaire.objects.order_by("commune").values_list("commune", flat=True).distinct())
    for commune in communes:
        battre()
        point_de_panne("avant_filiation")
        traiter_commune(commune)
    return len(communes)


def traiter_commune(commune: str) -> None:
    """Filiation and events of one commune, and its lines of the queue gone, in one transaction."""
    with transaction.atomic():
        lignes = list(FiliationAFaire.objects.select_for_update().filter(commune=commune).order_by("id"))
        par_import: dict[int, list[FiliationAFaire]] = defaultdict(list)
        for ligne in lignes:
            par_import[ligne.import_travail_id].append(ligne)
        for import_id, feuilles in par_import.items():
            closes = sum(ligne.supprimees + ligne.modifiees for ligne in feuilles)
            reprises = any(ligne.reprise for ligne in feuilles)
            if closes or reprises:
                _filier(commune, import_id, feuilles, reprises=reprises)
            _annoncer(commune, import_id, feuilles, closes=bool(closes))
        point_de_panne("pendant_filiation")
        FiliationAFaire.objects.filter(pk__in=[ligne.pk for ligne in lignes]).delete()


def _filier(commune: str, import_id: int, feuilles: list[FiliationAFaire], *, reprises: bool) -> None:
    valeurs: dict[str, Any] = {
        "commune": commune,
        "dates": sorted({ligne.millesime for ligne in feuilles}),
        "import": import_id,
        "aire_min": AIRE_MIN_M2,
        "part_min": PART_MIN,
    }
    with connection.cursor() as curseur:
        if reprises:
            curseur.execute(_OUBLIER, valeurs)
        curseur.execute(_FILIER, valeurs)
        curseur.execute(_SUIVRE, valeurs)


def _annoncer(commune: str, import_id: int, feuilles: list[FiliationAFaire], *, closes: bool) -> None:
    """One event a run and commune, counts only; the second where versions were closed."""
    charge = {
        "insee": commune,
        "millesime": max(ligne.millesime for ligne in feuilles).isoformat(),
        "import_id": import_id,
        "feuilles": len({ligne.feuille_id for ligne in feuilles}),
        "creees": sum(ligne.creees for ligne in feuilles),
        "supprimees": sum(ligne.supprimees for ligne in feuilles),
        "modifiees": sum(ligne.modifiees for ligne in feuilles),
    }
    emettre("cadastre.millesime_importe", charge, insee=commune)
    if closes:
        emettre("cadastre.parcelles_renumerotees", {"insee": commune, "import_id": import_id}, insee=commune)
