"""What the cadastre knows of the territory, for the frame of every page."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db.models import Extent
from django.contrib.gis.geos import Polygon
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Max, Min

from cadastre.models import Commune, Feuille
from cadastre.regles.credit import producteur
from cadastre.regles.noms import nom_commune
from mairie.territoire import Territoire, territoire


def lire() -> Territoire:
    """Communes, vintages in force and extent, read from the database."""
    communes = tuple(
        (insee, nom_commune(nom))
        for insee, nom in Commune.objects.order_by("insee").values_list("insee", "nom")
    )
    plans = Feuille.objects.filter(version__isnull=False).aggregate(
        ancien=Min("version__millesime"),
        recent=Max("version__millesime"),
        auteurs=ArrayAgg("version__auteur", distinct=True, default=[]),
    )
    boite = Commune.objects.aggregate(boite=Extent("geom"))["boite"]
    emprise = None
    if boite:
        cadre = Polygon.from_bbox(boite)
        cadre.srid = Commune._meta.get_field("geom").srid
        emprise = cadre.transform(4326, clone=True).extent
    credit = producteur(plans["auteurs"])
    return Territoire(communes, plans["ancien"], plans["recent"], emprise, _coeur(), credit)


# Median of the street numbers of the sheet that has most of them; without any, the middle of the sheet
# that has most buildings.
_COEUR = """
WITH riche AS (
    SELECT f.id, v.geom FROM cadastre_feuille f JOIN cadastre_versionfeuille v ON v.id = f.version_id
    ORDER BY COALESCE((v.comptes #>> '{ecrits,NUMVOIE}')::int, 0) DESC,
             COALESCE((v.comptes #>> '{ecrits,BATIMENT}')::int, 0) DESC, f.id LIMIT 1
), milieu AS (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ST_X(n.geom)) AS x,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY ST_Y(n.geom)) AS y
    FROM cadastre_numerovoirie n JOIN riche r ON n.feuille_id = r.id
)
SELECT ST_X(p.g), ST_Y(p.g) FROM milieu m CROSS JOIN riche r
CROSS JOIN LATERAL (SELECT ST_Transform(COALESCE(
    ST_SetSRID(ST_MakePoint(m.x, m.y), %(srid)s), ST_PointOnSurface(r.geom)), 4326) AS g) p
"""


def _coeur() -> tuple[float, float] | None:
    with connection.cursor() as curseur:
        curseur.execute(_COEUR, {"srid": settings.TERRITOIRE_SRID})
        ligne = curseur.fetchone()
    return (ligne[0], ligne[1]) if ligne and ligne[0] is not None else None


def nom_de_commune(insee: str) -> str:
    """Name to show for a code; the code itself where the commune is not loaded."""
    return dict(territoire().communes).get(insee, insee)
