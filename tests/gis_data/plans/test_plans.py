"""Plans to scale: frame, texts, paths."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis_data.plans import svg
from gis_data.plans.cadre import Cadre, cadrer
from gis_data.plans.textes import Etiquette, Placeur, dans_la_surface, le_long


def surfaces(*geometries) -> np.ndarray:
    return np.array(geometries, dtype=object)


@pytest.mark.parametrize(
    ("cote", "denominateur"),
    [(10, 200), (23, 200), (24, 500), (58, 500), (59, 1000), (1_000, 10_000), (20_000, 180_000)],
)
def test_l_echelle_est_la_plus_grande_qui_convient(cote, denominateur):
    assert cadrer((0, 0, cote, cote / 2), 140, 112, marge=0.1).denominateur == denominateur


def test_un_point_du_terrain_tombe_a_sa_place():
    cadre = Cadre(1000, 2000, 1000, 140, 112)
    assert cadre.bornes == (930, 1944, 1070, 2056)
    np.testing.assert_allclose(
        cadre.projeter(np.array([[1000.0, 2000.0], [1010.0, 2010.0]])), [[700, 560], [800, 460]]
    )


@pytest.mark.parametrize(
    ("denominateur", "metres"), [(200, 5), (500, 20), (1000, 20), (2000, 50), (25_000, 1000)]
)
def test_l_echelle_graphique_est_ronde(denominateur, metres):
    cadre = Cadre(0, 0, denominateur, 140, 112)
    longueur_m, unites = cadre.echelle_graphique()
    assert longueur_m == metres and unites * cadre.unite_m == pytest.approx(metres)
    assert unites <= 420


def test_deux_textes_ne_se_touchent_jamais():
    placeur = Placeur(1000, 1000)
    assert placeur.placer(Etiquette("12", 500, 500, 30, "x"))
    assert not placeur.placer(Etiquette("13", 510, 505, 30, "x"))
    assert placeur.placer(Etiquette("14", 500, 560, 30, "x"))
    placeur.reserver(0, 900, 300, 1000)
    assert not placeur.placer(Etiquette("15", 100, 950, 30, "x"))
    assert not placeur.placer(Etiquette("bord", 5, 500, 30, "x"))
    assert [e.texte for e in placeur.etiquettes] == ["12", "14"]


def test_un_numero_qui_ne_tient_pas_dans_sa_parcelle_n_est_pas_ecrit():
    large, etroite = shapely.box(0, 0, 100, 100), shapely.box(200, 0, 210, 300)
    ecrits = dans_la_surface(surfaces(etroite, large, shapely.Polygon()), ["1234", "7", "9"], 30, "x")
    assert [e.texte for e in ecrits] == ["7"]


def test_un_nom_de_rue_suit_la_rue_et_se_lit_a_l_endroit():
    montante = le_long(shapely.LineString([(0, 400), (400, 0)]), "Rue", 30, "x")
    assert montante.angle == -45
    assert le_long(shapely.LineString([(400, 0), (0, 400)]), "Rue", 30, "x").angle == -45
    assert le_long(shapely.LineString([(0, 0), (20, 0)]), "Rue", 30, "x") is None
    zigzag = shapely.LineString([(x * 20, (x % 2) * 60) for x in range(30)])
    assert le_long(zigzag, "Rue du Moulin", 30, "x") is None


def test_les_trous_et_les_points_confondus():
    polygone = shapely.Polygon([(0, 0), (10, 0), (10, 10), (10.2, 10.2), (0, 10)], [[(2, 2), (4, 2), (4, 4)]])
    assert svg.chemin(polygone) == "M0 0L10 0L10 10L0 10zM2 2L4 2L4 4z"
    assert svg.chemin(shapely.box(0, 0, 0.1, 0.1)) == ""


def test_ce_qui_sort_du_cadre_est_coupe():
    cadre = Cadre(0, 0, 1000, 100, 100)
    (coupe,) = svg.vers_le_dessin(surfaces(shapely.box(-1000, -1000, 1000, 1000)), cadre, marge=0)
    assert coupe.bounds == (0, 0, 1000, 1000)


def test_les_textes_sont_echappes():
    assert "&lt;b&gt;&amp;" in svg.texte(Etiquette("<b>&", 0, 0, 10, "x"), {})
    assert svg.attributs({"a_b": '"x"'}) == ' a-b="&quot;x&quot;"'
