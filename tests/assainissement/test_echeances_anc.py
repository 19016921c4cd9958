"""Due dates after a control: works, report, next control, surcharge; both sides of each date."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assainissement.regles.echeances import Reglement, Suivi, calculer
from assainissement.regles.tables.parametres import PARAMETRES, entier, parametre
from tests.appels import champ_en_erreur, un

DANGERS = ["R1", "R2", "R3"]


def echeances(**faits):
    reponse = un("echeances_anc", {"date_controle": "2026-02-20", **faits})
    assert "erreur" not in reponse, reponse
    return reponse


def champ(**faits):
    return champ_en_erreur("echeances_anc", {"date_controle": "2026-02-20", **faits})


def travaux(**faits):
    reponse = echeances(**faits)
    return reponse["echeance_travaux"], reponse["regle_echeance"]


def prochain(**faits):
    reponse = echeances(**faits)
    return reponse["prochain_controle"], reponse["motif_prochain_controle"], reponse["frequence_annees"]


# --- report and deed -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("acte", "valable", "nouveau"),
    [
        (None, None, False),
        ("2026-02-19", False, False),
        ("2026-02-20", True, False),
        ("2029-02-20", True, False),
        ("2029-02-21", False, True),
    ],
)
def test_rapport_valable_trois_ans_dernier_jour_compris(acte, valable, nouveau):
    reponse = echeances(regle="R4", date_acte=acte)
    assert reponse["fin_validite_rapport"] == "2029-02-20"
    assert reponse["rapport_valable_pour_acte"] is valable
    assert reponse["nouveau_controle_requis"] is nouveau
    assert (reponse["echeance_travaux"] is not None) is (valable is True)


def test_rapport_d_un_29_fevrier():
    assert echeances(regle="R6", date_controle="2024-02-29")["fin_validite_rapport"] == "2027-02-28"


# --- works -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("regle", DANGERS)
@pytest.mark.parametrize(
    ("faits", "attendu"),
    [
        ({}, (None, "en_attente_notification")),
        ({"delai_maire_mois": 6}, (None, "en_attente_notification")),
        ({"date_notification": "2026-03-12"}, ("2030-03-12", "4_ans_notification")),
        ({"date_notification": "2026-03-12", "delai_maire_mois": 6}, ("2026-09-12", "delai_maire")),
        ({"date_acte": "2026-10-05"}, ("2027-10-05", "1_an_acte")),
        ({"date_acte": "2026-10-05", "delai_maire_mois": 6}, ("2027-10-05", "1_an_acte")),
        ({"date_notification": "2026-03-12", "date_acte": "2026-10-05"}, ("2027-10-05", "1_an_acte")),
        (
            {"date_notification": "2026-03-12", "date_acte": "2026-10-05", "delai_maire_mois": 6},
            ("2026-09-12", "delai_maire"),
        ),
        (
            {"date_notification": "2026-03-12", "date_acte": "2029-03-12"},
            ("2030-03-12", "4_ans_notification"),
        ),
        (
            {"date_notification": "2026-10-05", "date_acte": "2026-10-05", "delai_maire_mois": 12},
            ("2027-10-05", "delai_maire"),
        ),
        (
            {"date_controle": "2026-03-12", "date_notification": "2026-03-12", "date_acte": "2029-03-12"},
            ("2030-03-12", "4_ans_notification"),
        ),
        ({"date_notification": "2026-03-12", "date_levee": "2026-05-01"}, (None, "levee")),
    ],
)
def test_travaux_d_un_danger_ou_d_un_risque(regle, faits, attendu):
    assert travaux(regle=regle, **faits) == attendu


def test_date_egale_garde_la_notification():
    """Deed one year before the end of the four years: both give 20 February 2030."""
    faits = {"date_notification": "2026-02-20", "date_acte": "2029-02-20"}
    assert travaux(regle="R1", **faits) == ("2030-02-20", "4_ans_notification")


@pytest.mark.parametrize(
    ("faits", "attendu"),
    [
        ({}, (None, "meilleurs_delais")),
        ({"date_acte": "2026-10-31"}, (None, "meilleurs_delais")),
        (
            {"date_acte": "2026-10-31", "reglement": {"delai_vente_absence_mois": 4}},
            ("2027-02-28", "delai_vente_absence"),
        ),
        (
            {"date_acte": "2029-02-21", "reglement": {"delai_vente_absence_mois": 4}},
            (None, "meilleurs_delais"),
        ),
        ({"reglement": {"delai_vente_absence_mois": 4}}, (None, "meilleurs_delais")),
        ({"date_levee": "2026-05-01"}, (None, "levee")),
    ],
)
def test_travaux_d_une_absence(faits, attendu):
    assert travaux(regle="R0", **faits) == attendu


def test_travaux_du_cas_c():
    assert travaux(regle="R4") == (None, "aucune")
    assert travaux(regle="R4", date_notification="2026-03-01") == (None, "aucune")
    assert travaux(regle="R4", date_acte="2026-03-01") == ("2027-03-01", "1_an_acte")
    assert travaux(regle="R4", date_acte="2026-03-01", date_levee="2026-04-01") == (None, "levee")


@pytest.mark.parametrize("regle", ["R5", "R6"])
def test_rien_a_faire(regle):
    assert travaux(regle=regle, date_notification="2026-03-01", date_acte="2026-03-01") == (None, "aucune")


def test_quatre_ans_apres_un_29_fevrier():
    assert travaux(regle="R1", date_controle="2024-02-01", date_notification="2024-02-29")[0] == "2028-02-29"


# --- next control ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("regle", "faits", "attendu"),
    [
        ("R6", {}, ("2036-02-20", "periodique", 10)),
        ("R6", {"reglement": {"frequence_periodique_annees": 1}}, ("2027-02-20", "periodique", 1)),
        ("R6", {"electromecanique": True}, ("2036-02-20", "periodique", 10)),
        (
            "R6",
            {"electromecanique": True, "reglement": {"frequence_electromecanique_annees": 4}},
            ("2030-02-20", "periodique", 4),
        ),
        ("R6", {"reglement": {"frequence_electromecanique_annees": 4}}, ("2036-02-20", "periodique", 10)),
        ("R6", {"reglement": {"frequence_danger_annees": 2}}, ("2036-02-20", "periodique", 10)),
        ("R4", {"reglement": {"frequence_danger_annees": 2}}, ("2036-02-20", "periodique", 10)),
        ("R1", {"reglement": {"frequence_danger_annees": 2}}, ("2028-02-20", "periodique", 2)),
        ("R2", {"reglement": {"frequence_danger_annees": 2}}, ("2028-02-20", "periodique", 2)),
        ("R3", {"reglement": {"frequence_danger_annees": 2}}, ("2028-02-20", "periodique", 2)),
        (
            "R3",
            {"reglement": {"frequence_danger_annees": 10, "frequence_periodique_annees": 3}},
            ("2029-02-20", "periodique", 3),
        ),
        (
            "R1",
            {"date_levee": "2027-06-30", "reglement": {"frequence_danger_annees": 2}},
            ("2037-06-30", "periodique", 10),
        ),
        ("R0", {}, ("2026-08-20", "verification_absence", None)),
        (
            "R0",
            {"reglement": {"delai_verification_absence_mois": 1}},
            ("2026-03-20", "verification_absence", None),
        ),
        ("R0", {"date_levee": "2027-06-30"}, ("2037-06-30", "periodique", 10)),
    ],
)
def test_prochain_controle(regle, faits, attendu):
    assert prochain(regle=regle, **faits) == attendu


# --- visit not made --------------------------------------------------------------------------------


@pytest.mark.parametrize("issue", ["refus", "absent", "report_abusif"])
def test_visite_non_faite(issue):
    reponse = echeances(issue=issue)
    reponse.pop("explication")
    assert reponse == {
        "echeance_travaux": None,
        "regle_echeance": "sans_objet",
        "fin_validite_rapport": None,
        "rapport_valable_pour_acte": None,
        "nouveau_controle_requis": False,
        "prochain_controle": "2026-05-20",
        "motif_prochain_controle": "relance",
        "frequence_annees": None,
        "majoration_due": False,
    }
    assert echeances(issue=issue, date_acte="2026-01-01")["nouveau_controle_requis"] is True
    assert prochain(issue=issue, reglement={"delai_relance_mois": 12})[0] == "2027-02-20"


@pytest.mark.parametrize(
    ("issue", "relances", "avant", "due"),
    [
        ("refus", 0, 1, False),
        ("refus", 1, 1, True),
        ("refus", 0, 0, True),
        ("refus", 2, 3, False),
        ("report_abusif", 3, 3, True),
        ("absent", 99, 0, False),
        ("visite_faite", 99, 0, False),
    ],
)
def test_majoration(issue, relances, avant, due):
    faits = {"regle": "R6"} if issue == "visite_faite" else {}
    reglement = {"relances_avant_majoration": avant}
    reponse = echeances(issue=issue, nb_relances=relances, reglement=reglement, **faits)
    assert reponse["majoration_due"] is due


# --- input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("faits", "attendu"),
    [
        ({"issue": "parti", "regle": "R6"}, "issue"),
        ({}, "regle"),
        ({"regle": "R7"}, "regle"),
        ({"regle": "R6", "date_controle": None}, "date_controle"),
        ({"regle": "R6", "date_controle": "1899-12-31"}, "date_controle"),
        ({"regle": "R6", "date_controle": "1900-01-01"}, None),
        ({"regle": "R6", "date_controle": "2199-12-31"}, None),
        ({"regle": "R6", "date_controle": "2200-01-01"}, "date_controle"),
        ({"regle": "R6", "date_controle": "2026-2-20"}, "date_controle"),
        ({"regle": "R1", "date_notification": "2026-02-19"}, "date_notification"),
        ({"regle": "R1", "date_notification": "2026-02-20"}, None),
        ({"regle": "R6", "date_acte": "1990-01-01"}, None),
        ({"regle": "R6", "date_acte": "?"}, "date_acte"),
        ({"regle": "R5", "date_levee": "2026-03-01"}, "date_levee"),
        ({"regle": "R6", "date_levee": "2026-03-01"}, "date_levee"),
        ({"regle": "R4", "date_levee": "2026-02-19"}, "date_levee"),
        ({"regle": "R4", "date_levee": "2026-02-20"}, None),
        ({"regle": "R1", "delai_maire_mois": 0}, "delai_maire_mois"),
        ({"regle": "R1", "delai_maire_mois": 1}, None),
        ({"regle": "R3", "delai_maire_mois": 47}, None),
        ({"regle": "R1", "delai_maire_mois": 48}, "delai_maire_mois"),
        ({"regle": "R0", "delai_maire_mois": 6}, "delai_maire_mois"),
        ({"regle": "R4", "delai_maire_mois": 6}, "delai_maire_mois"),
        ({"regle": "R6", "electromecanique": 1}, "electromecanique"),
        ({"regle": "R6", "nb_relances": 100}, "nb_relances"),
        ({"regle": "R6", "nb_relances": -1}, "nb_relances"),
        ({"regle": "R6", "reglement": []}, "reglement"),
        ({"regle": "R6", "reglement": None}, None),
        ({"regle": "R6", "reglement": {"frequence": 3}}, "reglement.frequence"),
        ({"issue": "refus", "regle": "R6"}, "regle"),
        ({"issue": "absent", "date_notification": "2026-03-01"}, "date_notification"),
        ({"issue": "refus", "date_levee": "2026-03-01"}, "date_levee"),
        ({"issue": "refus", "delai_maire_mois": 6}, "delai_maire_mois"),
        ({"issue": "refus", "delai_maire_mois": 6, "date_levee": "2026-03-01"}, "date_levee"),
        ({"issue": "refus", "date_acte": "2026-03-01", "electromecanique": True}, None),
        ({"regle": "R6", "inconnu": 1}, "inconnu"),
    ],
)
def test_saisie(faits, attendu):
    assert champ(**faits) == attendu


@pytest.mark.parametrize(
    ("code", "minimum", "maximum"),
    [
        ("frequence_periodique_annees", 1, 10),
        ("frequence_danger_annees", 1, 10),
        ("frequence_electromecanique_annees", 1, 10),
        ("delai_verification_absence_mois", 1, 60),
        ("delai_vente_absence_mois", 1, 60),
        ("delai_relance_mois", 1, 60),
        ("relances_avant_majoration", 0, 10),
    ],
)
def test_bornes_du_reglement(code, minimum, maximum):
    for valeur, attendu in (
        (minimum, None),
        (maximum, None),
        (minimum - 1, f"reglement.{code}"),
        (maximum + 1, f"reglement.{code}"),
        (str(minimum), f"reglement.{code}"),
        (2.0, f"reglement.{code}"),
    ):
        assert champ(regle="R6", reglement={code: valeur}) == attendu


def test_ordre_de_lecture():
    noms = [
        "issue",
        "regle",
        "date_controle",
        "date_notification",
        "date_acte",
        "date_levee",
        "delai_maire_mois",
        "electromecanique",
        "nb_relances",
        "reglement",
    ]
    faux = dict.fromkeys(reversed(noms), "?")
    bons = {"regle": "R6", "date_controle": "2026-01-01"}
    for nom in noms:
        assert champ_en_erreur("echeances_anc", faux) == nom
        if nom in bons:
            faux[nom] = bons[nom]
        else:
            del faux[nom]
    assert champ_en_erreur("echeances_anc", faux) is None


# --- properties and parameters ---------------------------------------------------------------------

jours = st.dates(date(2020, 1, 1), date(2030, 12, 31))
suivis = st.builds(
    Suivi,
    issue=st.just("visite_faite"),
    regle=st.sampled_from(["R0", "R1", "R2", "R3", "R4", "R5", "R6"]),
    date_controle=jours,
    date_notification=st.none() | jours,
    date_acte=st.none() | jours,
    date_levee=st.none(),
    delai_maire_mois=st.none() | st.integers(1, 47),
    electromecanique=st.booleans(),
    nb_relances=st.integers(0, 9),
    reglement=st.builds(
        Reglement,
        st.integers(1, 10),
        st.none() | st.integers(1, 10),
        st.none() | st.integers(1, 10),
        st.integers(1, 60),
        st.none() | st.integers(1, 60),
        st.integers(1, 60),
        st.integers(0, 10),
    ),
)


@settings(max_examples=200, deadline=None)
@given(suivis)
def test_une_vente_n_allonge_jamais_le_delai_des_travaux(suivi):
    sans_acte = calculer(replace(suivi, date_acte=None)).echeance_travaux
    avec_acte = calculer(suivi).echeance_travaux
    if sans_acte is not None:
        assert avec_acte is not None and avec_acte <= sans_acte


@settings(max_examples=200, deadline=None)
@given(suivis)
def test_le_prochain_controle_ne_depasse_pas_dix_ans(suivi):
    obtenu = calculer(suivi)
    assert suivi.date_controle < obtenu.prochain_controle
    assert obtenu.prochain_controle.year <= suivi.date_controle.year + 10
    assert (obtenu.frequence_annees is None) == (suivi.regle == "R0")


def test_chaque_parametre_a_son_article_et_les_douteux_sont_inactifs():
    inactifs = {code for code, ligne in PARAMETRES.items() if ligne.a_confirmer}
    assert inactifs == {"AC_PROLONGATION_MAX", "AC_MAJORATION_MAX"}
    for code, ligne in PARAMETRES.items():
        assert ligne.article and ligne.libelle and ligne.valide_au is None
        if code in inactifs:
            with pytest.raises(LookupError):
                parametre(code)
        else:
            assert parametre(code) > 0
    assert entier("ANC_DELAI_TRAVAUX_AB") == 4
