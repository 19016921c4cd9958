"""Copies of sheets: other code, other place, same content."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from bench import repliquer
from bench.echantillon import INSEE
from bench.lecture import deballer
from gis_data.demo.generer import Demande, generer
from gis_data.formats.edigeo.lecteur import lire_lot


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    sortie = tmp_path_factory.mktemp("commune")
    generer(Demande(insee=INSEE, parcelles=80, crs="LAMB93"), sortie)
    return sorted((sortie / "edigeo").glob("*.tar.bz2"))


@pytest.fixture(scope="module")
def copies(archives, tmp_path_factory):
    """Two copies of the whole commune: (original archive, copied archive, copy)."""
    gabarits = [repliquer.Gabarit(chemin) for chemin in archives]
    prevues = repliquer.prevoir(gabarits, 2 * len(gabarits))
    sortie = tmp_path_factory.mktemp("copies")
    octets = repliquer.ecrire(archives, prevues, sortie, processus=1)
    assert octets == sum(f.stat().st_size for f in sortie.iterdir())
    return [(archives[c.gabarit], sortie / gabarits[c.gabarit].nom(c), c) for c in prevues]


def lire(chemin):
    return lire_lot(deballer(chemin.read_bytes()))


def test_une_copie_garde_tout_sauf_le_code_et_la_place(copies):
    for original, copie, prevue in copies:
        avant, apres = lire(original), lire(copie)
        assert apres.anomalies == avant.anomalies
        assert {t: len(o) for t, o in apres.objets.items()} == {t: len(o) for t, o in avant.objets.items()}
        assert {n: r.membres.tolist() for n, r in apres.relations.items()} == {
            n: r.membres.tolist() for n, r in avant.relations.items()
        }
        decalage = np.array([prevue.dx_km, prevue.dy_km]) * 1000.0
        for type_, objets in avant.objets.items():
            voulues = shapely.get_coordinates(objets.geom) + decalage
            obtenues = shapely.get_coordinates(apres.objets[type_].geom)
            assert np.allclose(voulues, obtenues, rtol=0, atol=1e-6), type_
        assert apres.code10 == prevue.insee[2:] + avant.code10[3:]


def test_les_parcelles_des_copies_sont_toutes_distinctes(copies):
    idus, surfaces = [], []
    for _, copie, prevue in copies:
        objets = lire(copie).objets["PARCELLE"]
        idus += [prevue.insee[:2] + idu for idu in objets.attributs["IDU"]]
        surfaces += list(objets.geom)
    assert len(set(idus)) == len(idus)
    assert {idu[:5] for idu in idus} == {prevue.insee for *_, prevue in copies}
    boites = (
        shapely.total_bounds(surfaces[: len(surfaces) // 2]),
        shapely.total_bounds(surfaces[len(surfaces) // 2 :]),
    )
    assert not shapely.intersects(shapely.box(*boites[0]), shapely.box(*boites[1]))


def test_un_decalage_qui_changerait_la_longueur_des_lignes_est_refuse(archives):
    gabarit = repliquer.Gabarit(archives[0])
    with pytest.raises(ValueError, match="nombre de chiffres"):
        gabarit.copier(repliquer.Copie(0, INSEE, 0, 9000))


def test_la_grille_a_une_fin(archives):
    gabarits = [repliquer.Gabarit(archives[0])]
    assert len({(c.dx_km, c.dy_km) for c in repliquer.prevoir(gabarits, 5000)}) == 5000
    with pytest.raises(ValueError, match="plus de place"):
        repliquer.prevoir(gabarits, 1_000_000)
