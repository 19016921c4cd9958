"""Each writing of a reference, as people type it."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadastre.regles.references import LONGUEUR_MAX, PLAGE_MAX, Contexte, Erreur, Reference, analyser

CONTEXTE = Contexte(
    {
        "25354": "LUXIOL",
        "38004": "L ALBENC",
        "13029": "CORNILLON-CONFOUX",
        "2A004": "AJACCIO",
        "97105": "BASSE TERRE",
        "76255": "EU",
        "50502": "SAINT LO",
        "75101": "PARIS 01",
        "25100": "SAINT-SAUVEUR",
        "70473": "SAINT-SAUVEUR",
    }
)


def lues(texte: str, contexte: Contexte = CONTEXTE) -> list[tuple[str | None, str | None, str, int | None]]:
    """References only, as (commune, préfixe, section, number); fails on an error."""
    elements = analyser(texte, contexte)
    assert not [e for e in elements if isinstance(e, Erreur)], elements
    return [(e.insee, e.prefixe, e.section, e.numero) for e in elements if isinstance(e, Reference)]


def codes(texte: str, contexte: Contexte = CONTEXTE) -> list[str]:
    return [e.code for e in analyser(texte, contexte) if isinstance(e, Erreur)]


@pytest.mark.parametrize(
    "texte",
    [
        "AB12", "ab 12", "AB 0012", "AB n° 12", "AB nº12", "section AB numéro 12", "AB-12", "AB/12",
        "parcelle AB 12", "Section ab, n°12", "numéro 12 section AB", "  AB 12  ", "AB\u00a012",
    ],
)  # fmt: skip
def test_une_section_et_un_numero(texte):
    assert lues(texte) == [(None, None, "AB", 12)]


@pytest.mark.parametrize("texte", ["A 5", "A5", "0A5", "0A 0005", "a n° 5", "section A 5"])
def test_une_section_d_une_lettre(texte):
    assert lues(texte) == [(None, None, "0A", 5)]


@pytest.mark.parametrize(
    ("texte", "numeros"),
    [
        ("ZD 3, 4 et 12", [3, 4, 12]),
        ("ZD 3-4-12", [3, 4, 12]),
        ("ZD 3 4 12", [3, 4, 12]),
        ("ZD 3 à 8", [3, 4, 5, 6, 7, 8]),
        ("ZD 3 a 8", [3, 4, 5, 6, 7, 8]),
        ("ZD de 3 au 5", [3, 4, 5]),
        ("ZD 3..5", [3, 4, 5]),
        ("ZD 1, 3 à 5 et 9", [1, 3, 4, 5, 9]),
        ("ZD 3, 3, 3", [3]),
    ],
)
def test_plusieurs_numeros(texte, numeros):
    assert [r[3] for r in lues(texte)] == numeros
    assert {r[2] for r in lues(texte)} == {"ZD"}


def test_les_numeros_d_une_plage_sont_marques_comme_tels():
    elements = analyser("ZD 3 à 5", CONTEXTE)
    assert [(e.numero, e.plage) for e in elements] == [(3, False), (4, True), (5, True)]


def test_une_plage_juste_a_la_limite_passe_entiere():
    assert len(lues(f"ZD 1 à {PLAGE_MAX}")) == PLAGE_MAX


def test_une_plage_trop_longue_s_arrete_et_le_dit():
    elements = analyser(f"ZD 1 à {PLAGE_MAX + 1}", CONTEXTE)
    assert sum(isinstance(e, Reference) for e in elements) == PLAGE_MAX
    erreur = elements[-1]
    assert isinstance(erreur, Erreur) and erreur.code == "PLAGE_TROP_LONGUE"
    assert "« ZD 201 à 201 »" in erreur.message


def test_une_plage_a_l_envers_est_signalee():
    assert codes("ZD 8 à 3") == ["PLAGE_INVERSEE"]


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("AB 12; AC 3", [("AB", 12), ("AC", 3)]),
        ("AB 12, AC 3", [("AB", 12), ("AC", 3)]),
        ("AB 12 et AC 3", [("AB", 12), ("AC", 3)]),
        ("AB 12, 13 et 14 ; A 1 à 2", [("AB", 12), ("AB", 13), ("AB", 14), ("0A", 1), ("0A", 2)]),
        ("AB 12 A 5", [("AB", 12), ("0A", 5)]),
        ("AB 12\nAC 3\n\nZD4", [("AB", 12), ("AC", 3), ("ZD", 4)]),
        ("AB 12; 13", [("AB", 12), ("AB", 13)]),
    ],
)
def test_une_liste(texte, attendu):
    assert [(r[2], r[3]) for r in lues(texte)] == attendu


def test_chaque_ligne_d_une_liste_recoit_sa_reponse():
    elements = analyser("AB 12\nma maison\nAC 3", CONTEXTE)
    assert [type(e) for e in elements] == [Reference, Erreur, Reference]
    assert elements[1].code == "ILLISIBLE" and "ma maison" in elements[1].message


@pytest.mark.parametrize(
    "texte",
    [
        "commune;section;numero\n25354;AB;12\nLuxiol;A;0005\n",
        "code_insee,prefixe,section,numéro\n25354,000,AB,12\n25354,000,0A,5\n",
        "nom_commune\tsection\tparcelle\tcontenance\nLuxiol\tAB\t12\t1500\nLuxiol\tA\t5\t20\n",
        'idu;adresse\n25354000AB0012;"12 rue; du Moulin"\n253540000A0005;\n',
    ],
)
def test_un_tableau_avec_son_entete(texte):
    assert [(r[0], r[2], r[3]) for r in lues(texte)] == [("25354", "AB", 12), ("25354", "0A", 5)]


def test_une_colonne_collee_avec_son_titre():
    assert lues("Parcelle\nAB 12\nAC 3") == [(None, None, "AB", 12), (None, None, "AC", 3)]


def test_une_ligne_de_tableau_illisible_n_arrete_pas_les_autres():
    elements = analyser("section;numero\nAB;12\nfoo;x\nAC;3", CONTEXTE)
    assert [getattr(e, "code", None) for e in elements] == [None, "ILLISIBLE", None]


def test_une_ligne_de_tableau_sans_entete():
    assert lues("AB;12;1500;Le Village;x") == [(None, None, "AB", 12)]
    assert lues("25354;AB;12") == [("25354", None, "AB", 12)]


@pytest.mark.parametrize("texte", ["801 AB 12", "801AB12", "801AB0012", "801 section AB n°12"])
def test_le_prefixe_d_une_commune_fusionnee(texte):
    assert lues(texte) == [(None, "801", "AB", 12)]


def test_un_nombre_de_trois_chiffres_est_un_prefixe_ou_un_numero_selon_la_virgule():
    assert lues("ZD 3, 128, AC 5") == [(None, None, "ZD", 3), (None, None, "ZD", 128), (None, None, "AC", 5)]
    assert lues("801AB12, 801AC3") == [(None, "801", "AB", 12), (None, "801", "AC", 3)]


@pytest.mark.parametrize(
    ("texte", "insee"),
    [
        ("Luxiol AB 12", "25354"), ("AB 12 Luxiol", "25354"), ("AB 12 à Luxiol", "25354"),
        ("AB 12, LUXIOL", "25354"), ("AB 12 (Luxiol)", "25354"), ("25354 AB 12", "25354"),
        ("25354AB12", "25354"), ("AB 12 25354", "25354"), ("l'Albenc AB 12", "38004"),
        ("Albenc AB12", "38004"), ("St Lô AB 12", "50502"), ("Saint-Lô AB 12", "50502"),
        ("cornillon confoux AB 12", "13029"), ("Cornillon AB 12", "13029"), ("Paris 01 AB 12", "75101"),
        ("2A004 AB 12", "2A004"), ("Ajaccio AB 12", "2A004"), ("Basse-Terre AB 12", "97105"),
        ("97105 AB 12", "97105"), ("Eu AB 12", "76255"), ("parcelle AB 12 de la commune de Luxiol", "25354"),
    ],
)  # fmt: skip
def test_la_commune_par_son_nom_ou_son_code(texte, insee):
    assert lues(texte) == [(insee, None, "AB", 12)]


def test_une_section_du_nom_d_une_commune_reste_une_section():
    assert lues("EU 12") == [(None, None, "EU", 12)]


def test_deux_communes_du_meme_nom_donnent_deux_references():
    assert lues("Saint-Sauveur AB 12") == [("25100", None, "AB", 12), ("70473", None, "AB", 12)]


def test_plusieurs_communes_dans_un_texte():
    attendu = [("25354", None, "AB", 12), ("38004", None, "0B", 3)]
    assert lues("Luxiol AB 12; L'Albenc B 3") == attendu
    assert lues("AB 12 Luxiol, B 3 L'Albenc") == attendu


def test_une_commune_hors_du_plan_est_signalee_sans_insister():
    (erreur,) = analyser("Dijon AB 12", CONTEXTE)
    assert isinstance(erreur, Erreur) and erreur.code == "COMMUNE_INCONNUE" and erreur.faible
    assert "« Dijon »" in erreur.message


@pytest.mark.parametrize(
    "texte",
    [
        "25354000AB0012", "25354 000 AB 0012", "25354-000-AB-0012", "250354000AB0012", "FR250354000AB0012",
        "fr 250354000ab0012", "FR25354000AB0012", "354000AB0012", "354 000 AB 0012",
    ],
)  # fmt: skip
def test_les_identifiants_codes(texte):
    (reference,) = analyser(texte, CONTEXTE)
    assert isinstance(reference, Reference)
    assert reference.idu == "25354000AB0012"


@pytest.mark.parametrize(
    ("texte", "idu"),
    [
        ("2A004000AB0012", "2A004000AB0012"), ("2a0004000AB0012", "2A004000AB0012"),
        ("97105000AB0012", "97105000AB0012"), ("971105000AB0012", "97105000AB0012"),
        ("31555801AB0012", "31555801AB0012"), ("253540000A0005", "253540000A0005"),
        ("674820000112" + "34", "67482000011234"),
    ],
)  # fmt: skip
def test_les_identifiants_de_corse_d_outre_mer_et_d_alsace(texte, idu):
    (reference,) = analyser(texte, CONTEXTE)
    assert reference.idu == idu


def test_une_section_en_chiffres_demande_le_mot_section():
    assert lues("section 12 numéro 5") == [(None, None, "12", 5)]
    assert lues("section 7 n° 5") == [(None, None, "07", 5)]


def test_le_code_du_fichier_qui_va_a_plusieurs_communes_les_propose():
    contexte = Contexte({"25354": "LUXIOL", "39354": "MOLAIN"})
    elements = analyser("354000AB0012", contexte)
    assert [e.insee for e in elements if isinstance(e, Reference)] == ["25354", "39354"]
    assert codes("354000AB0012", contexte) == ["COMMUNE_AMBIGUE"]
    courante = Contexte({"25354": "LUXIOL", "39354": "MOLAIN"}, courante="39354")
    assert lues("354000AB0012", courante) == [("39354", "000", "AB", 12)]


def test_le_code_du_fichier_qui_ne_va_a_aucune_commune_le_dit():
    assert codes("999000AB0012") == ["COMMUNE_INCONNUE"]


@pytest.mark.parametrize(("texte", "faible"), [("AB", True), ("section AB", False), ("Section ab ", False)])
def test_la_section_seule(texte, faible):
    (reference,) = analyser(texte, CONTEXTE)
    assert (reference.section, reference.numero, reference.faible) == ("AB", None, faible)


def test_la_section_d_une_commune():
    assert lues("Luxiol section AB") == [("25354", None, "AB", None)]
    assert lues("section AB Luxiol") == [("25354", None, "AB", None)]


@pytest.mark.parametrize(
    "texte",
    [
        "12 rue du Moulin", "le grand pré", "DUPONT", "SCI du Moulin", "12", "", "   ", "\n\n",
        "A 5 rue du Moulin", "12 bis, chemin de l'Église", "+00123",
    ],
)  # fmt: skip
def test_ce_qui_n_est_pas_une_reference_ne_donne_rien(texte):
    assert analyser(texte, CONTEXTE) == []


@pytest.mark.parametrize("texte", ["AB 0", "AB 0000", "AB 12345"])
def test_un_numero_impossible_est_explique(texte):
    assert codes(texte) == ["NUMERO_INVALIDE"]


def test_le_libelle_est_l_ecriture_usuelle():
    assert Reference("0A", 5, prefixe="000").libelle == "A 5"
    assert Reference("AB", 12, prefixe="801").libelle == "801 AB 12"
    assert Reference("01", 12).libelle == "1 12"
    assert Reference("AB", 12).idu is None


def test_un_texte_trop_long_est_refuse():
    assert codes("AB 12 " * 5000) == ["TEXTE_TROP_LONG"]


MOTIFS = ("AB 12, ", "A", "A ", "9", "ZD 3 à ", "Luxiol ", ";", "25354 ", "\n", "é'", "FR", "DE A ", "A 1 ")


@pytest.mark.parametrize("motif", MOTIFS)
def test_dix_mille_caracteres_se_lisent(motif):
    texte = (motif * LONGUEUR_MAX)[:LONGUEUR_MAX]
    assert isinstance(analyser(texte, CONTEXTE), list)


@given(st.text(max_size=200))
def test_n_importe_quel_texte_se_lit_sans_erreur(texte):
    for element in analyser(texte, CONTEXTE):
        assert isinstance(element, Reference | Erreur)
        if isinstance(element, Reference) and element.idu:
            assert len(element.idu) == 14 and element.idu.isascii()


ESPACES = st.text(" \t\u00a0\u2009", max_size=3)
SECTIONS = st.text(string.ascii_uppercase, min_size=1, max_size=2)


@given(
    SECTIONS,
    st.integers(1, 9999),
    ESPACES,
    ESPACES,
    st.booleans(),
    st.sampled_from(["", "-", "/", "n°", "N° "]),
)
def test_les_espaces_et_la_casse_ne_comptent_pas(section, numero, avant, entre, minuscules, lien):
    texte = f"{avant}{section}{entre}{lien}{entre}{numero:04d}{avant}"
    texte = texte.lower() if minuscules else texte
    assert lues(texte, Contexte()) == [(None, None, section.zfill(2), numero)]


@given(SECTIONS, st.integers(1, 9999), st.lists(ESPACES, min_size=4, max_size=4), st.booleans())
def test_un_identifiant_se_lit_avec_des_espaces(section, numero, espaces, minuscules):
    parties = ("25354", "000", section.zfill(2), f"{numero:04d}")
    texte = "".join(e + p for e, p in zip(espaces, parties, strict=True))
    (reference,) = analyser(texte.lower() if minuscules else texte, Contexte())
    assert reference.idu == "".join(parties)
