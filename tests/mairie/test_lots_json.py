"""Reading of JSON batches and of their fields."""

from decimal import Decimal

import pytest

from mairie.lecture_json import (
    ErreurSaisie,
    LotIllisible,
    Objet,
    lire_date,
    lire_entier,
    lire_lot,
    lire_nombre,
)


@pytest.mark.parametrize(
    ("octets", "dit"),
    [
        (b"", "ligne 1"),
        (b"[", "ligne 1"),
        (b"[\xff]", "UTF-8"),
        (b"[NaN]", "NaN"),
        (b"{}", "liste JSON"),
        (b'"a"', "liste JSON"),
        (b"null", "liste JSON"),
        (b"[" * 100_000, "emb"),
    ],
)
def test_lot_illisible(octets: bytes, dit: str) -> None:
    with pytest.raises(LotIllisible, match=dit):
        lire_lot(octets)


def test_nombres_non_finis_laisses_au_champ_qui_les_refuse() -> None:
    nan, infini = lire_lot(b"[NaN, -Infinity]", non_finis=True)
    assert nan.is_nan() and infini == Decimal("-Infinity")
    with pytest.raises(ErreurSaisie):
        lire_nombre(nan, "x")


def test_lot_lu() -> None:
    assert lire_lot(b"\xef\xbb\xbf[1, 2.50, null]") == [1, Decimal("2.50"), None]
    assert lire_lot(b"[]") == []
    assert lire_lot(b"[1e999999999999999999999, " + b"9" * 5000 + b"]") == [Decimal("Infinity")] * 2


@pytest.mark.parametrize(
    "valeur", [0, 5, 5.25, "5", "5.5", "5.25", "000000005", Decimal("5.100"), Decimal("1E+2")]
)
def test_nombre_accepte(valeur: object) -> None:
    assert lire_nombre(valeur, "x") == Decimal(str(valeur))


@pytest.mark.parametrize(
    "valeur",
    [
        *[-1, "-1", "", "5,5", "5.", ".5", " 5", "5 ", "1e2", "+5", "5.001", "0000000005", "٥"],
        *[True, None, [], {}, 10**9, 0.001, float("nan")],
        *[Decimal("5.001"), Decimal(10**9), Decimal("Infinity"), Decimal("1E-400")],
        Decimal("5.0000000000000000000000000000000001"),
    ],
)
def test_nombre_refuse(valeur: object) -> None:
    with pytest.raises(ErreurSaisie) as e:
        lire_nombre(valeur, "x")
    assert e.value.champ == "x" and "point" in e.value.message


def test_nombre_bornes() -> None:
    assert lire_nombre("999999999.99", "x") == Decimal("999999999.99")
    assert str(lire_nombre(Decimal("-0.0"), "x")) == "0"


@pytest.mark.parametrize("valeur", [0, 7, True, "1", Decimal("1.0"), None])
def test_entier_refuse(valeur: object) -> None:
    with pytest.raises(ErreurSaisie, match="de 1 à 6"):
        lire_entier(valeur, "n", 1, 6)


@pytest.mark.parametrize(
    "texte",
    [
        "2025-02-30",
        "2025-13-01",
        "0000-01-01",
        "20250301",
        "2025-3-1",
        "2025-03-01 ",
        "2025-W10-1",
        "",
        20250301,
        "٢٠٢٥-٠٣-٠١",
    ],
)
def test_date_refusee(texte: object) -> None:
    with pytest.raises(ErreurSaisie):
        lire_date(texte, "d")


def test_date_dit_ce_qui_ne_va_pas() -> None:
    with pytest.raises(ErreurSaisie, match="n'existe pas"):
        lire_date("2025-02-29", "d")
    with pytest.raises(ErreurSaisie, match="AAAA-MM-JJ"):
        lire_date("29/02/2024", "d")


def test_cles_inconnues_dans_l_ordre_alphabetique() -> None:
    with pytest.raises(ErreurSaisie) as e:
        Objet.ouvrir({"z": 1, "b": 2, "c": 3}, "liste[2]", ("c",))
    assert e.value.champ == "liste[2].b" and "Champs possibles : c." in e.value.message


def test_un_cas_qui_n_est_pas_un_objet() -> None:
    with pytest.raises(ErreurSaisie) as e:
        Objet.ouvrir([], "", ("c",))
    assert e.value.champ == "cas"


def test_les_elements_sont_lus_l_un_apres_l_autre() -> None:
    lus = Objet({"l": [{"a": 1}, 7]}).objets("l", ("a",))
    assert next(lus).valeurs == {"a": 1}
    with pytest.raises(ErreurSaisie) as e:
        next(lus)
    assert e.value.champ == "l[1]"
