"""Seeds: consulted services and nomenclature of the pieces."""

from __future__ import annotations

from datetime import date

import pytest

from urba.regles.nomenclature import FAMILLES, PIECES, Obligation, est_exigible, pieces_du_type
from urba.regles.services import SERVICES, Contexte, DelaiService, Unite, ligne_du_service
from urba.regles.tables_echeances import MOTIFS_RECOLEMENT
from urba.regles.travaux import motifs_de_recolement
from urba.regles.types import TypeDelai

T, C = TypeDelai, Contexte


@pytest.mark.parametrize(
    ("code", "type_", "contextes", "mois"),
    [
        ("ABF", T.PD, [C.ABORDS_SPR], 2),
        ("ABF", T.DP, [C.ABORDS_SPR], 1),
        ("ABF", T.PC, [C.SITE_INSCRIT], 2),
        ("ABF", T.PA, [C.SITE_INSCRIT], 2),
        ("ABF", T.PD, [C.SITE_INSCRIT], 1),
        ("ABF", T.PD, [C.SITE_CLASSE], 2),
        ("ABF", T.DP, [C.SITE_CLASSE], 1),
        ("ABF", T.PC, [], 1),
        ("ABF", T.PC, [C.EVALUATION_ENVIRONNEMENTALE], 1),
        ("ERP_IGH", T.PC, [], 4),
        ("DRAC", T.PA, [], 1),
        ("DRAC", T.PA, [C.EVALUATION_ENVIRONNEMENTALE], 2),
        ("CDPENAF", T.PC, [], 1),
        ("EAU", T.CUB, [], 1),
        ("ELECTRICITE", T.PC, [], 1),
        ("VOIRIE", T.DP, [], 1),
        ("SPANC", T.PCMI, [], 1),
        ("AUTRE", T.PC, [], 1),
        ("SDIS", T.PC, [], 1),
    ],
)
def test_delai_du_service(code: str, type_: TypeDelai, contextes: list[Contexte], mois: int) -> None:
    ligne = ligne_du_service(code, type_, contextes)
    assert ligne.delai == DelaiService(mois) and ligne.silence == "favorable" and ligne.article


def test_limite_d_une_consultation() -> None:
    assert DelaiService(1).limite(date(2026, 1, 31)) == date(2026, 2, 28)
    assert DelaiService(30, Unite.JOURS).limite(date(2026, 1, 31)) == date(2026, 3, 2)


def test_chaque_service_a_un_cas_general() -> None:
    assert {x.code for x in SERVICES} == {x.code for x in SERVICES if x.contexte is None}


@pytest.mark.parametrize(
    ("type_detail", "toujours"),
    [
        ("PCMI", [f"PCMI{n}" for n in range(1, 9)]),
        ("PC", [f"PC{n}" for n in range(1, 9)]),
        ("PA", ["PA1", "PA2", "PA3", "PA4"]),
        ("PD", ["PD1", "PD2", "PD3"]),
        ("DPMI", ["DP1"]),
        ("DPLT", ["DP1"]),
        ("CUB", ["CU1"]),
    ],
)
def test_pieces_toujours_exigees(type_detail: str, toujours: list[str]) -> None:
    pieces = pieces_du_type(type_detail)
    assert [p.code for p in pieces if p.obligation is Obligation.TOUJOURS] == toujours
    assert [p.code for p in pieces[: len(toujours)]] == toujours
    assert pieces[-1].code == "AUTRE"


def test_nomenclature() -> None:
    codes = [p.code for p in PIECES]
    assert len(codes) == len(set(codes))
    assert all(p.article.startswith("R.4") and p.exigible for p in PIECES)
    assert {p.famille for p in PIECES} == set(FAMILLES.values())
    conditions = {p.code for p in PIECES if p.obligation is Obligation.CONDITION}
    assert {"PCMI12-2", "PCMI13", "PCMI14-1", "PC11", "PC16-1", "PC39", "PC40", "DP11", "PA10"} <= conditions


def test_exigible() -> None:
    assert est_exigible("PCMI", "PCMI2") and est_exigible("PC", "PC40")
    assert not est_exigible("PCMI", "PC40") and not est_exigible("PC", "AUTRE")
    with pytest.raises(KeyError):
        pieces_du_type("XX")


def test_motifs_de_recolement() -> None:
    assert motifs_de_recolement(MOTIFS_RECOLEMENT) == tuple(MOTIFS_RECOLEMENT.values())
    assert motifs_de_recolement([]) == ()
    with pytest.raises(KeyError):
        motifs_de_recolement(["PISCINE"])
