"""National indicators: who counts, on which day, which figure, how it is rounded."""

from __future__ import annotations

import pytest

from tests.appels import champ_en_erreur, un


def controle(installation="A", date="2025-06-01", type_controle="existant", **champs):
    base = {"installation": installation, "date": date, "type": type_controle}
    if type_controle == "existant":
        base["regle"] = "R6"
    if type_controle == "neuf":
        base["conforme"] = True
    return {cle: v for cle, v in {**base, **champs}.items() if v is not None}


def indicateurs(*controles, **champs):
    reponse = un("indicateurs_sispea", {"annee": 2025, "controles": list(controles), **champs})
    assert "erreur" not in reponse, reponse
    return reponse


def p301(*controles, **champs):
    taux = indicateurs(*controles, **champs)["P301.3"]
    return taux["numerateur"], taux["denominateur"], taux["valeur"]


def champ(*controles, **champs):
    return champ_en_erreur("indicateurs_sispea", {"annee": 2025, "controles": list(controles), **champs})


@pytest.mark.parametrize(
    ("regle", "p301_3", "conforme"),
    [("R0", 0, 0), ("R1", 0, 0), ("R2", 0, 0), ("R3", 0, 0), ("R4", 1, 0), ("R5", 1, 1), ("R6", 1, 1)],
)
def test_chaque_regle(regle, p301_3, conforme):
    reponse = indicateurs(controle(regle=regle))
    assert reponse["P301.3"]["numerateur"] == p301_3
    assert reponse["conformite_reglementaire"]["numerateur"] == conforme
    assert reponse["P301.3"]["denominateur"] == reponse["conformite_reglementaire"]["denominateur"] == 1


@pytest.mark.parametrize(("conforme", "compte"), [(True, 1), (False, 0)])
def test_installation_neuve(conforme, compte):
    assert p301(controle(type_controle="neuf", conforme=conforme))[:2] == (compte, 1)


@pytest.mark.parametrize(
    ("un_controle", "denominateur"),
    [
        (controle(type_controle="conception"), 0),
        (controle(type_controle="conception", conforme=True), 0),
        (controle(issue="refus", regle=None), 0),
        (controle(issue="absent", regle="R6"), 0),
        (controle(type_controle="neuf", issue="report_abusif", conforme=None), 0),
        (controle(date="2025-12-31"), 1),
        (controle(date="2026-01-01"), 0),
        (controle(date="1990-01-01"), 1),
    ],
)
def test_qui_est_retenu(un_controle, denominateur):
    taux = indicateurs(un_controle)["P301.3"]
    assert taux["denominateur"] == denominateur
    assert (taux["valeur"] is None) is (denominateur == 0)


def test_seul_le_dernier_controle_de_chaque_installation():
    avant, apres = controle(date="2024-01-01", regle="R1"), controle(date="2025-01-01")
    assert p301(avant, apres)[:2] == (1, 1)
    assert p301(apres, avant)[:2] == (1, 1)
    assert p301(apres, controle(date="2025-01-01", regle="R1"))[:2] == (0, 1)
    assert p301(controle(date="2025-01-01", regle="R1"), apres)[:2] == (1, 1)
    assert p301(apres, controle(date="2026-01-01", regle="R1"))[:2] == (1, 1)
    assert p301(apres, controle(date="2025-06-01", issue="refus", regle=None))[:2] == (1, 1)
    assert p301(apres, controle(installation=" A ", date="2025-06-01", regle="R1"))[:2] == (0, 1)
    assert p301(apres, controle(installation="a", date="2025-06-01", regle="R1"))[:2] == (1, 2)


@pytest.mark.parametrize(
    ("desactivee", "denominateur"), [("2025-12-31", 0), ("2026-01-01", 1), ("2020-01-01", 0)]
)
def test_installation_desactivee(desactivee, denominateur):
    assert p301(controle(), installations_desactivees={"A": desactivee})[1] == denominateur
    assert p301(controle(), installations_desactivees={"B": desactivee})[1] == 1


@pytest.mark.parametrize(
    ("conformes", "total", "valeur"),
    [(1, 3, "33.3"), (2, 3, "66.7"), (1, 8, "12.5"), (1, 16, "6.3"), (0, 5, "0.0"), (5, 5, "100.0")],
)
def test_pourcentage_a_une_decimale(conformes, total, valeur):
    controles = [controle(f"I{n}", regle="R6" if n < conformes else "R1") for n in range(total)]
    assert p301(*controles) == (conformes, total, valeur)


def test_liste_vide():
    assert indicateurs() == {
        "annee": 2025,
        "P301.3": {"valeur": None, "numerateur": 0, "denominateur": 0},
        "conformite_reglementaire": {"valeur": None, "numerateur": 0, "denominateur": 0},
    }


# --- D302.0 ----------------------------------------------------------------------------------------

PARTIE_A = {"zonage": 20, "reglement": 20, "rapports_conception_execution": 30, "rapports_visite": 30}
PARTIE_B = {"entretien": 10, "travaux_rehabilitation": 20, "traitement_matieres_vidange": 10}


def d302(**reponses):
    service = {**dict.fromkeys(PARTIE_A, False), **reponses}
    return un("indicateurs_sispea", {"annee": 2025, "service_anc": service})["D302.0"]


@pytest.mark.parametrize(("nom", "points"), [*PARTIE_A.items(), *PARTIE_B.items()])
def test_points_de_chaque_reponse(nom, points):
    obtenu = d302(**{nom: True})
    partie = "partie_a" if nom in PARTIE_A else "partie_b"
    assert obtenu[partie] == points
    assert obtenu["valeur"] == (points if nom in PARTIE_A else 0)
    assert obtenu["partie_b_prise_en_compte"] is False


def test_partie_b_seulement_si_la_partie_a_est_complete():
    complete = dict.fromkeys(PARTIE_A, True)
    assert d302(**complete) == {
        "valeur": 100,
        "partie_a": 100,
        "partie_b": 0,
        "partie_b_prise_en_compte": True,
    }
    tout = complete | dict.fromkeys(PARTIE_B, True)
    assert d302(**tout)["valeur"] == 140
    for nom, points in PARTIE_A.items():
        assert d302(**{**tout, nom: False})["valeur"] == 100 - points


# --- P253.2 ----------------------------------------------------------------------------------------


def renouvellement(lineaires=None, total=100, annee=2025):
    annees = dict.fromkeys(map(str, range(annee - 4, annee + 1)), 1)
    return {
        "annee": annee,
        "renouvellement": {"lineaires_km": {**annees, **(lineaires or {})}, "lineaire_total_km": total},
    }


@pytest.mark.parametrize(
    ("lineaires", "total", "valeur", "kilometres"),
    [
        ({}, 100, "1.00", "5.000"),
        ({"2019": "?", "2020": 99, "2026": None}, 100, "1.00", "5.000"),
        ({"2021": "1.0005"}, 100, "1.00", "5.001"),
        ({"2021": "1.00049"}, 100, "1.00", "5.000"),
        ({"2021": "1.025"}, 100, "1.01", "5.025"),
        ({}, "0.1", "1000.00", "5.000"),
        (dict.fromkeys(["2021", "2022", "2023", "2024", "2025"], 0), 100, "0.00", "0.000"),
    ],
)
def test_renouvellement_sur_cinq_ans(lineaires, total, valeur, kilometres):
    reponse = un("indicateurs_sispea", renouvellement(lineaires, total))
    assert reponse == {"annee": 2025, "P253.2": {"valeur": valeur, "lineaire_renouvele_km": kilometres}}


@pytest.mark.parametrize(
    ("partie", "attendu"),
    [
        ({"lineaire_total_km": 1}, "lineaires_km"),
        ({"lineaires_km": [], "lineaire_total_km": 1}, "lineaires_km"),
        ({"lineaires_km": {"21": 1, "20215": 1}, "lineaire_total_km": 1}, "lineaires_km.20215"),
        ({"lineaires_km": {"21": 1}, "lineaire_total_km": 0}, "lineaires_km.21"),
        ({"lineaires_km": {}, "lineaire_total_km": 0}, "lineaire_total_km"),
        ({"lineaires_km": {}}, "lineaire_total_km"),
        ({"lineaires_km": {}, "lineaire_total_km": 1}, "lineaires_km.2021"),
        ({"lineaires_km": {"2021": -1}, "lineaire_total_km": 1}, "lineaires_km.2021"),
        ({"lineaires_km": {"2021": "1,5"}, "lineaire_total_km": 1}, "lineaires_km.2021"),
        ({"lineaires_km": {"2021": 1, "2023": "x"}, "lineaire_total_km": 1}, "lineaires_km.2022"),
        ({"longueur": 1, "lineaires_km": {"x": 1}}, "longueur"),
    ],
)
def test_saisie_du_renouvellement(partie, attendu):
    entree = {"annee": 2025, "renouvellement": partie}
    assert champ_en_erreur("indicateurs_sispea", entree) == f"renouvellement.{attendu}"


# --- input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("un_controle", "attendu"),
    [
        (3, ""),
        ({}, ".installation"),
        (controle(installation=" "), ".installation"),
        (controle(installation=3), ".installation"),
        (controle(date="2025-02-30"), ".date"),
        (controle(type_controle="vente"), ".type"),
        (controle(type_controle="neuf", conforme=1), ".conforme"),
        (controle(regle="R9"), ".regle"),
        (controle(issue="oubli"), ".issue"),
        (controle(conforme=True), ".conforme"),
        (controle(conforme=False, issue="refus", regle=None), ".conforme"),
        (controle(type_controle="neuf", conforme=None), ".conforme"),
        (controle(type_controle="neuf", regle="R6"), ".regle"),
        (controle(type_controle="neuf", regle="R6", issue="refus"), ".regle"),
        (controle(type_controle="conception", regle="R6"), ".regle"),
        (controle(regle=None), ".regle"),
        (controle(type_controle="neuf", conforme=None, regle="R6"), ".conforme"),
        (controle(zzz=1), ".zzz"),
    ],
)
def test_saisie_d_un_controle(un_controle, attendu):
    assert champ(controle("Z"), un_controle) == f"controles[1]{attendu}"


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"annee": None}, "annee"),
        ({"annee": 1999}, "annee"),
        ({"annee": 2101}, "annee"),
        ({"annee": 2000}, None),
        ({"annee": 2100}, None),
        ({"annee": "2025"}, "annee"),
        ({"annee": 2025.0}, "annee"),
        ({"controles": {}}, "controles"),
        ({"controles": None}, "cas"),
        ({"controles": None, "installations_desactivees": {"A": "2025-01-01"}}, "cas"),
        ({"controles": None, "installations_desactivees": {"A": "?"}}, "installations_desactivees.A"),
        ({"installations_desactivees": []}, "installations_desactivees"),
        ({"installations_desactivees": {"B": "?", "A": None}}, "installations_desactivees.A"),
        ({"service_anc": 3}, "service_anc"),
        ({"service_anc": {"zonage": True}}, "service_anc.reglement"),
        ({"service_anc": {**dict.fromkeys(PARTIE_A, True), "entretien": "oui"}}, "service_anc.entretien"),
        ({"service_anc": {"zone": True}}, "service_anc.zone"),
        ({"aaa": 1, "annee": "?"}, "aaa"),
    ],
)
def test_saisie_du_cas(champs, attendu):
    assert champ(**champs) == attendu
