"""Conclusion on an existing installation: each row, motive and note, both sides of each threshold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assainissement.regles.classement import classer, lire_constat
from assainissement.regles.lecture import Objet
from assainissement.regles.tables.anc import CODES_FAITS, CODES_REGLES, FAITS, MOTIFS, NATURES, NOTES
from tests.appels import champ_en_erreur, executer, un

PUITS = {
    "puits_35m_amont": True,
    "puits_declare": True,
    "puits_aep": True,
    "batiment_non_raccordable_aep": True,
}
DEFAUTS = [
    {"incomplete": True},
    {"sous_dimensionnement_constate": True},
    {"capacite_eh": 5, "charge_eh": 10},
    {"dysfonctionnement_majeur": True},
]


def classement(**faits):
    reponse = un("classer_anc", {"elements_probants": True, **faits})
    assert "erreur" not in reponse, reponse
    return reponse


def champ(**faits):
    return champ_en_erreur("classer_anc", {"elements_probants": True, **faits})


# --- rows ------------------------------------------------------------------------------------------

# conclusion, case, conforms by law, conforms for the indicator, works, delay of works, delay of a sale
ROWS = {
    "R0": ("absence", None, False, False, True, None, None),
    "R1": ("non_conforme_danger_sante", "a", False, False, True, 4, 1),
    "R2": ("non_conforme_danger_sante", "a", False, False, True, 4, 1),
    "R3": ("non_conforme_risque_environnemental", "b", False, False, True, 4, 1),
    "R4": ("non_conforme", "c", False, True, False, None, 1),
    "R5": ("recommandations", None, True, True, False, None, None),
    "R6": ("absence_de_defaut", None, True, True, False, None, None),
}


def verifier(regle, **faits):
    reponse = classement(**faits)
    assert reponse["regle"] == regle
    cles = (
        "conclusion",
        "cas",
        "conforme_reglementaire",
        "conforme_p301",
        "travaux_obligatoires",
        "delai_travaux_annees",
        "delai_vente_annees",
    )
    assert tuple(reponse[cle] for cle in cles) == ROWS[regle]
    assert reponse["mise_en_demeure"] is (regle == "R0")
    return reponse


def test_les_sept_regles():
    assert tuple(ROWS) == CODES_REGLES


@pytest.mark.parametrize(
    "faits",
    [
        {"contact_eaux_usees": True},
        {"zone_lutte_moustique": True, "proliferation_insectes": True},
        {"odeur_jour": True},
        {"nb_plaintes_tiers": 1},
        {"defaut_structure": True},
        {"couvercle_non_securise": True},
        {"electrique_defectueux": True},
        PUITS,
    ],
)
def test_chaque_danger(faits):
    verifier("R1", **faits)
    verifier("R1", **faits, incomplete=True, zone_sanitaire=True, usure=True)


@pytest.mark.parametrize(
    "faits",
    [
        {"zone_lutte_moustique": True},
        {"proliferation_insectes": True},
        {"nb_plaintes_tiers": 0},
        {"contact_eaux_traitees": True},
        *({**PUITS, manquant: False} for manquant in PUITS),
    ],
)
def test_pas_encore_un_danger(faits):
    verifier("R6", **faits)


@pytest.mark.parametrize("defaut", DEFAUTS)
def test_un_defaut_de_filiere_selon_la_zone(defaut):
    verifier("R4", **defaut)
    verifier("R2", **defaut, zone_sanitaire=True)
    verifier("R3", **defaut, zone_environnementale=True, preuve_impact=True)
    verifier("R4", **defaut, zone_environnementale=True)
    verifier("R4", **defaut, preuve_impact=True)
    verifier("R2", **defaut, zone_sanitaire=True, zone_environnementale=True, preuve_impact=True)


@pytest.mark.parametrize("fait", ["defaut_entretien", "usure"])
def test_recommandations(fait):
    verifier("R5", **{fait: True})
    verifier("R5", **{fait: True}, zone_sanitaire=True)
    verifier("R4", **{fait: True}, incomplete=True)


def test_absence_seule_avec_ses_zones_et_rien_d_autre():
    reponse = un(
        "classer_anc",
        {
            "elements_probants": False,
            "odeur_jour": True,
            "usure": None,
            "contact_eaux_traitees": True,
            "zone_sanitaire": True,
            "zone_environnementale": True,
        },
    )
    assert reponse["regle"] == "R0"
    assert reponse["motifs"] == ["absence"]
    assert reponse["notes"] == reponse["points_non_verifies"] == []
    assert reponse["zones"] == {"sanitaire": True, "environnementale": True}
    assert reponse["mise_en_demeure"] is True


@pytest.mark.parametrize(
    ("capacite", "charge", "regle", "notes"),
    [
        (4, 8, "R4", []),
        ("4.01", 8, "R6", ["sous_dimensionnement_non_significatif"]),
        ("7.99", 8, "R6", ["sous_dimensionnement_non_significatif"]),
        (8, 8, "R6", []),
        (0, "0.01", "R4", []),
        ("0.1", "0.2", "R4", []),
    ],
)
def test_capacite_et_charge(capacite, charge, regle, notes):
    reponse = classement(capacite_eh=capacite, charge_eh=charge)
    assert (reponse["regle"], reponse["notes"]) == (regle, notes)


def test_travaux_de_la_regle_4_seulement_en_cas_de_vente():
    assert classement(incomplete=True)["travaux_obligatoires"] is False
    assert classement(incomplete=True, vente=True)["travaux_obligatoires"] is True
    assert classement(incomplete=True, nature="vente")["travaux_obligatoires"] is True
    assert classement(incomplete=True, nature="vente", vente=False)["travaux_obligatoires"] is False
    assert classement(incomplete=True, nature="contre_visite")["travaux_obligatoires"] is False
    assert classement(usure=True, vente=True)["travaux_obligatoires"] is False


# --- motives and notes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("motif", "faits"),
    [
        ("contact_eaux_usees", {"contact_eaux_usees": True}),
        ("vecteurs", {"zone_lutte_moustique": True, "proliferation_insectes": True}),
        ("odeur", {"odeur_jour": True}),
        ("odeur", {"nb_plaintes_tiers": 3}),
        ("structure", {"defaut_structure": True}),
        ("couvercle", {"couvercle_non_securise": True}),
        ("electrique", {"electrique_defectueux": True}),
        ("puits", PUITS),
        ("incomplete", {"incomplete": True}),
        ("sous_dimensionnee", {"sous_dimensionnement_constate": True}),
        ("sous_dimensionnee", {"capacite_eh": 1, "charge_eh": 2}),
        ("dysfonctionnement_majeur", {"dysfonctionnement_majeur": True}),
        ("entretien", {"defaut_entretien": True}),
        ("usure", {"usure": True}),
    ],
)
def test_chaque_motif(motif, faits):
    assert classement(**faits)["motifs"] == [motif]


def test_tous_les_motifs_dans_l_ordre_et_pas_seulement_le_decisif():
    reponse = classement(**dict.fromkeys(CODES_FAITS, True))
    assert reponse["motifs"] == [cause.code for cause in MOTIFS]
    assert len(reponse["motifs"]) == 12


@pytest.mark.parametrize(
    ("faits", "notes"),
    [
        ({"proliferation_insectes": True}, ["moustiques_hors_zone"]),
        ({"proliferation_insectes": True, "zone_lutte_moustique": True}, []),
        ({"contact_eaux_traitees": True}, ["contact_eaux_traitees"]),
        ({"puits_35m_amont": True, "puits_aep": True}, ["puits_interdit_consommation"]),
        (
            {"puits_35m_amont": True, "puits_aep": True, "puits_declare": True},
            ["puits_interdit_consommation"],
        ),
        ({**PUITS, "puits_declare": False}, ["puits_non_declare"]),
        (PUITS, []),
        ({"puits_35m_amont": True, "puits_declare": True}, []),
        ({"puits_aep": True, "puits_declare": True}, []),
        ({"zone_environnementale": True}, []),
        ({"zone_environnementale": True, "incomplete": True}, ["impact_non_prouve"]),
        ({"zone_environnementale": True, "capacite_eh": 1, "charge_eh": 2}, ["impact_non_prouve"]),
        ({"zone_environnementale": True, "incomplete": True, "preuve_impact": True}, []),
        ({"zone_environnementale": True, "usure": True}, []),
        ({"capacite_eh": 3, "charge_eh": 4}, ["sous_dimensionnement_non_significatif"]),
        ({"capacite_eh": 3, "charge_eh": 4, "sous_dimensionnement_constate": True}, []),
        ({"zone_sanitaire": True, "zone_environnementale": True}, ["double_zone"]),
    ],
)
def test_chaque_note(faits, notes):
    assert classement(**faits)["notes"] == notes


def test_notes_dans_l_ordre_de_la_table():
    faits = {
        "proliferation_insectes": True,
        "contact_eaux_traitees": True,
        "puits_35m_amont": True,
        "puits_aep": True,
        "incomplete": True,
        "zone_sanitaire": True,
        "zone_environnementale": True,
        "capacite_eh": 3,
        "charge_eh": 4,
    }
    ordre = [note.code for note in NOTES if note.code != "puits_non_declare"]
    assert classement(**faits)["notes"] == ordre


def test_points_non_verifies_dans_l_ordre_des_faits():
    faits = dict.fromkeys(reversed(CODES_FAITS))
    reponse = classement(**faits)
    assert reponse["points_non_verifies"] == list(CODES_FAITS)
    assert reponse["regle"] == "R6"
    assert classement(usure=False)["points_non_verifies"] == []


# --- input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("faits", "attendu"),
    [
        ({"nature": "conception_neuf"}, "nature"),
        ({"nature": "execution_neuf"}, "nature"),
        ({"nature": 3}, "nature"),
        ({"elements_probants": None}, "elements_probants"),
        ({"elements_probants": "oui"}, "elements_probants"),
        ({"odeur_jour": 1}, "odeur_jour"),
        ({"odeur_jour": "true"}, "odeur_jour"),
        ({"nb_plaintes_tiers": -1}, "nb_plaintes_tiers"),
        ({"nb_plaintes_tiers": 10_000}, "nb_plaintes_tiers"),
        ({"nb_plaintes_tiers": "1"}, "nb_plaintes_tiers"),
        ({"nb_plaintes_tiers": 1.0}, "nb_plaintes_tiers"),
        ({"nb_plaintes_tiers": True}, "nb_plaintes_tiers"),
        ({"nb_plaintes_tiers": 9999}, None),
        ({"nb_plaintes_tiers": None}, None),
        ({"distance_puits_m": -1}, "distance_puits_m"),
        ({"distance_puits_m": "12,5"}, "distance_puits_m"),
        ({"distance_puits_m": "1e1"}, "distance_puits_m"),
        ({"distance_puits_m": float("nan")}, "distance_puits_m"),
        ({"distance_puits_m": float("inf")}, "distance_puits_m"),
        ({"distance_puits_m": "12.5"}, None),
        ({"distance_puits_m": 1e1}, None),
        ({"distance_puits_m": 35}, None),
        ({"distance_puits_m": 35, "puits_35m_amont": True}, "distance_puits_m"),
        ({"distance_puits_m": "34.99", "puits_35m_amont": True}, None),
        ({"capacite_eh": 4}, "charge_eh"),
        ({"charge_eh": 4}, "capacite_eh"),
        ({"capacite_eh": 0, "charge_eh": 0}, "charge_eh"),
        ({"capacite_eh": -1, "charge_eh": 4}, "capacite_eh"),
        ({"vente": "oui"}, "vente"),
        ({"inconnu": 1}, "inconnu"),
        ({"zzz": 1, "aaa": 1, "odeur_jour": 1}, "aaa"),
    ],
)
def test_saisie(faits, attendu):
    assert champ(**faits) == attendu


@pytest.mark.parametrize("cas", [None, 3, "texte", [], True])
def test_cas_qui_n_est_pas_un_objet(cas):
    assert champ_en_erreur("classer_anc", cas) == "cas"


def test_ordre_de_lecture():
    """Every field wrong at once: the first written is reported, then the next once it is corrected."""
    noms = [
        "nature",
        "elements_probants",
        *CODES_FAITS,
        "nb_plaintes_tiers",
        "distance_puits_m",
        "capacite_eh",
        "charge_eh",
        "vente",
    ]
    faux = dict.fromkeys(reversed(noms), "?")
    for nom in noms:
        assert champ_en_erreur("classer_anc", faux) == nom
        if nom == "elements_probants":
            faux[nom] = True
        else:
            del faux[nom]
    assert champ_en_erreur("classer_anc", faux) is None


def test_verifications_croisees_dans_l_ordre():
    faits = {"puits_35m_amont": True, "distance_puits_m": 40, "capacite_eh": 3}
    assert champ(**faits) == "distance_puits_m"
    assert champ(**{**faits, "vente": "?"}) == "vente"


@pytest.mark.parametrize("nature", NATURES)
def test_natures_acceptees(nature):
    assert champ(nature=nature) is None


def test_un_cas_fautif_n_arrete_pas_les_autres():
    reponses = executer("classer_anc", [{"elements_probants": False}, {}, {"elements_probants": True}])
    assert [reponse.get("regle") for reponse in reponses] == ["R0", None, "R6"]


# --- properties ------------------------------------------------------------------------------------

faits_au_hasard = st.dictionaries(st.sampled_from(CODES_FAITS), st.sampled_from([True, True, False, None]))


def table_ecrite_autrement(f) -> str:
    """The table of conclusions a second time, as one reads it in the arrêté."""
    vrai = {code for code, valeur in f.items() if valeur}
    if {"zone_lutte_moustique", "proliferation_insectes"} <= vrai or set(PUITS) <= vrai:
        return "R1"
    if vrai & {
        "contact_eaux_usees",
        "odeur_jour",
        "defaut_structure",
        "couvercle_non_securise",
        "electrique_defectueux",
    }:
        return "R1"
    if vrai & {"incomplete", "sous_dimensionnement_constate", "dysfonctionnement_majeur"}:
        if "zone_sanitaire" in vrai:
            return "R2"
        return "R3" if {"zone_environnementale", "preuve_impact"} <= vrai else "R4"
    return "R5" if vrai & {"defaut_entretien", "usure"} else "R6"


def regle_de(faits) -> str:
    objet = Objet.ouvrir({"elements_probants": True, **faits}, "", ("elements_probants", *CODES_FAITS))
    return classer(lire_constat(objet)).regle.code


@settings(max_examples=300, deadline=None)
@given(faits_au_hasard)
def test_la_table_relue_donne_la_meme_regle(faits):
    assert regle_de(faits) == table_ecrite_autrement(faits)


@settings(max_examples=200, deadline=None)
@given(faits_au_hasard, st.sampled_from(CODES_FAITS))
def test_un_defaut_de_plus_n_ameliore_jamais_la_conclusion(faits, code):
    """Facts only aggravate: the rule found with one more comes at the same place or before."""
    avec = {**faits, code: True}
    assert CODES_REGLES.index(regle_de(avec)) <= CODES_REGLES.index(regle_de(faits))


def test_chaque_fait_a_son_groupe_et_son_libelle():
    groupes = ["securite_sanitaire", "structure", "puits", "filiere", "zones", "entretien"]
    assert list(dict.fromkeys(fait.groupe for fait in FAITS)) == groupes
    assert len(CODES_FAITS) == 20 and all(fait.libelle for fait in FAITS)
