"""Contribution to the sewer: modes, ceiling, reasons for nothing, roundings, dates."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assainissement.regles.pfac import calculer_pfac
from tests.appels import champ_en_erreur, un

SURFACE = {"mode": "surface", "tarif_m2": "18", "date_effet": "2020-01-01", "date_fin": "2026-12-31"}


AUCUNE = "aucune délibération"


def cas(deliberation=None, **champs):
    base = {
        "deliberation": None if deliberation == AUCUNE else {**SURFACE, **(deliberation or {})},
        "nature": "neuf",
        "surface_m2": 100,
        "eaux_usees_supplementaires": True,
        "cout_anc": 9000,
    }
    complet = {**base, **champs}
    if complet["deliberation"]:
        complet["deliberation"] = {c: v for c, v in complet["deliberation"].items() if v is not None}
    return complet


def pfac(deliberation=None, **champs):
    reponse = un("calculer_pfac", cas(deliberation, **champs))
    assert "erreur" not in reponse, reponse
    return reponse


def champ(deliberation=None, **champs):
    return champ_en_erreur("calculer_pfac", cas(deliberation, **champs))


@pytest.mark.parametrize(
    ("deliberation", "champs", "brut"),
    [
        ({}, {}, "1800.00"),
        ({"franchise_m2": 40}, {}, "1080.00"),
        ({"franchise_m2": 100}, {}, "0.00"),
        ({"franchise_m2": 101}, {}, "0.00"),
        ({"mode": "forfait", "forfait": 1500}, {"nb_logements": 2}, "3000.00"),
        ({"mode": "forfait", "forfait": 1500, "tarif_m2": 99}, {"nb_logements": 2}, "3000.00"),
        ({"mode": "surface", "forfait": 1500}, {"nb_logements": 2}, "1800.00"),
        ({"mode": "mixte", "forfait": 1500}, {"nb_logements": 2}, "4800.00"),
        ({"mode": "mixte", "forfait": 1500, "coefficients": {"neuf": "0.5"}}, {"nb_logements": 2}, "2400.00"),
        ({"coefficients": {"neuf": 0}}, {}, "0.00"),
        ({"coefficients": {"extension": 3}}, {}, "1800.00"),
        ({"coefficients": {"extension": 3}}, {"nature": "extension"}, "5400.00"),
        ({"tarif_m2": "0.005"}, {"surface_m2": 1}, "0.01"),
        ({"tarif_m2": "0.0049"}, {"surface_m2": 1}, "0.00"),
    ],
)
def test_montant_brut(deliberation, champs, brut):
    reponse = pfac(deliberation, **champs)
    assert reponse["brut"] == brut
    assert reponse["montant"] == brut


@pytest.mark.parametrize(
    ("champs", "taux", "plafond", "montant"),
    [
        ({}, None, "7200.00", "1800.00"),
        ({"cout_anc": 2250}, None, "1800.00", "1800.00"),
        ({"cout_anc": 2249}, None, "1799.20", "1799.20"),
        ({"remboursement_branchement": 6000}, None, "1200.00", "1200.00"),
        ({"remboursement_branchement": 7200}, None, "0.00", "0.00"),
        ({"remboursement_branchement": 9000}, None, "0.00", "0.00"),
        ({}, "0.1", "900.00", "900.00"),
        ({"cout_anc": "0.006"}, None, "0.00", "0.00"),
        ({"cout_anc": "0.00625"}, None, "0.01", "0.01"),
    ],
)
def test_plafond(champs, taux, plafond, montant):
    reponse = pfac({"taux_plafond": taux}, **champs)
    assert (reponse["plafond"], reponse["montant"]) == (plafond, montant)
    assert reponse["plafonne"] is (Decimal(reponse["brut"]) > Decimal(plafond))
    assert reponse["motif"] == ("plafond_nul" if plafond == "0.00" else None)


def test_la_part_de_l_amenageur_vient_apres_le_plafond():
    assert pfac(part_zac="0.5", surface_m2=600)["montant"] == "3600.00"
    assert pfac(part_zac="0.999", surface_m2=1)["montant"] == "0.02"  # 18 × 0.001 = 0.018
    assert pfac(part_zac="0.5", surface_m2="0.15")["montant"] == "1.35"


@pytest.mark.parametrize(
    ("jour", "motif"),
    [
        (None, None),
        ("2019-12-31", "hors_periode"),
        ("2020-01-01", None),
        ("2026-12-31", None),
        ("2027-01-01", "hors_periode"),
    ],
)
def test_periode_de_la_deliberation_bornes_incluses(jour, motif):
    reponse = pfac(date_raccordement=jour)
    assert reponse["motif"] == motif
    assert reponse["exigible"] is (jour is not None and motif is None)
    assert reponse["date_exigibilite"] == (jour if reponse["exigible"] else None)


MOTIFS = [
    ("pas_de_deliberation", {"deliberation": AUCUNE}),
    ("hors_periode", {"date_raccordement": "2019-12-31"}),
    ("aucune_eau_usee_supplementaire", {"eaux_usees_supplementaires": False}),
    ("taxe_amenagement_majoree", {"taxe_amenagement_majoree": True}),
    ("zac", {"part_zac": 1}),
    ("plafond_nul", {"remboursement_branchement": 9000}),
]


@pytest.mark.parametrize("rang", range(len(MOTIFS)))
def test_chaque_motif_prime_les_suivants(rang):
    """The row and all those after it at once: the row is the one given."""
    motif = MOTIFS[rang][0]
    assert pfac(**MOTIFS[rang][1])["motif"] == motif
    tous = {nom: valeur for _, champs in MOTIFS[rang:] for nom, valeur in champs.items()}
    reponse = pfac(**tous)
    assert (reponse["motif"], reponse["montant"], reponse["exigible"]) == (motif, "0.00", False)


def test_sans_deliberation():
    sans = pfac(AUCUNE, date_raccordement="2026-03-02")
    assert (sans["brut"], sans["plafond"], sans["plafonne"]) == ("0.00", "7200.00", False)
    assert sans["motif"] == "pas_de_deliberation"
    entree = cas()
    del entree["deliberation"], entree["surface_m2"]
    assert un("calculer_pfac", entree)["motif"] == "pas_de_deliberation"


@pytest.mark.parametrize(
    ("titre", "limite"), [(None, None), ("2026-03-02", "2026-05-02"), ("2026-12-31", "2027-02-28")]
)
def test_limite_de_contestation(titre, limite):
    reponse = pfac(date_raccordement="2026-03-02", date_notification_titre=titre)
    assert reponse["limite_contestation"] == limite


def test_pas_de_contestation_si_rien_n_est_exigible():
    reponse = pfac(date_raccordement="2026-03-02", date_notification_titre="2026-03-02", part_zac=1)
    assert (reponse["exigible"], reponse["limite_contestation"]) == (False, None)
    nulle = pfac({"tarif_m2": 0}, date_raccordement="2026-03-02")
    assert (nulle["montant"], nulle["motif"], nulle["exigible"]) == ("0.00", None, False)


def test_usager_assimile_meme_plafond_autre_article():
    assert pfac()["article"] == "L1331-7"
    reponse = pfac(assimile_domestique=True)
    assert (reponse["article"], reponse["plafond"]) == ("L1331-7-1", "7200.00")


@pytest.mark.parametrize(
    ("deliberation", "attendu"),
    [
        ({"mode": None}, "mode"),
        ({"mode": "volume"}, "mode"),
        ({"tarif_m2": None}, "tarif_m2"),
        ({"tarif_m2": -1}, "tarif_m2"),
        ({"tarif_m2": "18,5"}, "tarif_m2"),
        ({"tarif_m2": True}, "tarif_m2"),
        ({"franchise_m2": -1}, "franchise_m2"),
        ({"forfait": "x"}, "forfait"),
        ({"mode": "mixte"}, "forfait"),
        ({"mode": "forfait"}, "forfait"),
        ({"coefficients": []}, "coefficients"),
        ({"coefficients": {"ancien": 1}}, "coefficients.ancien"),
        ({"coefficients": {"neuf": -1}}, "coefficients.neuf"),
        ({"taux_plafond": 0}, "taux_plafond"),
        ({"taux_plafond": "0.80"}, None),
        ({"taux_plafond": "0.8001"}, "taux_plafond"),
        ({"date_effet": None}, "date_effet"),
        ({"date_fin": "2019-12-31"}, "date_fin"),
        ({"date_fin": "2020-01-01"}, None),
        ({"zzz": 1}, "zzz"),
    ],
)
def test_saisie_de_la_deliberation(deliberation, attendu):
    obtenu = champ(deliberation)
    assert obtenu == (None if attendu is None else f"deliberation.{attendu}")


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"deliberation": 3}, "deliberation"),
        ({"nature": None}, "nature"),
        ({"nature": "neuve"}, "nature"),
        ({"surface_m2": None}, "surface_m2"),
        ({"surface_m2": -1}, "surface_m2"),
        ({"surface_m2": 0}, None),
        ({"nb_logements": 0}, "nb_logements"),
        ({"nb_logements": 100_000}, "nb_logements"),
        ({"nb_logements": 99_999}, None),
        ({"nb_logements": 2.0}, "nb_logements"),
        ({"eaux_usees_supplementaires": None}, "eaux_usees_supplementaires"),
        ({"eaux_usees_supplementaires": 1}, "eaux_usees_supplementaires"),
        ({"cout_anc": None}, "cout_anc"),
        ({"cout_anc": 0}, "cout_anc"),
        ({"remboursement_branchement": -1}, "remboursement_branchement"),
        ({"part_zac": "1.01"}, "part_zac"),
        ({"part_zac": -1}, "part_zac"),
        ({"taxe_amenagement_majoree": "non"}, "taxe_amenagement_majoree"),
        ({"assimile_domestique": 0}, "assimile_domestique"),
        ({"date_raccordement": "?"}, "date_raccordement"),
        ({"date_notification_titre": "2026-03-02"}, "date_notification_titre"),
        (
            {"date_raccordement": "2026-03-02", "date_notification_titre": "2026-03-01"},
            "date_notification_titre",
        ),
        ({"inconnu": 1}, "inconnu"),
    ],
)
def test_saisie_du_projet(champs, attendu):
    entree = cas()
    entree.update(champs)
    assert champ_en_erreur("calculer_pfac", entree) == attendu


def test_surface_et_logements_selon_le_mode():
    assert champ({"mode": "forfait", "forfait": 1}, surface_m2=None) == "nb_logements"
    assert champ({"mode": "forfait", "forfait": 1}, surface_m2=None, nb_logements=1) is None
    assert champ({"mode": "mixte", "forfait": 1}) == "nb_logements"
    assert champ({"mode": "mixte", "forfait": 1}, surface_m2=None, nb_logements=1) == "surface_m2"


euros = st.integers(0, 3_000_000).map(lambda n: str(Decimal(n) / 100))


@settings(max_examples=150, deadline=None)
@given(euros, st.integers(0, 50_000), euros, euros, st.integers(0, 100))
def test_jamais_plus_que_le_plafond_ni_que_le_brut(tarif, surface, cout, rembourse, part):
    entree = cas({"tarif_m2": tarif}, surface_m2=Decimal(surface) / 100, cout_anc=Decimal(cout) + 1)
    entree |= {"remboursement_branchement": rembourse, "part_zac": Decimal(part) / 100}
    reponse = calculer_pfac(entree)
    montant, brut, plafond = (Decimal(reponse[cle]) for cle in ("montant", "brut", "plafond"))
    assert 0 <= montant <= min(brut, plafond)
    assert plafond <= (Decimal(cout) + 1) * Decimal("0.8") + Decimal("0.005")
    assert reponse["plafonne"] is (brut > plafond)
