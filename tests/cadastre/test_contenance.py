"""Contenance: how it is written, and the tolerance of the drawing against it."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from cadastre.regles.contenance import hectares_ares_centiares, sigma, tolerance
from gis_data.formats.edigeo.lecteur import lire_lot
from tests.donnees import FEUILLES, donnees_partagees, fichiers_feuille

RECTANGLE = [(0, 0), (30, 0), (30, 20), (0, 20), (0, 0)]


@pytest.mark.parametrize(
    ("m2", "texte"),
    [
        (0, "0 ca"),
        (5, "5 ca"),
        (99, "99 ca"),
        (100, "1 a 00 ca"),
        (105, "1 a 05 ca"),
        (9_999, "99 a 99 ca"),
        (10_000, "1 ha 00 a 00 ca"),
        (12_345, "1 ha 23 a 45 ca"),
        (1_234_567, "123 ha 45 a 67 ca"),
    ],
)
def test_l_ecriture_en_hectares_ares_centiares(m2, texte):
    assert hectares_ares_centiares(m2) == texte


@pytest.mark.parametrize(
    ("qualite", "confection", "echelle", "attendu"),
    [
        ("03", "05", 500, 0.10),
        ("04", "05", 500, 0.20),
        ("05", "05", 1000, 0.40),
        ("01", "02", 2000, 0.80),
        ("01", "06", 1000, 0.40),
        ("02", "02", 1250, 1.25),
        ("02", "02", 2500, 2.50),
        ("01", "01", 2500, 2.50),
        ("03", "01", 2000, 2.00),
        ("", "", None, 0.80),
    ],
)
def test_l_erreur_d_une_coordonnee_suit_la_qualite_du_plan(qualite, confection, echelle, attendu):
    assert sigma(qualite, confection, echelle) == pytest.approx(attendu)


def test_le_rectangle_de_controle():
    assert tolerance([RECTANGLE], 0.40) == pytest.approx(38.94, abs=0.005)
    assert tolerance([RECTANGLE], 0.40) / 2.7 == pytest.approx(14.42, abs=0.005)


def test_les_trous_comptent_et_le_minimum_est_d_un_metre_carre():
    assert tolerance([RECTANGLE, RECTANGLE], 0.40) == pytest.approx(38.94 * 2**0.5, abs=0.01)
    assert tolerance([RECTANGLE], 0.0001) == 1.0


@pytest.mark.parametrize("id12", FEUILLES)
def test_les_feuilles_reelles_ont_le_nombre_attendu_hors_tolerance(id12):
    attendu = json.loads((donnees_partagees() / "edigeo" / "expected" / f"{id12}.json").read_text())[
        "contenance"
    ]
    lot = lire_lot(fichiers_feuille(id12))
    feuille, parcelles = lot.objets["SUBDSECT"].attributs, lot.objets["PARCELLE"]
    sigma_m = sigma(feuille["QUPL"][0] or "", feuille["COPL"][0] or "", int(float(feuille["EOR"][0] or 0)))
    comparees = hors = 0
    for geom, supf in zip(parcelles.geom, parcelles.attributs["SUPF"], strict=True):
        if geom is None or not supf:
            continue
        anneaux = [
            np.asarray(anneau.coords)
            for partie in shapely.get_parts(geom)
            for anneau in (partie.exterior, *partie.interiors)
        ]
        comparees += 1
        hors += abs(geom.area - float(supf)) > tolerance(anneaux, sigma_m)
    assert (comparees, hors) == (attendu["comparees"], attendu["hors_tolerance"])
