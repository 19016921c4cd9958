"""Every worked example of the specification, through the command itself, and its full answers key by key."""

from __future__ import annotations

import pytest

from tests.appels import ecarts, un, vecteurs

EXEMPLES = vecteurs("assainissement")


@pytest.mark.parametrize("exemple", EXEMPLES, ids=[exemple["nom"] for exemple in EXEMPLES])
def test_exemple_de_la_specification(exemple):
    assert ecarts(exemple["attendu"], un(exemple["commande"], exemple["entree"])) == []


def test_les_cinq_commandes_ont_des_exemples():
    assert {exemple["commande"] for exemple in EXEMPLES} == {
        "classer_anc",
        "echeances_anc",
        "calculer_pfac",
        "indicateurs_sispea",
        "controler_raepa",
    }


def sans_explication(reponse):
    explication = reponse.pop("explication")
    assert explication and all(isinstance(phrase, str) and phrase.strip() for phrase in explication)
    return reponse


def test_classement_complet():
    cas = {
        "elements_probants": True,
        "incomplete": True,
        "zone_environnementale": True,
        "couvercle_non_securise": None,
    }
    assert sans_explication(un("classer_anc", cas)) == {
        "conclusion": "non_conforme",
        "regle": "R4",
        "cas": "c",
        "conforme_reglementaire": False,
        "conforme_p301": True,
        "mise_en_demeure": False,
        "travaux_obligatoires": False,
        "delai_travaux_annees": None,
        "delai_vente_annees": 1,
        "motifs": ["incomplete"],
        "notes": ["impact_non_prouve"],
        "points_non_verifies": ["couvercle_non_securise"],
        "zones": {"sanitaire": False, "environnementale": True},
    }


def test_echeances_completes():
    cas = {
        "regle": "R1",
        "date_controle": "2026-02-20",
        "date_notification": "2026-03-12",
        "date_acte": "2026-10-05",
    }
    assert sans_explication(un("echeances_anc", cas)) == {
        "echeance_travaux": "2027-10-05",
        "regle_echeance": "1_an_acte",
        "fin_validite_rapport": "2029-02-20",
        "rapport_valable_pour_acte": True,
        "nouveau_controle_requis": False,
        "prochain_controle": "2036-02-20",
        "motif_prochain_controle": "periodique",
        "frequence_annees": 10,
        "majoration_due": False,
    }


def test_pfac_complete():
    cas = {
        "deliberation": {"mode": "surface", "tarif_m2": "18", "date_effet": "2020-01-01"},
        "nature": "neuf",
        "surface_m2": 600,
        "eaux_usees_supplementaires": True,
        "cout_anc": 9000,
        "remboursement_branchement": 1500,
        "date_raccordement": "2026-03-02",
    }
    assert sans_explication(un("calculer_pfac", cas)) == {
        "montant": "5700.00",
        "brut": "10800.00",
        "plafond": "5700.00",
        "plafonne": True,
        "motif": None,
        "exigible": True,
        "date_exigibilite": "2026-03-02",
        "limite_contestation": None,
        "article": "L1331-7",
    }


def test_indicateur_complet():
    kilometres = {"2021": "1.2", "2022": 0, "2023": "0.8", "2024": 2, "2025": "0.5"}
    cas = {"annee": 2025, "renouvellement": {"lineaires_km": kilometres, "lineaire_total_km": 90}}
    assert un("indicateurs_sispea", cas) == {
        "annee": 2025,
        "P253.2": {"valeur": "1.00", "lineaire_renouvele_km": "4.500"},
    }


def test_controle_raepa_complet():
    regard = {
        "IDOUVRAGE": "R1",
        "X": 652000,
        "Y": 6862000,
        "TYPRESEAU": 2,
        "FNOUVASS": "06",
        "MOUVRAGE": "Commune",
        "GEXPLOIT": "Régie",
        "QUALGLOCXY": "01",
        "DATEMAJ": "2024-05-02",
        "SOURMAJ": "SIG",
    }
    cas = {"couche": "RAEPA_OUVRASS_P", "annee_reference": 2026, "enregistrements": [regard]}
    assert un("controler_raepa", cas) == {
        "resultats": [
            {
                "index": 0,
                "identifiant": "R1",
                "anomalies": [
                    {"code": "CODE_NON_NORMALISE", "champ": "TYPRESEAU", "gravite": "avertissement"}
                ],
                "statut": "avec_reserves",
            }
        ],
        "synthese": {"total": 1, "valides": 0, "avec_reserves": 1, "rejetes": 0},
        "champs_absents": [],
        "champs_inconnus": [],
    }
