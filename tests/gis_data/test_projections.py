"""Changes of projection: the grid's self-test, every code of the table, equality with PostGIS."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from django.db import connection

from gis_data.formats.edigeo.projections import EPSG_PAR_CODE, SOURCES_PAR_TERRITOIRE
from gis_data.projections import grille_ntf_presente, transformateur, transformer, vers_mercator

# A point of each projection, well inside its area of use.
POINTS = {
    2154: (900_000, 6_500_000),
    **{3900 + z: (1_750_000, 1_000_000 * (z - 41) + 200_000) for z in range(42, 51)},
    27561: (600_000, 200_000),
    27562: (700_000, 250_000),
    27563: (700_000, 200_000),
    27564: (500_000, 200_000),
    27571: (700_000, 1_050_000),
    27572: (700_000, 2_250_000),
    5490: (660_000, 1_790_000),
    2970: (660_000, 1_790_000),
    2969: (500_000, 1_980_000),
    2973: (710_000, 1_620_000),
    32620: (660_000, 1_790_000),
    2972: (350_000, 540_000),
    2975: (340_000, 7_650_000),
    3727: (150_000, 60_000),
    4471: (520_000, 8_580_000),
    4467: (550_000, 5_180_000),
}


def par_postgis(x: float, y: float, source: int, cible: int) -> tuple[float, float]:
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT ST_X(g), ST_Y(g) FROM (SELECT ST_Transform(ST_SetSRID(ST_Point(%s, %s), %s), %s) g) t",
            (x, y, source, cible),
        )
        return curseur.fetchone()


def test_la_grille_de_la_ntf_est_la():
    """cadastre.md §5: the shift of three parameters is 0.9 m away."""
    assert grille_ntf_presente()
    assert transformateur(27562, 2154).transform(700_000, 250_000) == pytest.approx(
        (749_737.002, 6_682_639.232), abs=0.001
    )


@pytest.mark.parametrize(
    ("source", "territoire"),
    [(s, t) for t, sources in SOURCES_PAR_TERRITOIRE.items() for s in sorted(sources) if s != t],
)
def test_chaque_projection_vers_son_territoire_comme_postgis(db, source, territoire):
    attendu = par_postgis(*POINTS[source], source, territoire)
    assert transformateur(source, territoire).transform(*POINTS[source]) == pytest.approx(attendu, abs=1e-4)


@pytest.mark.parametrize("territoire", sorted(SOURCES_PAR_TERRITOIRE))
def test_les_tuiles_comme_postgis(db, territoire):
    geom = vers_mercator(np.array([shapely.Point(POINTS[territoire])]), territoire)[0]
    assert (geom.x, geom.y) == pytest.approx(par_postgis(*POINTS[territoire], territoire, 3857), abs=1e-6)


def test_chaque_code_a_son_point():
    assert set(EPSG_PAR_CODE.values()) == set(POINTS)


def test_une_colonne_a_trous_garde_ses_trous():
    ligne = shapely.LineString([(900_000, 6_500_000), (900_010, 6_500_010)])
    geometries = np.array([None, ligne, shapely.Point(900_000, 6_500_000)], dtype=object)
    sortie = transformer(geometries, 2154, 3947)
    assert sortie[0] is None
    assert sortie[1].coords[0] == sortie[2].coords[0]
    assert geometries[1] is ligne
    assert transformer(geometries, 2154, 2154) is geometries
    vides = np.array([None, None], dtype=object)
    assert transformer(vides, 2154, 3857).tolist() == [None, None]
