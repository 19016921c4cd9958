"""Official numbers: reading, refusals, composing."""

from __future__ import annotations

import pytest

from tests.urba.outils_urba import faute, traiter
from urba.regles.numeros import (
    LETTRES_DES_TYPES,
    NatureDossier,
    Numero,
    NumeroInvalide,
    composer,
    lire_numero,
)
from urba.regles.types import TypeDelai


@pytest.mark.parametrize(
    "texte",
    [
        "PC 013 055 24 00012",
        "pc0130552400012",
        "PC-013-055-24-00012",
        "PC.013/055_24 00012",
        "  P C\t013\u00a0055\u202f24\u200900012\n",
        "pC013 05524 00012 p0",
        "PC 013 055 24 00012 P00",
    ],
)
def test_memes_numeros(texte: str) -> None:
    assert lire_numero(texte) == Numero("PC", "013", "055", 2024, "00012")


@pytest.mark.parametrize(
    ("extension", "nature", "rang", "ecrite"),
    [
        ("M1", "MODIFICATIF", 1, "M01"),
        ("M99", "MODIFICATIF", 99, "M99"),
        ("T02", "TRANSFERT", 2, "T02"),
        ("PRO1", "PROROGATION", 1, "PRO01"),
        ("P1", "PROROGATION", 1, "PRO01"),
        ("P02", "PROROGATION", 2, "PRO02"),
        ("doc01", "DOC", 1, "DOC01"),
        ("DAACT3", "DAACT", 3, "DAACT03"),
        ("ANNUL01", "ANNULATION", 1, "ANNUL01"),
    ],
)
def test_extensions(extension: str, nature: str, rang: int, ecrite: str) -> None:
    resultat = traiter("lire_numero", {"numero": f"PA 2B 033 25 00007 {extension}".replace("2B", "02B")})
    assert (resultat["nature"], resultat["rang"], resultat["extension"]) == (nature, rang, ecrite)
    assert resultat["canonique"] == f"PA02B0332500007{ecrite}"
    assert resultat["affichage"] == f"PA 02B 033 25 00007 {ecrite}"
    assert resultat["insee"] == "2B033"


@pytest.mark.parametrize(
    ("texte", "insee", "annee"),
    [
        ("AT 075 056 79 00001", "75056", 2079),
        ("AP 001 004 80 00001", "01004", 1980),
        ("DP 095 001 00 99999", "95001", 2000),
        ("CU 974 411 99 Z9999", "97411", 1999),
        ("PD 971 105 26 A0001", "97105", 2026),
        ("PC 978 801 26 10000", "97801", 2026),
        ("PC 019 272 26 0A001".replace("0A001", "00010"), "19272", 2026),
    ],
)
def test_insee_et_siecle(texte: str, insee: str, annee: int) -> None:
    numero = lire_numero(texte)
    assert (numero.insee, numero.annee) == (insee, annee)


@pytest.mark.parametrize(
    "texte",
    [
        "",
        "PC",
        "XX 013 055 24 00012",
        "PC 13 055 24 00012",
        "PC 013 55 24 00012",
        "PC 013 055 2024 00012",
        "PC 013 055 24 0012",
        "PC 013 055 24 000123",
        "PC 013 055 24 0A012",
        "PC 000 055 24 00012",
        "PC 020 055 24 00012",
        "PC 096 055 24 00012",
        "PC 099 055 24 00012",
        "PC 02C 055 24 00012",
        "PC 970 055 24 00012",
        "PC 979 955 24 00012",
        "PC 974 311 24 00012",
        "PC 971 000 24 00012",
        "PC 013 000 24 00012",
        "PC 013 055 24 00000",
        "PC 013 055 24 A0000",
        "PC 013 055 24 00012 M0",
        "PC 013 055 24 00012 PRO00",
        "PC 013 055 24 00012 M",
        "PC 013 055 24 00012 M001",
        "PC 013 055 24 00012 X1",
        "PC 013 055 24 00012 M1 T1",
        "PC 013 055 24 ٠٠٠١٢",
        "PC 013 055 24 00012 \u2013M1",
        "PÇ 013 055 24 00012",
        "DP 013 055 24 00012 \u017f",
    ],
)
def test_refus(texte: str) -> None:
    assert faute("lire_numero", {"numero": texte}) == "numero"


@pytest.mark.parametrize(
    ("cas", "champ"),
    [({}, "numero"), ({"numero": 130552400012}, "numero"), ({"Numero": "x"}, "Numero"), ("PC", "cas")],
)
def test_cas_fautif(cas: object, champ: str) -> None:
    assert faute("lire_numero", cas) == champ


def test_le_message_dit_la_raison() -> None:
    with pytest.raises(NumeroInvalide, match="dernier chiffre du département : 4"):
        lire_numero("PC 974 105 26 00007")
    with pytest.raises(NumeroInvalide, match="M01"):
        lire_numero("PC 013 055 24 00012 M00")


def test_numero_de_l_autorisation() -> None:
    assert lire_numero("PC 013 055 24 00012 M02").autorisation == lire_numero("PC 013 055 24 00012")


def test_lettres_de_chaque_type() -> None:
    assert set(LETTRES_DES_TYPES) == set(TypeDelai)
    assert LETTRES_DES_TYPES[TypeDelai.PCMI] == "PC"
    assert LETTRES_DES_TYPES[TypeDelai.CUA] == LETTRES_DES_TYPES[TypeDelai.CUB] == "CU"


@pytest.mark.parametrize(
    ("insee", "annee", "ordre", "lettre", "attendu"),
    [
        ("13055", 2024, 12, "", "PC 013 055 24 00012"),
        ("2A004", 2026, 42, "A", "PC 02A 004 26 A0042"),
        ("97411", 2026, 99999, "", "PC 974 411 26 99999"),
        ("25999", 2026, 9999, "Z", "PC 025 999 26 Z9999"),
    ],
)
def test_composer(insee: str, annee: int, ordre: int, lettre: str, attendu: str) -> None:
    numero = composer("PC", insee, annee, ordre, lettre_service=lettre)
    assert numero.affichage == attendu and numero.insee == insee
    modificatif = composer(
        "PC", insee, annee, ordre, lettre_service=lettre, nature=NatureDossier.MODIFICATIF, rang=1
    )
    assert modificatif.affichage == f"{attendu} M01" and modificatif.autorisation == numero


@pytest.mark.parametrize(
    ("insee", "annee", "ordre", "lettre", "nature", "rang"),
    [
        ("1355", 2024, 1, "", "INITIAL", None),
        ("20004", 2024, 1, "", "INITIAL", None),
        ("13055", 2024, 0, "", "INITIAL", None),
        ("13055", 2024, 100000, "", "INITIAL", None),
        ("13055", 2024, 10000, "A", "INITIAL", None),
        ("13055", 2024, 1, "a", "INITIAL", None),
        ("13055", 2024, 1, "AB", "INITIAL", None),
        ("13055", 2080, 1, "", "INITIAL", None),
        ("13055", 2024, 1, "", "MODIFICATIF", None),
        ("13055", 2024, 1, "", "INITIAL", 1),
        ("13055", 2024, 1, "", "TRANSFERT", 100),
        ("13055", 2024, 1, "", "TRANSFERT", 0),
    ],
)
def test_composer_refuse(
    insee: str, annee: int, ordre: int, lettre: str, nature: str, rang: int | None
) -> None:
    with pytest.raises(NumeroInvalide):
        composer("PC", insee, annee, ordre, lettre_service=lettre, nature=NatureDossier(nature), rang=rang)
