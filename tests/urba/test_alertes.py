"""Each alert code: a case that raises it, and its nearest neighbour that does not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.urba.outils_urba import traiter
from urba.regles.alertes import Alerte

DEPOT = "2026-03-10"
LETTRE = {"notifiee_le": "2026-04-10"}
TARD = {"notifiee_le": "2026-04-11"}
ELECTRONIQUE = {"mode": "electronique", "envoyee_le": "2026-03-11"}
ACCORD = {"sens": "accord", "signee_le": "2026-02-20", "notifiee_le": "2026-02-24"}
REFUS = {**ACCORD, "sens": "refus"}
ANCIEN = {"sens": "accord", "signee_le": "2023-01-10", "notifiee_le": "2023-01-10"}
TAXE = {"annee": 2025, "zone": "HORS_IDF", "taux": {"communal": "5"}}


def delai(type_: str = "PC", **champs: Any) -> tuple[str, dict[str, Any]]:
    return "calculer_delai", {"type": type_, "depot": DEPOT, **champs}


def termes(type_: str = "PC", decision: Any = ACCORD, **champs: Any) -> tuple[str, dict[str, Any]]:
    return "calculer_echeances", {"type": type_, "decision": decision, **champs}


def taxe(**champs: Any) -> tuple[str, dict[str, Any]]:
    return "simuler_taxe", {**TAXE, **champs}


def maj(code: str, lettre: dict[str, Any] = LETTRE, **champs: Any) -> dict[str, Any]:
    return {"majorations": [{"code": code, **lettre, **champs}]}


def prolongation(code: str, **lettre: Any) -> dict[str, Any]:
    return {"prolongations": [{"code": code, **lettre}]}


def prorogations(*dates: str, **champs: Any) -> dict[str, Any]:
    return {"prorogations": [{"demandee_le": d, **champs} for d in dates]}


def abf(notifie_le: str) -> dict[str, Any]:
    return {"avis_abf": {"sens": "defavorable", "saisi_le": "2026-03-15", "notifie_le": notifie_le}}


CAS: dict[str, tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]]] = {
    "MAJORATION_INAPPLICABLE": (delai("PCMI", **maj("CDAC")), delai("PC", **maj("CDAC"))),
    "MAJORATION_INACTIVE": (delai("PC", **maj("SITE_CLASSE")), delai("PC", **maj("MH_INSCRIT"))),
    "MAJORATION_HORS_VIGUEUR": (
        ("calculer_delai", {"type": "DP", "depot": "2022-03-25", **maj("PPVE_L123_19")}),
        ("calculer_delai", {"type": "DP", "depot": "2022-03-26", **maj("PPVE_L123_19")}),
    ),
    "MAJORATION_NON_NOTIFIEE": (delai(**maj("CDAC", {})), delai(**maj("CDAC"))),
    "MAJORATION_NON_FONDEE": (delai(**maj("CDAC", fondee=False)), delai(**maj("CDAC", fondee=True))),
    "MAJORATION_TARDIVE": (delai(**maj("CDAC", TARD)), delai(**maj("CDAC"))),
    "ENQUETE_RAPPORT_ATTENDU": (
        delai(**maj("ENQUETE_PUBLIQUE")),
        delai(**maj("ENQUETE_PUBLIQUE"), enquete_publique={"rapport_recu_le": DEPOT}),
    ),
    "DEMANDE_PIECES_NON_NOTIFIEE": (delai(pieces=[{}]), delai(pieces=[LETTRE])),
    "DEMANDE_PIECES_TARDIVE": (delai(pieces=[TARD]), delai(pieces=[LETTRE])),
    "PIECE_NON_EXIGIBLE": (delai(pieces=[{**LETTRE, "exigible": False}]), delai(pieces=[LETTRE])),
    "DEMANDE_PIECES_REMPLACEE": (delai(pieces=[LETTRE, LETTRE]), delai(pieces=[LETTRE, TARD])),
    "DEMANDE_PIECES_SANS_EFFET": (delai("CUA", pieces=[LETTRE]), delai("CUA", pieces=[])),
    "PIECES_COMPLETEES_TARDIVEMENT": (
        delai(pieces=[{**LETTRE, "completees_le": "2026-07-11"}]),
        delai(pieces=[{**LETTRE, "completees_le": "2026-07-10"}]),
    ),
    "PROLONGATION_INAPPLICABLE": (
        delai("DP", **prolongation("EVOCATION", **LETTRE)),
        delai("PD", **prolongation("EVOCATION", **LETTRE)),
    ),
    "PROLONGATION_INACTIVE": (
        delai(**prolongation("CNAC", **LETTRE)),
        delai(**prolongation("EVOCATION", **LETTRE)),
    ),
    "PROLONGATION_NON_NOTIFIEE": (
        delai(**prolongation("ABF_RECOURS")),
        delai(**prolongation("ABF_RECOURS", **LETTRE)),
    ),
    "PROLONGATION_TARDIVE": (
        delai(**prolongation("ABF_RECOURS", notifiee_le="2026-06-11")),
        delai(**prolongation("ABF_RECOURS", notifiee_le="2026-06-10")),
    ),
    "FICTION_ELECTRONIQUE": (
        delai(pieces=[{**ELECTRONIQUE, "consultee_le": "2026-03-27"}]),
        delai(pieces=[{**ELECTRONIQUE, "consultee_le": "2026-03-26"}]),
    ),
    "DATES_DIVERGENTES": (delai(**maj("CDAC", TARD)), delai(**maj("CDAC"))),
    "AVIS_ABF_TARDIF": (delai(**abf("2026-05-16")), delai(**abf("2026-05-15"))),
    "DP_SILENCE_FAVORABLE": (delai("DP", drapeaux=["DEFENSE"]), delai("PC", drapeaux=["DEFENSE"])),
    "DP_ABF_SANS_EFFET_SUR_SILENCE": (delai("DP", **abf("2026-04-15")), delai("DP", **abf("2026-04-16"))),
    "CU_TACITE_EFFETS_LIMITES": (delai("CUB"), delai("CUA")),
    "DECISION_APRES_DECISION_IMPLICITE": (
        delai(decision_notifiee_le="2026-06-11"),
        delai(decision_notifiee_le="2026-06-10"),
    ),
    "ECHEANCE_PROCHE": (delai(a_la_date="2026-05-26"), delai(a_la_date="2026-05-25")),
    "ECHEANCE_DEPASSEE": (delai(a_la_date="2026-06-11"), delai(a_la_date="2026-06-10")),
    "DECISION_NON_NOTIFIEE": (termes(decision={**ACCORD, "notifiee_le": None}), termes()),
    "VALIDITE_DU_PERMIS_INITIAL": (termes(nature="TRANSFERT"), termes(nature="INITIAL")),
    "RECOURS_APRES_PEREMPTION": (
        termes(recours_contentieux=[{"introduit_le": "2029-02-25"}]),
        termes(recours_contentieux=[{"introduit_le": "2029-02-24"}]),
    ),
    "VALIDITE_SUSPENDUE": (
        termes(recours_contentieux=[{"introduit_le": "2026-03-01"}]),
        termes(recours_contentieux=[{"introduit_le": "2026-03-01", "decision_definitive_le": "2026-04-01"}]),
    ),
    "PROROGATION_EXCLUE": (
        termes(decision=ANCIEN, **prorogations("2025-01-01")),
        termes(**prorogations("2028-01-01")),
    ),
    "PROROGATION_NOMBRE_ATTEINT": (
        termes(**prorogations("2028-01-01", "2028-01-02", "2028-01-03")),
        termes(**prorogations("2028-01-01", "2028-01-02")),
    ),
    "PROROGATION_DEMANDE_TARDIVE": (
        termes(**prorogations("2028-12-25")),
        termes(**prorogations("2028-12-24")),
    ),
    "PROROGATION_DECISION_TARDIVE": (
        termes(**prorogations("2028-01-01", decision_le="2028-03-02", sens="refus")),
        termes(**prorogations("2028-01-01", decision_le="2028-03-01", sens="refus")),
    ),
    "PROROGATION_EN_ATTENTE": (
        termes(**prorogations("2028-01-01"), a_la_date="2028-03-01"),
        termes(**prorogations("2028-01-01"), a_la_date="2028-03-02"),
    ),
    "DOC_APRES_PEREMPTION": (termes(doc_le="2029-02-25"), termes(doc_le="2029-02-24")),
    "DOC_AVANT_DECISION": (termes(doc_le="2026-02-23"), termes(doc_le="2026-02-24")),
    "DAACT_SANS_OBJET": (termes("PD", daact_le="2027-01-01"), termes("DP", daact_le="2027-01-01")),
    "DAACT_SANS_DOC": (termes("PC", daact_le="2027-01-01"), termes("DP", daact_le="2027-01-01")),
    "DAACT_AVANT_DOC": (
        termes(doc_le="2027-01-02", daact_le="2027-01-01"),
        termes(doc_le="2027-01-01", daact_le="2027-01-01"),
    ),
    "ATTESTATION_PREMATUREE": (
        termes(doc_le="2026-03-01", daact_le="2027-01-01", attestation_demandee_le="2027-04-01"),
        termes(doc_le="2026-03-01", daact_le="2027-01-01", attestation_demandee_le="2027-04-02"),
    ),
    "TRANSMISSION_TARDIVE": (termes(transmission_le="2026-03-08"), termes(transmission_le="2026-03-07")),
    "AFFICHAGE_MAIRIE_TARDIF": (
        termes(affichage_mairie_le="2026-03-01"),
        termes(affichage_mairie_le="2026-02-28"),
    ),
    "AFFICHAGE_TERRAIN_INTERROMPU": (
        termes(affichage_terrain_le="2026-03-01", affichage_terrain_fin="2026-04-30"),
        termes(affichage_terrain_le="2026-03-01", affichage_terrain_fin="2026-05-01"),
    ),
    "RECOURS_GRACIEUX_TARDIF": (
        termes(decision=REFUS, recours_gracieux={"recu_le": "2026-03-26"}),
        termes(decision=REFUS, recours_gracieux={"recu_le": "2026-03-25"}),
    ),
    "PETITE_CONSTRUCTION": (
        taxe(locaux=[{"categorie": "AUTRE", "surface_m2": 5}]),
        taxe(locaux=[{"categorie": "AUTRE", "surface_m2": "5.01"}]),
    ),
    "EXONERATION_PLAFONNEE": (
        taxe(exonerations=[{"part": "communale", "montant": "0.01", "motif": "abri"}]),
        taxe(exonerations=[{"part": "communale", "montant": 0, "motif": "abri"}]),
    ),
    "ARCHEOLOGIE_NON_SIMULEE": (taxe(archeologie=True), taxe(archeologie=False)),
}


def test_toutes_les_alertes_ont_leur_cas() -> None:
    assert set(CAS) == set(Alerte)


@pytest.mark.parametrize("alerte", CAS)
def test_alerte(alerte: str) -> None:
    avec, sans = (traiter(*cas)["alertes"] for cas in CAS[alerte])
    assert alerte in avec
    assert alerte not in sans
