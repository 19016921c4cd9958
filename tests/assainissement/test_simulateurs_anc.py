"""Public simulators of sanitation: the same answers as the commands, for anybody."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.assainissement.test_ecrans_anc import texte

pytestmark = pytest.mark.django_db


def simuler(code: str, **champs) -> str:
    reponse = Client().get(f"/simulateurs/{code}/", champs)
    assert reponse.status_code in (200, 422)
    return texte(reponse).replace("\u202f", " ").replace("\xa0", " ")


def test_la_conclusion_publique_est_celle_de_la_commande():
    page = simuler(
        "classer-anc", elements_probants="oui", incomplete="on", zone_environnementale="on", capacite_eh="2"
    )
    assert "Capacité de l'installation (EH)" in page
    assert "la capacité est donnée : donnez aussi la charge" in page.lower()
    page = simuler("classer-anc", elements_probants="oui", incomplete="on", zone_environnementale="on")
    for mot in (
        "sans danger ni risque avéré (cas c)",
        "vrai, et décide",
        "sans preuve d'impact",
        "1 an après l'acte",
    ):
        assert mot in page, mot


def test_les_dates_publiques_disent_pourquoi():
    page = simuler(
        "echeances-anc", date_controle="2026-02-20", regle="R1", date_notification="2026-03-12",
        date_acte="2026-10-05",
    )  # fmt: skip
    for mot in (
        "mardi 5 octobre 2027",
        "Un an à compter de l'acte de vente",
        "20 février 2029",
        "20 février 2036",
    ):
        assert mot in page, mot


def test_la_participation_publique_a_son_plafond():
    page = simuler(
        "pfac",
        **{
            "nature": "neuf", "surface_m2": "600", "eaux_usees_supplementaires": "oui", "cout_anc": "9000",
            "remboursement_branchement": "1500", "date_raccordement": "2026-03-02",
            "deliberation-mode": "surface", "deliberation-tarif_m2": "18",
            "deliberation-date_effet": "2020-01-01",
        },
    )  # fmt: skip
    for mot in ("5700,00 €", "10800,00 €", "L1331-7", "lundi 2 mars 2026"):
        assert mot in page, mot
    sans = simuler("pfac", nature="neuf", eaux_usees_supplementaires="oui", cout_anc="9000")
    assert "n'a pas voté cette participation" in sans
