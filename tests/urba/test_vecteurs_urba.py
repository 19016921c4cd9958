"""The worked examples: shared vectors and those written in the specification, by function and by command."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from tests.appels import ecarts
from tests.urba.outils_urba import CONTRATS, VECTEURS, traiter

EXEMPLES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "calculer_delai",
        {
            "type": "PCMI",
            "depot": "2025-02-15",
            "majorations": [{"code": "ABF_ABORDS_SPR", "notifiee_le": "2025-03-05"}],
            "pieces": [{"notifiee_le": "2025-03-28", "completees_le": "2025-05-20", "exigible": True}],
            "drapeaux": ["EVALUATION_ENVIRONNEMENTALE"],
        },
        {
            "type": "PCMI",
            "nature": "INITIAL",
            "delai_base_mois": 2,
            "delai_mois": 3,
            "fin_fenetre_un_mois": "2025-03-15",
            "affichage_depot_limite": "2025-03-02",
            "transmission_copies_limite": "2025-02-22",
            "date_completude": "2025-02-15",
            "depart": "2025-02-15",
            "date_limite": "2025-05-15",
            "date_limite_notifiee": "2025-08-20",
            "date_limite_pieces": None,
            "decision_implicite": "permis_tacite",
            "date_decision_implicite": "2025-05-16",
            "jours_restants": None,
            "alertes": ["DATES_DIVERGENTES", "DEMANDE_PIECES_TARDIVE"],
        },
    ),
    (
        "calculer_echeances",
        {
            "type": "PC",
            "decision": {"sens": "accord", "signee_le": "2026-02-20", "notifiee_le": "2026-02-24"},
            "transmission_le": "2026-03-02",
            "affichage_terrain_le": "2026-03-10",
            "prorogations": [{"demandee_le": "2028-12-01"}],
            "a_la_date": "2026-11-02",
        },
        {
            "type": "PC",
            "nature": "INITIAL",
            "date_acte": "2026-02-20",
            "validite_fin": "2030-02-24",
            "validite_regle": "R.424-17",
            "prorogation_demande_limite": "2029-12-24",
            "prorogations_restantes": 1,
            "prorogations": [
                {
                    "demandee_le": "2028-12-01",
                    "retenue": True,
                    "acquise_le": "2029-02-02",
                    "fin": "2030-02-24",
                }
            ],
            "peremption_le": "2030-02-25",
            "retrait_limite": "2026-05-20",
            "transmission_limite": "2026-03-07",
            "executoire_le": "2026-03-02",
            "defere_limite": "2026-05-04",
            "affichage_mairie_limite": "2026-02-28",
            "affichage_mairie_fin": None,
            "recours_tiers_limite": "2026-05-11",
            "recours_tiers_limite_absolue": None,
            "recours_demandeur_limite": None,
            "recours_gracieux_limite": "2026-04-13",
            "recours_gracieux_rejet_implicite_le": None,
            "recours_gracieux_proroge": False,
            "contestation_conformite_limite": None,
            "conformite_acquise_le": None,
            "attestation_limite": None,
            "taxe_declaration_limite": None,
            "etat": "valide",
            "alertes": ["PROROGATION_EN_ATTENTE"],
        },
    ),
    (
        "simuler_taxe",
        {
            "annee": 2026,
            "zone": "HORS_IDF",
            "taux": {"communal": "5", "departemental": "2.5"},
            "locaux": [{"categorie": "RESIDENCE_PRINCIPALE", "surface_m2": "120"}],
            "installations": {"piscine_m2": "32", "stationnements": 2},
        },
        {
            "annee": 2026,
            "zone": "HORS_IDF",
            "valeur_m2": "892.00",
            "base_communale": "76328.00",
            "base_departementale": "76328.00",
            "base_regionale": "0.00",
            "part_communale": "3816.40",
            "part_departementale": "1908.20",
            "part_regionale": "0.00",
            "total": "5724.60",
            "archeologie": None,
            "alertes": [],
            "lignes": [
                {
                    "libelle": "Résidence principale, 100 premiers m²",
                    "quantite": "100.00",
                    "valeur": "446.00",
                    "base": "44600.00",
                },
                {
                    "libelle": "Résidence principale, au-delà",
                    "quantite": "20.00",
                    "valeur": "892.00",
                    "base": "17840.00",
                },
                {"libelle": "Piscine", "quantite": "32.00", "valeur": "251.00", "base": "8032.00"},
                {
                    "libelle": "Stationnement extérieur",
                    "quantite": "2",
                    "valeur": "2928.00",
                    "base": "5856.00",
                },
            ],
            "avertissement": "Simulation sans valeur juridique : la DGFiP calcule et recouvre la taxe.",
        },
    ),
    (
        "lire_numero",
        {"numero": "pc 013.055-24 00012 m1"},
        {
            "type": "PC",
            "departement": "013",
            "commune": "055",
            "insee": "13055",
            "annee": 2024,
            "ordre": "00012",
            "nature": "MODIFICATIF",
            "rang": 1,
            "extension": "M01",
            "canonique": "PC0130552400012M01",
            "affichage": "PC 013 055 24 00012 M01",
        },
    ),
]
REGLES = {
    "BASE",
    "MAJORATION",
    "ENQUETE",
    "PIECES",
    "PROLONGATION",
    "LIMITE",
    "SILENCE",
    "DECISION",
    "VALIDITE",
    "RETRAIT",
    "RECOURS",
    "TRAVAUX",
}


@pytest.mark.parametrize("vecteur", VECTEURS, ids=[v["nom"] for v in VECTEURS])
def test_vecteur_par_la_fonction(vecteur: dict[str, Any]) -> None:
    assert ecarts(vecteur["attendu"], traiter(vecteur["commande"], vecteur["entree"])) == []


@pytest.mark.parametrize("commande", CONTRATS)
def test_vecteurs_par_la_commande(commande: str, tmp_path: Path) -> None:
    vecteurs = [v for v in VECTEURS if v["commande"] == commande]
    assert vecteurs
    fichier = tmp_path / "lot.json"
    fichier.write_text(json.dumps([v["entree"] for v in vecteurs]), encoding="utf-8")
    sortie = io.StringIO()
    call_command(commande, str(fichier), stdout=sortie)
    resultats = json.loads(sortie.getvalue())
    assert len(resultats) == len(vecteurs)
    assert [
        e for v, r in zip(vecteurs, resultats, strict=True) for e in ecarts(v["attendu"], r, v["nom"])
    ] == []


@pytest.mark.parametrize(("commande", "entree", "attendu"), EXEMPLES, ids=[e[0] for e in EXEMPLES])
def test_exemple_du_texte(commande: str, entree: dict[str, Any], attendu: dict[str, Any]) -> None:
    resultat = traiter(commande, entree)
    explication = resultat.pop("explication", None)
    assert resultat == attendu
    assert list(resultat) == list(attendu)
    if commande in ("calculer_delai", "calculer_echeances"):
        assert explication and all(set(e) == {"regle", "article", "detail"} for e in explication)
    else:
        assert explication is None


@pytest.mark.parametrize("vecteur", VECTEURS, ids=[v["nom"] for v in VECTEURS])
def test_toute_reponse_s_explique(vecteur: dict[str, Any]) -> None:
    resultat = traiter(vecteur["commande"], vecteur["entree"])
    if "erreur" in resultat or vecteur["commande"] in ("simuler_taxe", "lire_numero"):
        assert "explication" not in resultat
        return
    assert resultat["explication"]
    for etape in resultat["explication"]:
        assert etape["regle"] in REGLES and etape["article"]
        assert not etape["detail"][0].islower() and etape["detail"].endswith(".")
    if resultat.get("date_limite"):
        jour = "/".join(reversed(resultat["date_limite"].split("-")))
        assert any(jour in e["detail"] for e in resultat["explication"] if e["regle"] == "LIMITE")
