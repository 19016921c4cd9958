"""Questions of the forms and what their answers establish: without database."""

from __future__ import annotations

import pytest

from assainissement.regles.classement import classer_anc
from assainissement.regles.lecture_lignes import classer_et_expliquer
from assainissement.regles.observations import Reponse, cas, faits, manque
from assainissement.regles.tables import anc, filiere
from assainissement.regles.tables.natures import CONCEPTION, EXECUTION, EXISTANT, NATURES
from assainissement.regles.tables.points import GROUPES, POINTS


def test_chaque_fait_de_la_loi_a_sa_question():
    poses = {p.fait for p in POINTS.values() if p.fait}
    assert poses == {"elements_probants", *anc.CODES_FAITS}


@pytest.mark.parametrize("nature", NATURES)
def test_chaque_nature_a_son_formulaire(nature):
    poses = [p for p in POINTS.values() if nature in p.natures]
    assert len(poses) >= 5
    assert all(p.article and p.groupe in GROUPES for p in poses)


def test_les_natures_se_partagent_en_trois():
    assert set(EXISTANT) | set(CONCEPTION) | set(EXECUTION) == set(NATURES)


@pytest.mark.parametrize(
    ("valeurs", "attendu"),
    [
        (("oui",), True),
        (("non",), False),
        (("sans_objet",), False),
        (("non_verifie",), None),
        (("non", "oui"), True),
        (("non_verifie", "oui"), True),
        (("non", "non_verifie"), None),
        (("",), "absent"),
    ],
)
def test_plusieurs_reponses_font_un_fait(valeurs, attendu):
    lus = faits(Reponse("incomplete", "oui", v) for v in valeurs)
    assert lus.get("incomplete", "absent") == attendu


def test_une_question_retournee_compte_le_non():
    """« Les vidanges sont faites » : non is the defect."""
    assert POINTS["vidange_a_jour"].reponse == "non"
    assert faits([Reponse("defaut_entretien", "non", "non")]) == {"defaut_entretien": True}
    assert faits([Reponse("defaut_entretien", "non", "oui")]) == {"defaut_entretien": False}


def test_sans_existence_dite_rien_ne_se_conclut():
    vide = cas("periodique", [], {}, vente=False)
    assert manque(vide).startswith("Dites d'abord")
    assert not manque(cas("periodique", [Reponse("elements_probants", "oui", "non")], {}, vente=False))


def test_les_mesures_et_la_vente_passent_aux_regles():
    lu = cas(
        "periodique", [Reponse("elements_probants", "oui", "oui")],
        {"capacite_eh": "3", "charge_eh": "6", "distance_puits_m": ""}, vente=True,
    )  # fmt: skip
    assert lu == {
        "nature": "periodique", "elements_probants": True, "capacite_eh": "3", "charge_eh": "6",
        "vente": True,
    }  # fmt: skip
    assert classer_anc(lu)["regle"] == "R4"


def test_chaque_ligne_de_la_table_dit_vrai_ou_faux():
    dit = classer_et_expliquer(
        {"elements_probants": True, "incomplete": True, "zone_sanitaire": True, "usure": True}
    )
    assert [(x["regle"], x["vraie"], x["decide"]) for x in dit["lignes"]] == [
        ("R0", False, False), ("R1", False, False), ("R2", True, True), ("R3", False, False),
        ("R4", True, False),
        ("R5", True, False), ("R6", False, False),
    ]  # fmt: skip
    assert dit["causes"] == ["Installation incomplète.", "Usure d'un élément."]


def test_rien_a_redire_decide_la_derniere_ligne():
    dit = classer_et_expliquer({"elements_probants": True})
    assert [x["regle"] for x in dit["lignes"] if x["vraie"]] == ["R6"]


def test_la_filiere_a_les_types_de_la_specification():
    assert [len(t) for t in filiere.TYPES.values()] == [7, 10, 9]
    assert filiere.libelle("TRAIT", "micro_station") == "microstation"
