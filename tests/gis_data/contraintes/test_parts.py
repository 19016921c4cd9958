"""Arithmetic of shares: sums, slivers, overlaps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis_data.contraintes.regles.parts import (
    Morceau,
    Tolerance,
    arrondir,
    est_eclat,
    repartir,
    retenir,
)

SANS = Tolerance(0, 0, 0)


def carre(cle: str, aire: float) -> Morceau:
    return Morceau(cle, aire, 4 * aire**0.5)


def pcts(repartition) -> dict:
    return {p.cle: p.pct for p in repartition.parts}


def test_deux_zones_se_partagent_un_terrain():
    r = repartir(900, [carre("A", 300), carre("N", 600)], 900)
    assert pcts(r) == {"N": 66.7, "A": 33.3} and r.hors is None
    assert [p.mesure for p in r.parts] == [600, 300] and r.total == 900


def test_ce_qu_aucune_zone_ne_couvre_est_dit():
    r = repartir(1000, [carre("U", 750)], 750)
    assert pcts(r) == {"U": 75.0}
    assert (r.hors.pct, r.hors.mesure) == (25.0, 250)


def test_sans_zone_tout_est_hors_zonage():
    r = repartir(1000, [], 0)
    assert r.parts == () and (r.hors.pct, r.hors.mesure) == (100.0, 1000)


def test_un_terrain_sans_surface_ne_se_partage_pas():
    assert repartir(0, [], 0).hors is None


def test_les_morceaux_d_une_meme_zone_s_ajoutent():
    assert pcts(repartir(1000, [carre("U", 200), carre("U", 300), carre("A", 500)], 1000)) == {
        "U": 50,
        "A": 50,
    }


@pytest.mark.parametrize(
    ("aire", "perimetre", "total", "eclat"),
    [
        (4.9, 8.9, 1000, True),  # under 5 m² and under 1 %
        (5.0, 8.9, 1000, False),  # 5 m²
        (4.9, 8.9, 490, False),  # 1 %
        (4.9, 8.9, 491, True),
        (60.0, 400.0, 10_000, True),  # 0.3 m wide
        (60.0, 240.0, 10_000, False),  # half a metre wide
        (99.0, 400.0, 9_900, False),  # 1 %, however thin
        (0.0, 0.0, 1000, True),
    ],
)
def test_chaque_bord_de_la_tolerance(aire, perimetre, total, eclat):
    assert est_eclat(Morceau("z", aire, perimetre), total, Tolerance()) is eclat


def test_un_eclat_ne_compte_pas_mais_n_est_pas_perdu():
    r = repartir(1000, [carre("U", 997), carre("A", 3)], 1000)
    assert pcts(r) == {"U": 100.0} and r.parts[0].mesure == 1000
    assert [(e.cle, e.mesure, e.pct) for e in r.eclats] == [("A", 3, 0.3)]


def test_un_vide_qui_n_est_qu_un_eclat_ne_se_dit_pas():
    assert repartir(1000, [carre("U", 997)], 997).hors is None


def test_un_terrain_minuscule_garde_sa_plus_grande_zone():
    large = Tolerance(m2=50, pct=100.1, largeur=0)
    r = repartir(10, [carre("U", 6), carre("A", 4)], 10, large)
    assert pcts(r) == {"U": 100.0}


def test_une_superposition_est_partagee_et_dite():
    r = repartir(1000, [carre("U", 700), carre("A", 500)], 1000)
    assert pcts(r) == {"U": 58.3, "A": 41.7}
    assert r.chevauchement == pytest.approx(200)


def test_une_contrainte_partielle_n_est_jamais_dite_totale_ni_nulle():
    gardes, eclats = retenir(10_000, [carre("a", 9_994), carre("b", 9_999), carre("c", 6)])
    assert [(p.cle, p.pct) for p in gardes] == [("a", 99.9), ("b", 100.0), ("c", 0.1)]
    assert eclats == []


def test_une_contrainte_d_un_eclat_est_mise_a_part():
    gardes, eclats = retenir(10_000, [carre("a", 4)])
    assert gardes == [] and [e.cle for e in eclats] == ["a"]


aires = st.lists(st.floats(0.01, 1e6), min_size=1, max_size=12)


@given(aires, st.floats(0, 1))
def test_les_parts_font_toujours_cent(valeurs, vide):
    """Whatever the pieces, the slivers and the hole: what is shown sums to 100.0 % and to the area."""
    couvert = sum(valeurs)
    total = couvert * (1 + vide)
    r = repartir(total, [carre(str(i), a) for i, a in enumerate(valeurs)], couvert)
    montrees = [*r.parts, *([r.hors] if r.hors else [])]
    assert round(sum(round(p.pct * 10) for p in montrees)) == 1000
    assert sum(p.mesure for p in montrees) == r.total
    assert all(p.pct >= 0 and p.mesure >= 0 for p in montrees)


@given(aires)
def test_la_ou_le_plan_couvre_les_zones_seules_font_cent(valeurs):
    total = sum(valeurs)
    r = repartir(total, [carre(str(i), a) for i, a in enumerate(valeurs)], total, SANS)
    assert r.hors is None and sum(round(p.pct * 10) for p in r.parts) == 1000


@given(aires, st.floats(0.3, 1))
def test_une_superposition_ne_fait_jamais_plus_de_cent(valeurs, part):
    total = sum(valeurs) * part
    r = repartir(total, [carre(str(i), a) for i, a in enumerate(valeurs)], total)
    assert sum(round(p.pct * 10) for p in r.parts) == 1000


@given(st.lists(st.floats(0.001, 1e9), min_size=1, max_size=30), st.integers(0, 100_000))
def test_l_arrondi_garde_la_somme(valeurs, somme):
    entiers = arrondir(valeurs, somme)
    assert sum(entiers) == somme
    assert all(abs(e - v * somme / sum(valeurs)) < 1.0001 for e, v in zip(entiers, valeurs, strict=True))
