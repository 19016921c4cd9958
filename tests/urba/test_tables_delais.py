"""One test for each line of the tables of delays, written again here from the articles."""

from __future__ import annotations

from datetime import date

import pytest

from tests.urba.outils_urba import calcul, faute
from urba.regles.delais import DemandeDelai, calculer_delai
from urba.regles.lettres import Lettre
from urba.regles.majorations import MajorationDeclaree
from urba.regles.tables_delais import (
    BASES,
    CODES_MAJORATIONS,
    CODES_PROLONGATIONS,
    CODES_SILENCE,
    MAJORATIONS,
    PROLONGATIONS,
    REGLES_LIVREES,
    SILENCES,
    Ligne,
)
from urba.regles.types import Nature, TypeDelai

PERMIS = ("PD", "PCMI", "PC", "PA")
TOUS = ("DP", *PERMIS, "CUA", "CUB")

# type, nature, months, silence; months None: refused.
DELAIS_DE_BASE = [
    ("DP", "INITIAL", 1, "non_opposition_tacite"),
    ("DP", "MODIFICATIF", None, None),
    ("DP", "TRANSFERT", None, None),
    ("DP", "PROROGATION", 2, "prorogation_tacite"),
    ("PD", "INITIAL", 2, "permis_tacite"),
    ("PD", "MODIFICATIF", None, None),
    ("PD", "TRANSFERT", 2, "transfert_tacite"),
    ("PD", "PROROGATION", 2, "prorogation_tacite"),
    ("PCMI", "INITIAL", 2, "permis_tacite"),
    ("PCMI", "MODIFICATIF", 2, "permis_tacite"),
    ("PCMI", "TRANSFERT", 2, "transfert_tacite"),
    ("PCMI", "PROROGATION", 2, "prorogation_tacite"),
    ("PC", "INITIAL", 3, "permis_tacite"),
    ("PC", "MODIFICATIF", 3, "permis_tacite"),
    ("PC", "TRANSFERT", 3, "transfert_tacite"),
    ("PC", "PROROGATION", 2, "prorogation_tacite"),
    ("PA", "INITIAL", 3, "permis_tacite"),
    ("PA", "MODIFICATIF", 3, "permis_tacite"),
    ("PA", "TRANSFERT", 3, "transfert_tacite"),
    ("PA", "PROROGATION", 2, "prorogation_tacite"),
    ("CUA", "INITIAL", 1, "cu_tacite"),
    ("CUA", "MODIFICATIF", None, None),
    ("CUA", "TRANSFERT", None, None),
    ("CUA", "PROROGATION", 2, "prorogation_tacite"),
    ("CUB", "INITIAL", 2, "cu_tacite"),
    ("CUB", "MODIFICATIF", None, None),
    ("CUB", "TRANSFERT", None, None),
    ("CUB", "PROROGATION", 2, "prorogation_tacite"),
]

# code, types, delay of each type once notified in time (None: row shipped inactive).
MAJORATIONS_ATTENDUES = [
    ("AUTRE_LEGISLATION", {"DP": 2, "PD": 3, "PCMI": 3, "PC": 4, "PA": 4}),
    ("DEROGATION_L152", {"DP": 2, "PD": 3, "PCMI": 3, "PC": 4, "PA": 4}),
    ("ABF_ABORDS_SPR", {"DP": 2, "PD": 3, "PCMI": 3, "PC": 4, "PA": 4}),
    ("CDPENAF", {"DP": 2, "PD": 3, "PCMI": 3, "PC": 4, "PA": 4}),
    ("PARTICIPATION_L123_19_2", {"DP": 2, "PD": 3, "PCMI": 3, "PC": 4, "PA": 4}),
    ("COMMISSION_DEP_REG", {"PD": 4, "PCMI": 4, "PC": 5, "PA": 5}),
    ("MIN_AGRI", {"PD": 4, "PCMI": 4, "PC": 5, "PA": 5}),
    ("RECIPROCITE_AGRICOLE", {"PD": 4, "PCMI": 4, "PC": 5, "PA": 5}),
    ("DEROGATION_CCH", {"PCMI": 4, "PC": 5}),
    ("CDAC", {"PC": 5}),
    ("PPVE_L123_19", {"DP": 3, "PD": 4, "PCMI": 4, "PC": 5, "PA": 5}),
    ("COEUR_PARC", {"DP": None, "PD": 5, "PCMI": 5, "PC": 5, "PA": 5}),
    ("COMMISSION_NAT", {"PD": 5, "PCMI": 5, "PC": 5, "PA": 5}),
    ("CORSE", {"PD": 5, "PCMI": 5, "PC": 5, "PA": 5}),
    ("RESERVE_NAT", {"DP": 2, "PD": 5, "PCMI": 5, "PC": 5, "PA": 5}),
    ("MH_INSCRIT", {"PD": 5, "PCMI": 5, "PC": 5, "PA": 5}),
    ("ERP_IGH", {"PC": 5}),
    ("DEFRICHEMENT", {"PD": 3, "PCMI": 3, "PC": 3, "PA": 3}),
    ("DEFRICHEMENT_RECONNAISSANCE", {"PD": 5, "PCMI": 5, "PC": 5, "PA": 5}),
    ("DEFRICHEMENT_ENQUETE", {"PD": 7, "PCMI": 7, "PC": 7, "PA": 7}),
    ("CINEMA", {"PC": None}),
    ("SITE_CLASSE", {"PD": None, "PCMI": None, "PC": None, "PA": None}),
    ("ENQUETE_PUBLIQUE", {"DP": None, "PD": 2, "PCMI": 2, "PC": 2, "PA": 2}),
]

PROLONGATIONS_ATTENDUES = [
    ("ABF_RECOURS", {"DP": 3, "PD": 4, "PCMI": 4, "PC": 5, "PA": 5}),
    ("EVOCATION", {"PD": 8, "PCMI": 8, "PC": 8, "PA": 8}),
    ("CNAC", {"PC": None}),
]

R424_2 = [
    "DEFENSE",
    "SITE_CLASSE",
    "RESERVE_NAT",
    "EVOCATION",
    "MH_INSCRIT",
    "ENQUETE_PUBLIQUE",
    "CORSE",
    "COEUR_PARC",
    "CINEMA_REFUSE",
    "CDAC_DEFAVORABLE",
    "DEMOLITION_SITE_INSCRIT",
]


@pytest.mark.parametrize(("type_", "nature", "mois", "silence"), DELAIS_DE_BASE)
def test_delai_de_base(type_: str, nature: str, mois: int | None, silence: str | None) -> None:
    cas = {"type": type_, "nature": nature, "depot": "2026-03-10"}
    if mois is None:
        assert faute("calculer_delai", cas) == "nature"
        return
    resultat = calcul(type_, "2026-03-10", nature=nature)
    limite = date(2026, 3 + mois, 10)
    assert resultat["delai_base_mois"] == resultat["delai_mois"] == mois
    assert resultat["date_limite"] == resultat["date_limite_notifiee"] == limite.isoformat()
    assert resultat["date_decision_implicite"] == limite.replace(day=11).isoformat()
    assert resultat["decision_implicite"] == silence
    instruite = type_ in ("DP", *PERMIS) and nature in ("INITIAL", "MODIFICATIF")
    assert resultat["fin_fenetre_un_mois"] == ("2026-04-10" if instruite else None)
    assert resultat["affichage_depot_limite"] == ("2026-03-25" if instruite else None)
    assert resultat["transmission_copies_limite"] == ("2026-03-17" if instruite else None)
    assert resultat["date_completude"] == resultat["depart"] == "2026-03-10"


@pytest.mark.parametrize("code", ["DPMI", "DPC", "DPLT", "dpmi", "Dp"])
def test_les_declarations_detaillees_comptent_comme_dp(code: str) -> None:
    assert calcul(code, "2026-03-10")["type"] == "DP"


@pytest.mark.parametrize("type_", TOUS)
@pytest.mark.parametrize(("code", "delais"), MAJORATIONS_ATTENDUES)
def test_majoration(type_: str, code: str, delais: dict[str, int | None]) -> None:
    lettre = {"code": code, "notifiee_le": "2026-04-10"}
    resultat = calcul(
        type_, "2026-03-10", majorations=[lettre], enquete_publique={"rapport_recu_le": "2026-03-10"}
    )
    alertes = [a for a in resultat["alertes"] if a.startswith("MAJORATION")]
    if type_ not in delais:
        assert alertes == ["MAJORATION_INAPPLICABLE"]
    elif delais[type_] is None:
        assert alertes == ["MAJORATION_INACTIVE"]
    else:
        assert alertes == [] and resultat["delai_mois"] == delais[type_]
        return
    assert resultat["delai_mois"] == resultat["delai_base_mois"]
    assert resultat["date_limite"] == resultat["date_limite_notifiee"]


@pytest.mark.parametrize("type_", TOUS)
@pytest.mark.parametrize(("code", "delais"), PROLONGATIONS_ATTENDUES)
def test_prolongation(type_: str, code: str, delais: dict[str, int | None]) -> None:
    resultat = calcul(type_, "2026-03-10", prolongations=[{"code": code, "notifiee_le": "2026-03-20"}])
    alertes = [a for a in resultat["alertes"] if a.startswith("PROLONGATION")]
    if type_ not in delais:
        assert alertes == ["PROLONGATION_INAPPLICABLE"]
    elif delais[type_] is None:
        assert alertes == ["PROLONGATION_INACTIVE"]
    else:
        assert alertes == [] and resultat["delai_mois"] == delais[type_]
        return
    assert resultat["delai_mois"] == resultat["delai_base_mois"]


@pytest.mark.parametrize("type_", TOUS)
@pytest.mark.parametrize("code", R424_2)
def test_silence_r424_2(type_: str, code: str) -> None:
    resultat = calcul(type_, "2026-03-10", drapeaux=[code])
    if type_ in PERMIS:
        assert resultat["decision_implicite"] == "rejet_tacite" and resultat["alertes"] == []
    elif type_ == "DP":
        assert resultat["decision_implicite"] == "non_opposition_tacite"
        assert resultat["alertes"] == ["DP_SILENCE_FAVORABLE"]
    else:
        assert resultat["decision_implicite"] == "cu_tacite"


@pytest.mark.parametrize(
    ("type_", "depot", "silence"),
    [
        ("PC", "2025-12-30", "permis_tacite"),
        ("PC", "2025-12-31", "rejet_tacite"),
        ("PD", "2025-12-31", "rejet_tacite"),
        ("DP", "2025-12-30", "non_opposition_tacite"),
        ("DP", "2025-12-31", "opposition_tacite"),
        ("CUB", "2025-12-31", "cu_tacite"),
    ],
)
def test_silence_r424_2_1(type_: str, depot: str, silence: str) -> None:
    resultat = calcul(type_, depot, drapeaux=["EVALUATION_ENVIRONNEMENTALE"])
    assert resultat["decision_implicite"] == silence
    assert "DP_SILENCE_FAVORABLE" not in resultat["alertes"]


@pytest.mark.parametrize(("depot", "mois"), [("2022-03-25", 1), ("2022-03-26", 3)])
def test_ppve_d_une_dp_selon_le_jour_du_depot(depot: str, mois: int) -> None:
    resultat = calcul("DP", depot, majorations=[{"code": "PPVE_L123_19", "notifiee_le": "2022-04-01"}])
    assert resultat["delai_mois"] == mois
    assert ("MAJORATION_HORS_VIGUEUR" in resultat["alertes"]) == (mois == 1)
    assert (
        calcul("PC", depot, majorations=[{"code": "PPVE_L123_19", "notifiee_le": "2022-04-01"}])["delai_mois"]
        == 5
    )


def test_les_tests_couvrent_toutes_les_lignes() -> None:
    assert {(t, n) for t, n, *_ in DELAIS_DE_BASE} == {(t.value, n.value) for t in TypeDelai for n in Nature}
    for codes, attendus in (
        (CODES_MAJORATIONS, MAJORATIONS_ATTENDUES),
        (CODES_PROLONGATIONS, PROLONGATIONS_ATTENDUES),
    ):
        assert list(codes) == [code for code, _ in attendus]
    assert list(CODES_SILENCE) == [*R424_2, "EVALUATION_ENVIRONNEMENTALE"]


LIGNES: list[Ligne] = [*BASES, *MAJORATIONS, *PROLONGATIONS, *SILENCES]


@pytest.mark.parametrize("ligne", LIGNES, ids=lambda ligne: ligne.cle)
def test_chaque_ligne_porte_son_article_et_ses_dates(ligne: Ligne) -> None:
    assert ligne.article and ligne.types and ligne.natures
    assert ligne.du >= date(2017, 4, 1) and ligne.au is None
    assert not (ligne.a_confirmer and ligne.actif)
    assert ligne.en_vigueur(ligne.du) and not ligne.en_vigueur(date.fromordinal(ligne.du.toordinal() - 1))


def test_une_seule_ligne_par_code_type_et_nature() -> None:
    for table in (BASES, MAJORATIONS, PROLONGATIONS, SILENCES):
        vues = [(x.code, t, n) for x in table for t in x.types for n in x.natures]
        assert len(vues) == len(set(vues))
    cles = [x.cle for x in (*BASES, *MAJORATIONS, *PROLONGATIONS)]
    assert len(cles) == len(set(cles))


def test_une_ligne_close_ne_s_applique_plus() -> None:
    ligne = Ligne(code="X", article="R.1", types=frozenset({TypeDelai.PC}), au=date(2020, 6, 30))
    assert ligne.en_vigueur(date(2020, 6, 30)) and not ligne.en_vigueur(date(2020, 7, 1))


@pytest.mark.parametrize(
    ("code", "type_", "mois"), [("CINEMA", "PC", 7), ("SITE_CLASSE", "PA", 8), ("COEUR_PARC", "DP", 2)]
)
def test_une_ligne_a_confirmer_peut_etre_allumee(code: str, type_: str, mois: int) -> None:
    cle = next(x.cle for x in MAJORATIONS if x.code == code and x.a_confirmer)
    demande = DemandeDelai(
        TypeDelai(type_),
        date(2026, 3, 10),
        majorations=(MajorationDeclaree(code, Lettre(notifiee_le=date(2026, 3, 20))),),
    )
    assert calculer_delai(demande, REGLES_LIVREES.avec_actives([cle])).delai_mois == mois
    assert calculer_delai(demande).alertes[-1] == "MAJORATION_INACTIVE"


def test_seules_les_lignes_a_confirmer_s_allument() -> None:
    with pytest.raises(KeyError):
        REGLES_LIVREES.avec_actives(["CDAC/PC/INITIAL+MODIFICATIF/2017-04-01"])
    cle = next(x.cle for x in BASES if x.a_confirmer and TypeDelai.PD in x.types)
    regles = REGLES_LIVREES.avec_actives([cle])
    assert regles.base(TypeDelai.PD, Nature.MODIFICATIF) is not None
    assert regles.base(TypeDelai.DP, Nature.TRANSFERT) is None
    with pytest.raises(ValueError, match="no delay"):
        calculer_delai(DemandeDelai(TypeDelai.PD, date(2026, 1, 1), Nature.MODIFICATIF))
