"""Names in capitals of the plan, as a person writes them."""

import pytest

from cadastre.regles.noms import nom_commune, nom_lieu


@pytest.mark.parametrize(
    ("lu", "affiche"),
    [
        ("LUXIOL", "Luxiol"),
        ("L ALBENC", "L'Albenc"),
        ("CORNILLON-CONFOUX", "Cornillon-Confoux"),
        ("SAINT MARTIN DE VALGALGUES", "Saint-Martin-de-Valgalgues"),
        ("LE VAL D AJOL", "Le Val-d'Ajol"),
        ("PARIS 01", "Paris 01"),
        ("", ""),
    ],
)
def test_nom_de_commune(lu, affiche):
    assert nom_commune(lu) == affiche


@pytest.mark.parametrize(
    ("lu", "affiche"),
    [
        ("RUE DU MOULIN", "Rue du Moulin"),
        ("CHEMIN DE L EGLISE", "Chemin de l'Eglise"),
        ("GRANDE-RUE", "Grande-Rue"),
        ("PRES D'EN HAUT", "Pres d'En Haut"),
        ("Impasse déjà écrite", "Impasse déjà écrite"),
    ],
)
def test_nom_de_lieu(lu, affiche):
    assert nom_lieu(lu) == affiche
