"""``python -m bench.zones N``: time of ``contraintes`` for a square of 1 ha over N zones; one JSON object.

Works on the database of ``DATABASE_URL``, where it writes the zones.
"""

from __future__ import annotations

import datetime
import json
import sys
import time
from typing import Any

import django

# A side of 120 m and forty vertices: a town and its fields.
COTE_M, PAS_M, PAR_RANG = 120.0, 12.0, 71
AMORCE, MESURES = 10, 200

_ECRIRE = """
    INSERT INTO gis_data_pluzone (
        document_id, couche_source, numero, identifiant, libelle, nomfic, urlfic, autres, typezone, libelong,
        destdomi, insee, geom, geom_3857)
    SELECT %(document)s, 'ZONE_URBA', n, '', 'Z' || n %% 9, '', '', '{}',
           (ARRAY['U', 'AUc', 'A', 'N'])[1 + n %% 4], '', '', '', g, ST_Transform(g, 3857)
    FROM (
        SELECT n, ST_Multi(ST_Segmentize(
            ST_MakeEnvelope(x, y, x + %(cote)s, y + %(cote)s, %(srid)s), %(pas)s)) AS g
        FROM (
            SELECT n, %(x)s + (n %% %(rang)s - %(rang)s / 2) * %(cote)s AS x,
                   %(y)s + (n / %(rang)s - %(rang)s / 2) * %(cote)s AS y
            FROM generate_series(1, %(zones)s) AS n) AS places) AS formes
"""


def ecrire(zones: int) -> tuple[float, float]:
    """Write the zones of one document round the middle of the parcels; that middle."""
    from django.conf import settings
    from django.db import connection

    from gis_data.models import DocumentUrbanisme

    document = DocumentUrbanisme.objects.create(
        famille="du",
        territoire="25999",
        valide_du="2020-01-01",
        type_document="PLUI",
        identifiant="mesure",
        source="mesure",
        empreinte="0" * 64,
        srid_source=settings.TERRITOIRE_SRID,
        couches={"ZONE_URBA": zones},
    )
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT ST_X(p), ST_Y(p) FROM"
            " (SELECT ST_Centroid(ST_Extent(geom)) AS p FROM cadastre_parcelle) AS milieu"
        )
        x, y = curseur.fetchone()
        curseur.execute(
            _ECRIRE,
            {
                "document": document.pk,
                "cote": COTE_M,
                "pas": PAS_M,
                "srid": settings.TERRITOIRE_SRID,
                "x": x,
                "y": y,
                "rang": PAR_RANG,
                "zones": zones,
            },
        )
        curseur.execute("ANALYZE gis_data_pluzone")
    return float(x), float(y)


def mesurer(x: float, y: float) -> dict[str, Any]:
    """Median and 95th percentile, milliseconds, over places spread among the zones."""
    import shapely

    from gis_data.contraintes.calcul import contraintes

    durees = []
    for i in range(AMORCE + MESURES):
        ouest, sud = x + (i * 37 % 3000) - 1500, y + (i * 53 % 3000) - 1500
        carre = shapely.box(ouest, sud, ouest + 100, sud + 100)
        debut = time.perf_counter()
        trouve = contraintes(carre, datetime.date(2026, 1, 1))
        if i >= AMORCE:
            durees.append((time.perf_counter() - debut) * 1e3)
        if not trouve.zonage.zones:
            raise SystemExit("Aucune zone sous le carré mesuré : les zones sont mal placées.")
    durees.sort()
    return {"mediane_ms": durees[MESURES // 2], "p95_ms": durees[int(MESURES * 0.95)]}


if __name__ == "__main__":
    django.setup()
    nombre = int(sys.argv[1])
    print(json.dumps({"zones": nombre, **mesurer(*ecrire(nombre))}))
