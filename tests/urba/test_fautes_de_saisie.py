"""Faults of the cases: one test for each kind, at its path, in the order of the contract."""

from __future__ import annotations

from typing import Any

import pytest

from tests.urba.outils_urba import faute, traiter

PC: dict[str, Any] = {"type": "PC", "depot": "2026-01-10"}
ACCORD = {"sens": "accord", "signee_le": "2026-02-20", "notifiee_le": "2026-02-24"}
DECIDE: dict[str, Any] = {"type": "PC", "decision": ACCORD}
TAXE: dict[str, Any] = {"annee": 2025, "zone": "HORS_IDF", "taux": {"communal": 5}}


def abf(**champs: Any) -> dict[str, Any]:
    return {"majorations": [{"code": "ABF_ABORDS_SPR", **champs}]}


FAUTES_DELAI: list[tuple[Any, str]] = [
    (None, "cas"),
    ("PC", "cas"),
    ([], "cas"),
    ({}, "type"),
    ({"type": None, "depot": 3}, "type"),
    ({"type": 3}, "type"),
    ({"type": "PCX"}, "type"),
    ({"type": " PC"}, "type"),
    ({"type": "dpm\u0131"}, "type"),
    ({"type": "PC"}, "depot"),
    ({"type": "CUA", "nature": "TRANSFERT"}, "nature"),
    ({"type": "PD", "nature": "MODIFICATIF"}, "nature"),
    ({"type": "DP", "nature": "TRANSFERT"}, "nature"),
    ({"type": "PC", "nature": "initial", "depot": "x"}, "nature"),
    ({"type": "PC", "nature": ["INITIAL"]}, "nature"),
    ({"type": "PC", "depot": "2017-03-31"}, "depot"),
    ({"type": "PC", "depot": "10/01/2026"}, "depot"),
    ({"type": "PC", "depot": 20260110}, "depot"),
    ({**PC, "z": 1, "a": 1, "type": "PCX"}, "a"),
    ({**PC, "Depot": None}, "Depot"),
    ({**PC, "majorations": {}}, "majorations"),
    ({**PC, "majorations": ["ABF_ABORDS_SPR"]}, "majorations[0]"),
    ({**PC, "majorations": [None]}, "majorations[0]"),
    ({**PC, "majorations": [{}]}, "majorations[0].code"),
    ({**PC, "majorations": [{"code": "abf_abords_spr"}]}, "majorations[0].code"),
    ({**PC, "majorations": [{"code": "CORSE"}, {"code": "X", "zz": 1, "aa": 2}]}, "majorations[1].aa"),
    ({**PC, **abf(fondee="oui")}, "majorations[0].fondee"),
    ({**PC, **abf(fondee=1)}, "majorations[0].fondee"),
    ({**PC, **abf(mode="fax")}, "majorations[0].mode"),
    ({**PC, **abf(notifiee_le="2026-02-30")}, "majorations[0].notifiee_le"),
    ({**PC, **abf(notifiee_le="2026-01-09")}, "majorations[0].notifiee_le"),
    ({**PC, **abf(envoyee_le="2026-01-20")}, "majorations[0].envoyee_le"),
    ({**PC, **abf(mode="postal", consultee_le="2026-01-20")}, "majorations[0].consultee_le"),
    ({**PC, **abf(mode="electronique", notifiee_le="2026-01-20")}, "majorations[0].notifiee_le"),
    ({**PC, **abf(mode="electronique", envoyee_le="2026-01-09")}, "majorations[0].envoyee_le"),
    ({**PC, **abf(mode="electronique", consultee_le="2026-01-20")}, "majorations[0].consultee_le"),
    (
        {**PC, **abf(mode="electronique", envoyee_le="2026-01-20", consultee_le="2026-01-19")},
        "majorations[0].consultee_le",
    ),
    ({**PC, "pieces": [{"exigible": "true"}]}, "pieces[0].exigible"),
    ({**PC, "pieces": [{"completees_le": "2026-01-09"}]}, "pieces[0].completees_le"),
    ({**PC, "pieces": [{"completees_le": "hier", "notifiee_le": "2026-01-09"}]}, "pieces[0].notifiee_le"),
    ({**PC, "pieces": [{"code": "PC1"}]}, "pieces[0].code"),
    ({**PC, "drapeaux": "DEFENSE"}, "drapeaux"),
    ({**PC, "drapeaux": ["DEFENSE", "CDAC"]}, "drapeaux[1]"),
    ({**PC, "drapeaux": [None]}, "drapeaux[0]"),
    ({**PC, "drapeaux": [["DEFENSE"]]}, "drapeaux[0]"),
    ({**PC, "avis_abf": []}, "avis_abf"),
    ({**PC, "avis_abf": {}}, "avis_abf.sens"),
    ({**PC, "avis_abf": {"sens": "tacite"}}, "avis_abf.sens"),
    ({**PC, "avis_abf": {"sens": "favorable"}}, "avis_abf.notifie_le"),
    ({**PC, "avis_abf": {"sens": "favorable", "accord": 0}}, "avis_abf.accord"),
    (
        {**PC, "avis_abf": {"sens": "favorable", "saisi_le": "2026-02-02", "notifie_le": "2026-02-01"}},
        "avis_abf.notifie_le",
    ),
    ({**PC, "enquete_publique": True}, "enquete_publique"),
    ({**PC, "enquete_publique": {"rapport_recu_le": "2026-01-09"}}, "enquete_publique.rapport_recu_le"),
    ({**PC, "prolongations": [{"code": "ABF"}]}, "prolongations[0].code"),
    ({**PC, "prolongations": [{"code": "CNAC", "fondee": True}]}, "prolongations[0].fondee"),
    (
        {**PC, "prolongations": [{"code": "CNAC", "notifiee_le": "2026-01-09"}]},
        "prolongations[0].notifiee_le",
    ),
    ({**PC, "decision_notifiee_le": "2026-01-09"}, "decision_notifiee_le"),
    ({**PC, "a_la_date": "demain"}, "a_la_date"),
    ({**PC, "a_la_date": "demain", "pieces": 1}, "pieces"),
    ({"type": "PC", "depot": "9999-12-01"}, "depot"),
]

TACITE = {"sens": "accord", "forme": "tacite", "nee_le": "2026-02-24"}
FAUTES_ECHEANCES: list[tuple[Any, str]] = [
    (7, "cas"),
    ({"type": "PC", "decision": None}, "decision"),
    ({"type": "PC", "decision": "accord"}, "decision"),
    ({**DECIDE, "type": "PCX"}, "type"),
    ({**DECIDE, "nature": "PROROGATION"}, "nature"),
    ({**DECIDE, "type": "DP", "nature": "MODIFICATIF"}, "nature"),
    ({**DECIDE, "autorite": "region"}, "autorite"),
    ({**DECIDE, "alsace_moselle": "non"}, "alsace_moselle"),
    ({**DECIDE, "decision": {"date": "x", "sens": "oui"}}, "decision.date"),
    ({**DECIDE, "decision": {}}, "decision.sens"),
    ({**DECIDE, "decision": {"sens": "oui"}}, "decision.sens"),
    ({**DECIDE, "type": "CUA", "decision": {**ACCORD, "sens": "refus"}}, "decision.sens"),
    ({**DECIDE, "type": "CUA", "decision": {**ACCORD, "sens": "accord_prescriptions"}}, "decision.sens"),
    ({**DECIDE, "type": "CUB", "decision": {**ACCORD, "sens": "sursis"}}, "decision.sens"),
    ({**DECIDE, "decision": {**ACCORD, "forme": "orale"}}, "decision.forme"),
    ({**DECIDE, "decision": {**TACITE, "sens": "sursis"}}, "decision.forme"),
    ({**DECIDE, "decision": {**TACITE, "sens": "accord_prescriptions"}}, "decision.forme"),
    ({**DECIDE, "decision": {**TACITE, "signee_le": "2026-02-24"}}, "decision.signee_le"),
    ({**DECIDE, "decision": {**TACITE, "notifiee_le": "2026-02-24"}}, "decision.notifiee_le"),
    ({**DECIDE, "decision": {"sens": "accord", "forme": "tacite"}}, "decision.nee_le"),
    ({**DECIDE, "decision": {"sens": "accord"}}, "decision.signee_le"),
    ({**DECIDE, "decision": {**ACCORD, "nee_le": "2026-02-24"}}, "decision.nee_le"),
    ({**DECIDE, "decision": {**ACCORD, "notifiee_le": "2026-02-19"}}, "decision.notifiee_le"),
    ({**DECIDE, "transmission_le": "x"}, "transmission_le"),
    ({**DECIDE, "affichage_mairie_le": 1}, "affichage_mairie_le"),
    ({**DECIDE, "affichage_terrain_le": "2026-02-19"}, "affichage_terrain_le"),
    ({**DECIDE, "affichage_terrain_fin": "2026-05-19"}, "affichage_terrain_fin"),
    (
        {**DECIDE, "affichage_terrain_le": "2026-03-01", "affichage_terrain_fin": "2026-02-28"},
        "affichage_terrain_fin",
    ),
    ({**DECIDE, "prorogations": [{}]}, "prorogations[0].demandee_le"),
    ({**DECIDE, "prorogations": [{"demandee_le": "2026-02-19"}]}, "prorogations[0].demandee_le"),
    (
        {
            **DECIDE,
            "prorogations": [{"demandee_le": "2026-03-19", "decision_le": "2026-03-18", "sens": "refus"}],
        },
        "prorogations[0].decision_le",
    ),
    (
        {**DECIDE, "prorogations": [{"demandee_le": "2026-03-19", "decision_le": "2026-03-20"}]},
        "prorogations[0].sens",
    ),
    ({**DECIDE, "prorogations": [{"demandee_le": "2026-03-19", "sens": "accord"}]}, "prorogations[0].sens"),
    ({**DECIDE, "prorogations": [{"demandee_le": "2026-03-19", "sens": "sursis"}]}, "prorogations[0].sens"),
    ({**DECIDE, "nature": "TRANSFERT", "prorogations": [{}]}, "prorogations"),
    ({**DECIDE, "recours_contentieux": [{}]}, "recours_contentieux[0].introduit_le"),
    (
        {**DECIDE, "recours_contentieux": [{"introduit_le": "2026-02-19"}]},
        "recours_contentieux[0].introduit_le",
    ),
    (
        {
            **DECIDE,
            "recours_contentieux": [{"introduit_le": "2026-03-19", "decision_definitive_le": "2026-03-18"}],
        },
        "recours_contentieux[0].decision_definitive_le",
    ),
    ({**DECIDE, "recours_gracieux": []}, "recours_gracieux"),
    ({**DECIDE, "recours_gracieux": {}}, "recours_gracieux.recu_le"),
    ({**DECIDE, "recours_gracieux": {"recu_le": "2026-02-19"}}, "recours_gracieux.recu_le"),
    (
        {**DECIDE, "recours_gracieux": {"recu_le": "2026-03-19", "reponse_notifiee_le": "2026-03-18"}},
        "recours_gracieux.reponse_notifiee_le",
    ),
    ({**DECIDE, "type": "CUA", "doc_le": "2026-03-19"}, "doc_le"),
    ({**DECIDE, "travaux_interrompus_depuis": "2026-03-19"}, "travaux_interrompus_depuis"),
    (
        {**DECIDE, "doc_le": "2026-03-20", "travaux_interrompus_depuis": "2026-03-19"},
        "travaux_interrompus_depuis",
    ),
    ({**DECIDE, "daact_le": ""}, "daact_le"),
    ({**DECIDE, "recolement_obligatoire": "oui"}, "recolement_obligatoire"),
    ({**DECIDE, "achevement_le": "x"}, "achevement_le"),
    ({**DECIDE, "attestation_demandee_le": "2026-03-19"}, "attestation_demandee_le"),
    ({**DECIDE, "a_la_date": "x"}, "a_la_date"),
    (
        {**DECIDE, "decision": {"sens": "accord", "signee_le": "9998-02-20", "notifiee_le": "9998-02-20"}},
        "decision",
    ),
]

FAUTES_TAXE: list[tuple[Any, str]] = [
    (None, "cas"),
    ({}, "annee"),
    ({**TAXE, "annee": "2025"}, "annee"),
    ({**TAXE, "annee": 2025.0}, "annee"),
    ({**TAXE, "annee": True}, "annee"),
    ({**TAXE, "zone": "idf"}, "zone"),
    ({"annee": 2025, "zone": "IDF"}, "taux"),
    ({**TAXE, "taux": 5}, "taux"),
    ({**TAXE, "taux": {}}, "taux.communal"),
    ({**TAXE, "taux": {"communal": "5,0"}}, "taux.communal"),
    ({**TAXE, "taux": {"communal": -1}}, "taux.communal"),
    ({**TAXE, "taux": {"communal": 5, "commune": 5}}, "taux.commune"),
    ({**TAXE, "secteur_majore": 1}, "secteur_majore"),
    ({**TAXE, "locaux": {}}, "locaux"),
    ({**TAXE, "locaux": [{}]}, "locaux[0].categorie"),
    ({**TAXE, "locaux": [{"categorie": "MAISON"}]}, "locaux[0].categorie"),
    ({**TAXE, "locaux": [{"categorie": "AUTRE"}]}, "locaux[0].surface_m2"),
    ({**TAXE, "locaux": [{"categorie": "AUTRE", "surface_m2": "12.345"}]}, "locaux[0].surface_m2"),
    ({**TAXE, "locaux": [{"categorie": "AUTRE", "surface_m2": 10**9}]}, "locaux[0].surface_m2"),
    ({**TAXE, "locaux": [{"categorie": "AUTRE", "surface_m2": 1, "logements": 0}]}, "locaux[0].logements"),
    ({**TAXE, "locaux": [{"categorie": "AUTRE", "surface_m2": 1, "logements": "2"}]}, "locaux[0].logements"),
    (
        {**TAXE, "locaux": [{"categorie": "AUTRE", "surface_m2": 1, "logements": 10**6}]},
        "locaux[0].logements",
    ),
    (
        {**TAXE, "locaux": [{"categorie": "AUTRE", "surface_m2": 1, "surface_existante_m2": "-1"}]},
        "locaux[0].surface_existante_m2",
    ),
    ({**TAXE, "installations": []}, "installations"),
    ({**TAXE, "installations": {"piscine": 1}}, "installations.piscine"),
    ({**TAXE, "installations": {"piscine_m2": "a"}}, "installations.piscine_m2"),
    ({**TAXE, "installations": {"stationnements": 1.5}}, "installations.stationnements"),
    ({**TAXE, "installations": {"stationnements": -1}}, "installations.stationnements"),
    ({**TAXE, "installations": {"eoliennes": 1_000_000}}, "installations.eoliennes"),
    ({**TAXE, "installations": {"photovoltaique_m2": True}}, "installations.photovoltaique_m2"),
    ({**TAXE, "exonerations": [{}]}, "exonerations[0].part"),
    ({**TAXE, "exonerations": [{"part": "communal"}]}, "exonerations[0].part"),
    ({**TAXE, "exonerations": [{"part": "communale"}]}, "exonerations[0].montant"),
    ({**TAXE, "exonerations": [{"part": "communale", "montant": 1}]}, "exonerations[0].motif"),
    (
        {**TAXE, "exonerations": [{"part": "communale", "montant": 1, "motif": " \u00a0"}]},
        "exonerations[0].motif",
    ),
    ({**TAXE, "exonerations": [{"part": "communale", "montant": 1, "motif": 3}]}, "exonerations[0].motif"),
    ({**TAXE, "archeologie": "non"}, "archeologie"),
]


@pytest.mark.parametrize(("cas", "champ"), FAUTES_DELAI)
def test_calculer_delai(cas: Any, champ: str) -> None:
    assert faute("calculer_delai", cas) == champ


@pytest.mark.parametrize(("cas", "champ"), FAUTES_ECHEANCES)
def test_calculer_echeances(cas: Any, champ: str) -> None:
    assert faute("calculer_echeances", cas) == champ


@pytest.mark.parametrize(("cas", "champ"), FAUTES_TAXE)
def test_simuler_taxe(cas: Any, champ: str) -> None:
    assert faute("simuler_taxe", cas) == champ


@pytest.mark.parametrize("commande", ["calculer_delai", "calculer_echeances", "simuler_taxe"])
def test_null_vaut_absent(commande: str) -> None:
    cas, champs = {
        "calculer_delai": (PC, ("nature", "majorations", "pieces", "drapeaux", "avis_abf", "a_la_date")),
        "calculer_echeances": (
            DECIDE,
            ("nature", "autorite", "alsace_moselle", "prorogations", "recours_gracieux"),
        ),
        "simuler_taxe": (TAXE, ("secteur_majore", "locaux", "installations", "exonerations", "archeologie")),
    }[commande]
    assert traiter(commande, {**cas, **dict.fromkeys(champs)}) == traiter(commande, cas)
    assert "erreur" not in traiter(commande, cas)


def test_premier_depot_accepte() -> None:
    assert traiter("calculer_delai", {"type": "PC", "depot": "2017-04-01"})["date_limite"] == "2017-07-01"


def test_les_bornes_des_dates_sont_comprises() -> None:
    cas = {
        **PC,
        "majorations": [
            {
                "code": "CDPENAF",
                "mode": "electronique",
                "envoyee_le": "2026-01-10",
                "consultee_le": "2026-01-10",
            }
        ],
        "pieces": [{"notifiee_le": "2026-01-10", "completees_le": "2026-01-10"}],
        "avis_abf": {"sens": "favorable", "saisi_le": "2025-01-01", "notifie_le": "2025-01-01"},
        "enquete_publique": {"rapport_recu_le": "2026-01-10"},
        "decision_notifiee_le": "2026-01-10",
        "a_la_date": "2020-01-01",
    }
    assert traiter("calculer_delai", cas)["date_limite"] == "2026-05-10"
    jour = "2026-02-20"
    decide = {
        "type": "PC",
        "decision": {"sens": "accord", "signee_le": jour, "notifiee_le": jour},
        "affichage_terrain_le": jour,
        "affichage_terrain_fin": jour,
        "prorogations": [{"demandee_le": jour, "decision_le": jour, "sens": "refus"}],
        "recours_contentieux": [{"introduit_le": jour, "decision_definitive_le": jour}],
        "recours_gracieux": {"recu_le": jour, "reponse_notifiee_le": jour},
        "doc_le": jour,
        "travaux_interrompus_depuis": jour,
        "transmission_le": "2020-01-01",
        "affichage_mairie_le": "2020-01-01",
    }
    assert "erreur" not in traiter("calculer_echeances", decide)
