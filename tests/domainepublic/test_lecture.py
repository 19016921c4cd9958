"""What a field accepts and refuses, one kind of fault after the other."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from domainepublic.regles.lecture import Objet, lire_code, lire_nombre
from mairie.lecture_json import ErreurSaisie


def faute(lecture) -> ErreurSaisie:
    with pytest.raises(ErreurSaisie) as erreur:
        lecture()
    assert erreur.value.message.endswith(".")
    return erreur.value


@pytest.mark.parametrize(
    ("brut", "nombre"),
    [(3, "3"), (Decimal("3.50"), "3.50"), ("3.5", "3.5"), ("-2", "-2"), (0, "0"), ("007.10", "7.10")],
)
def test_nombres_acceptes(brut, nombre):
    assert lire_nombre(brut) == Decimal(nombre)


@pytest.mark.parametrize(
    "brut",
    [True, False, None, "", "3,5", "1e3", "abc", ".5", "5.", "1 000", "٣", [], {}, "NaN", "--1",
     Decimal("NaN"), Decimal("Infinity"), 10**15, Decimal("1E+400000"), Decimal("1E-41")],
)  # fmt: skip
def test_nombres_refuses(brut):
    assert lire_nombre(brut) is None


@pytest.mark.parametrize(("brut", "code"), [("1", "1"), (1, "1"), (" A ", "A"), (Decimal("1.0"), "1.0")])
def test_codes_compares_en_texte(brut, code):
    assert lire_code(brut) == code


@pytest.mark.parametrize("brut", ["", "  ", True, None, [], {}])
def test_codes_refuses(brut):
    assert lire_code(brut) is None


@pytest.mark.parametrize("brut", ["2026-02-30", "2026-2-3", "20260203", "03/02/2026", "2026-13-01", 20260203,
                                  "2026-02-03T00:00", "0000-01-01", "", True])  # fmt: skip
def test_dates_refusees(brut):
    assert faute(lambda: Objet({"d": brut}, "a.b").date("d")).champ == "a.b.d"


def test_date_qui_n_existe_qu_en_annee_bissextile():
    assert Objet({"d": "2024-02-29"}).date("d") == datetime.date(2024, 2, 29)
    assert faute(lambda: Objet({"d": "2026-02-29"}).date("d")).champ == "d"


@pytest.mark.parametrize("brut", [None, "", "  ", 3, True, []])
def test_texte_obligatoire(brut):
    assert faute(lambda: Objet({"t": brut}).texte("t")).champ == "t"


def test_texte_est_rogne_et_mesure_sans_ses_blancs():
    assert Objet({"t": "  ab "}).texte("t", 2) == "ab"
    assert faute(lambda: Objet({"t": "abc"}).texte("t", 2)).champ == "t"


@pytest.mark.parametrize("brut", [0, 1, "true", "oui", []])
def test_booleen_n_est_que_true_ou_false(brut):
    assert faute(lambda: Objet({"b": brut}).booleen("b")).champ == "b"


@pytest.mark.parametrize("brut", ["1.5", Decimal("2.5"), True, "x", -1, None])
def test_entier_refuse(brut):
    assert faute(lambda: Objet({"n": brut}).entier("n")).champ == "n"


@pytest.mark.parametrize("brut", [7, "7", Decimal("7.0")])
def test_entier_accepte(brut):
    assert Objet({"n": brut}).entier("n") == 7


def test_bornes_d_un_nombre():
    assert Objet({"n": 0}).nombre("n") == 0
    assert faute(lambda: Objet({"n": 0}).nombre("n", strict=True)).champ == "n"
    assert faute(lambda: Objet({"n": "-0.01"}).nombre("n")).champ == "n"
    assert Objet({"n": 100}).nombre("n", maximum=100) == 100
    assert faute(lambda: Objet({"n": "100.01"}).nombre("n", maximum=100)).champ == "n"


@pytest.mark.parametrize("brut", ["autre", "", 3, ["a"], True])
def test_choix_hors_liste(brut):
    erreur = faute(lambda: Objet({"c": brut}).choix("c", ("a", "b")))
    assert erreur.champ == "c"
    assert "a, b" in erreur.message


def test_liste_et_elements():
    assert faute(lambda: Objet({"l": {}}).liste("l")).champ == "l"
    assert faute(lambda: Objet({"l": []}).liste("l", vide=False)).champ == "l"
    assert faute(lambda: list(Objet({"l": [{}, 3]}, "x").objets("l"))).champ == "x.l[1]"
    assert faute(lambda: Objet({"l": ["a", "z"]}).choix_multiples("l", ("a",))).champ == "l[1]"


def test_le_premier_element_fautif_est_dit_avant_la_forme_du_suivant():
    """Elements are checked one by one: the fault of the first comes before the shape of the second."""
    objet = Objet({"l": [{"n": "x"}, 3]})
    assert faute(lambda: [element.nombre("n") for element in objet.objets("l")]).champ == "l[0].n"
