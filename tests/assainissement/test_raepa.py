"""Quality control of RAEPA records: each anomaly, each code list, each bound, references, summary."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from assainissement.regles.tables.raepa import COUCHES, FACULTATIF, STRUCTUREL
from tests.appels import champ_en_erreur, un

CANA, OUV, APP, REP = "RAEPA_CANALASS_L", "RAEPA_OUVRASS_P", "RAEPA_APPARASS_P", "RAEPA_REPARASS_P"
COMMUN = {
    "MOUVRAGE": "Commune",
    "GEXPLOIT": "Régie",
    "TYPRESEAU": "02",
    "QUALGLOCXY": "01",
    "DATEMAJ": "2024-05-02",
    "SOURMAJ": "SIG",
}
BONS = {
    CANA: {
        "IDCANA": "C1",
        "ENSERVICE": "O",
        "BRANCHEMNT": "N",
        "MATERIAU": "25",
        "DIAMETRE": 200,
        "ANFINPOSE": "1998",
        "MODECIRC": "01",
        "CONTCANASS": "02",
        "FONCCANASS": "02",
        **COMMUN,
    },
    OUV: {"IDOUVRAGE": "R1", "X": 652000, "Y": 6862000, "FNOUVASS": "06", **COMMUN},
    APP: {"IDAPPAREIL": "V1", "X": 652000, "Y": 6862000, "FNAPPASS": "03", **COMMUN},
    REP: {
        "IDREPAR": "P1",
        "X": 652000,
        "Y": 6862000,
        "SUPPREPAR": "01",
        "DEFREPAREE": "99",
        "DATEREPAR": "2024-05-02",
        "MOUVRAGE": "Commune",
    },
}


def controle(couche, *enregistrements, **champs):
    cas = {"couche": couche, "annee_reference": 2026, "enregistrements": list(enregistrements), **champs}
    reponse = un("controler_raepa", cas)
    assert "erreur" not in reponse, reponse
    return reponse


def bon(couche=CANA, **champs):
    return {**BONS[couche], **champs}


def anomalies(couche=CANA, *, cas=None, **champs):
    """(code, field, severity) of the only record, a good one changed by ``champs``."""
    (resultat,) = controle(couche, bon(couche, **champs), **(cas or {}))["resultats"]
    return [(a["code"], a["champ"], a["gravite"]) for a in resultat["anomalies"]]


def statut(couche=CANA, **champs):
    return controle(couche, bon(couche, **champs))["resultats"][0]["statut"]


@pytest.mark.parametrize("couche", sorted(BONS))
def test_un_bon_enregistrement(couche):
    reponse = controle(couche, bon(couche))
    assert reponse["resultats"][0]["anomalies"] == []
    assert reponse["synthese"] == {"total": 1, "valides": 1, "avec_reserves": 0, "rejetes": 0}
    assert reponse["champs_absents"] == reponse["champs_inconnus"] == []


# --- presence --------------------------------------------------------------------------------------

STRUCTURELS = {
    CANA: ["IDCANA", "TYPRESEAU"],
    OUV: ["IDOUVRAGE", "TYPRESEAU"],
    APP: ["IDAPPAREIL", "TYPRESEAU"],
    REP: ["IDREPAR"],
}
COUCHES_ET_CHAMPS = [(couche, champ) for couche, champs in COUCHES.items() for champ in champs]


@pytest.mark.parametrize(
    ("couche", "champ"),
    COUCHES_ET_CHAMPS,
    ids=[f"{couche}-{champ.nom}" for couche, champ in COUCHES_ET_CHAMPS],
)
def test_absence_de_chaque_champ(couche, champ):
    attendu = []
    if champ.presence != FACULTATIF:
        gravite = "erreur" if champ.nom in STRUCTURELS[couche] else "avertissement"
        attendu = [("OBLIGATOIRE_ABSENT", champ.nom, gravite)]
    assert (champ.presence == STRUCTUREL) == (champ.nom in STRUCTURELS[couche])
    assert anomalies(couche, **{champ.nom: None}) == attendu


def test_champs_de_chaque_couche_dans_l_ordre():
    fin = "QUALGLOCXY QUALGLOCZ DATEMAJ SOURMAJ QUALANNEE DATEGEOLOC SOURGEOLOC SOURATTRIB"
    ordre = {
        CANA: "IDCANA MOUVRAGE GEXPLOIT ENSERVICE BRANCHEMNT TYPRESEAU MATERIAU DIAMETRE ANFINPOSE MODECIRC "
        "CONTCANASS FONCCANASS IDNINI IDNTERM IDCANPPALE ZAMONT ZAVAL SENSECOUL ANDEBPOSE LONGCANA NBRANCHE "
        + fin,
        OUV: "IDOUVRAGE X Y MOUVRAGE GEXPLOIT TYPRESEAU FNOUVASS ANFINPOSE IDCANAMONT IDCANAVAL IDCANPPALE Z "
        "ANDEBPOSE " + fin,
        APP: "IDAPPAREIL X Y MOUVRAGE GEXPLOIT TYPRESEAU FNAPPASS ANFINPOSE DIAMETRE IDCANAMONT IDCANAVAL "
        "IDCANPPALE IDOUVRAGE Z ANDEBPOSE " + fin,
        REP: "IDREPAR X Y SUPPREPAR DEFREPAREE DATEREPAR MOUVRAGE",
    }
    assert {couche: " ".join(champ.nom for champ in champs) for couche, champs in COUCHES.items()} == ordre


@pytest.mark.parametrize("vide", [None, "", "   ", "NULL", "null", " Null "])
def test_valeurs_absentes(vide):
    assert anomalies(SOURMAJ=vide) == [("OBLIGATOIRE_ABSENT", "SOURMAJ", "avertissement")]
    assert statut(SOURMAJ=vide) == "avec_reserves"


def test_identifiant_absent():
    (resultat,) = controle(CANA, bon(IDCANA=" "))["resultats"]
    assert (resultat["identifiant"], resultat["statut"]) == (None, "rejete")


@pytest.mark.parametrize(
    ("brut", "texte"),
    [("C1", "C1"), (" C1 ", "C1"), (12, "12"), (12.0, "12"), (12.5, "12.5"), ("012", "012")],
)
def test_identifiant_en_texte(brut, texte):
    assert controle(CANA, bon(IDCANA=brut))["resultats"][0]["identifiant"] == texte


# --- types -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("valeur", [True, False, [], ["a"], {}, {"a": 1}])
@pytest.mark.parametrize(
    "champ", ["IDCANA", "MOUVRAGE", "TYPRESEAU", "DIAMETRE", "ANFINPOSE", "DATEMAJ", "ZAMONT"]
)
def test_ni_booleen_ni_liste_ni_objet(champ, valeur):
    assert anomalies(**{champ: valeur}) == [("TYPE_INVALIDE", champ, "erreur")]


@pytest.mark.parametrize("valeur", [float("nan"), float("inf")])
def test_nombre_sans_valeur(valeur):
    assert anomalies(DIAMETRE=valeur) == [("TYPE_INVALIDE", "DIAMETRE", "erreur")]


@pytest.mark.parametrize(
    ("champ", "valeur", "accepte"),
    [
        ("DIAMETRE", "200", True),
        ("DIAMETRE", 200.0, True),
        ("DIAMETRE", "200.0", True),
        ("DIAMETRE", "200.5", False),
        ("DIAMETRE", 200.5, False),
        ("DIAMETRE", "2e2", False),
        ("DIAMETRE", "Ø200", False),
        ("NBRANCHE", "3.5", False),
        ("NBRANCHE", 3, True),
        ("ZAMONT", "12.55", True),
        ("ZAMONT", " 12.55 ", True),
        ("ZAMONT", "-3", True),
        ("ZAMONT", "12,55", False),
        ("ZAMONT", "1e2", False),
        ("LONGCANA", "dix", False),
        ("ANFINPOSE", 1998, True),
        ("ANFINPOSE", 1998.0, True),
        ("ANFINPOSE", "98", False),
        ("ANFINPOSE", "1998-01", False),
        ("ANFINPOSE", 1998.5, False),
        ("ANDEBPOSE", "vers 1950", False),
    ],
)
def test_nombres_et_annees(champ, valeur, accepte):
    attendu = [] if accepte else [("TYPE_INVALIDE", champ, "erreur")]
    assert anomalies(**{champ: valeur}) == attendu


@pytest.mark.parametrize("champ", ["X", "Y", "Z"])
def test_coordonnees_illisibles(champ):
    assert anomalies(OUV, **{champ: "6,5"}) == [("TYPE_INVALIDE", champ, "erreur")]


# --- code lists ------------------------------------------------------------------------------------

LISTES = {
    "TYPRESEAU": ["01", "02", "03"],
    "CONTCANASS": ["00", "01", "02", "03", "99"],
    "FONCCANASS": ["00", "01", "02", "99"],
    "MODECIRC": ["00", "01", "02", "03", "99"],
    "QUALGLOCXY": ["01", "02", "03"],
    "QUALGLOCZ": ["01", "02", "03"],
    "QUALANNEE": ["01", "02", "03", "04", "05"],
    "MATERIAU": [f"{n:02d}" for n in range(32)] + ["99"],
    "ENSERVICE": ["O", "N"],
    "BRANCHEMNT": ["O", "N"],
    "SENSECOUL": ["0", "1"],
}
LISTES_OUV = {"FNOUVASS": [f"{n:02d}" for n in range(10)] + ["99"]}
LISTES_APP = {"FNAPPASS": [f"{n:02d}" for n in range(7)] + ["99"]}
TOUTES = [(CANA, LISTES), (OUV, LISTES_OUV), (APP, LISTES_APP)]


@pytest.mark.parametrize(
    ("couche", "champ", "codes"), [(c, nom, codes) for c, listes in TOUTES for nom, codes in listes.items()]
)
def test_chaque_liste_de_codes(couche, champ, codes):
    """All hundred two-digit codes, and the letters: accepted exactly when the list has them."""
    essais = [f"{n:02d}" for n in range(100)] + ["O", "N", "X", "100", "02-03x"]
    for code in {*essais, *codes}:
        trouvees = [a for a in anomalies(couche, **{champ: code}) if a[0] != "RESEAU_INCOHERENT"]
        gravite = "avertissement" if champ == "MATERIAU" else "erreur"
        assert trouvees == ([] if code in codes else [("CODE_INCONNU", champ, gravite)]), code


@pytest.mark.parametrize(
    ("champ", "valeur", "code"),
    [
        ("FONCCANASS", "2", "CODE_NON_NORMALISE"),
        ("FONCCANASS", 2, "CODE_NON_NORMALISE"),
        ("FONCCANASS", 2.0, "CODE_NON_NORMALISE"),
        ("FONCCANASS", "9", "CODE_INCONNU"),
        ("FONCCANASS", 2.5, "CODE_INCONNU"),
        ("FONCCANASS", "-2", "CODE_INCONNU"),
        ("FONCCANASS", "002", "CODE_INCONNU"),
        ("ENSERVICE", "o", "CODE_NON_NORMALISE"),
        ("BRANCHEMNT", "n", "CODE_NON_NORMALISE"),
        ("ENSERVICE", "oui", "CODE_INCONNU"),
        ("SENSECOUL", 1, None),
        ("SENSECOUL", "2", "CODE_INCONNU"),
        ("SENSECOUL", "01", "CODE_INCONNU"),
        ("QUALGLOCXY", 1, "CODE_NON_NORMALISE"),
        ("MATERIAU", 5, "CODE_NON_NORMALISE"),
        ("MATERIAU", "PVC", "CODE_INCONNU"),
    ],
)
def test_code_mal_ecrit(champ, valeur, code):
    gravite = "erreur" if code == "CODE_INCONNU" and champ != "MATERIAU" else "avertissement"
    assert anomalies(**{champ: valeur}) == ([] if code is None else [(code, champ, gravite)])


@pytest.mark.parametrize(
    ("couche", "champ", "valeur", "accepte"),
    [
        (OUV, "FNOUVASS", "06-01", True),
        (OUV, "FNOUVASS", "06-77", True),
        (OUV, "FNOUVASS", "10-01", False),
        (OUV, "FNOUVASS", "06-1", False),
        (OUV, "FNOUVASS", "6-01", False),
        (APP, "FNAPPASS", "03-02", True),
        (APP, "FNAPPASS", "07-02", False),
        (CANA, "MODECIRC", "01-02", False),
    ],
)
def test_code_compose(couche, champ, valeur, accepte):
    assert anomalies(couche, **{champ: valeur}) == ([] if accepte else [("CODE_INCONNU", champ, "erreur")])


def test_reparations_sans_liste_de_codes():
    assert anomalies(REP, SUPPREPAR="fonte", DEFREPAREE="casse nette") == []


# --- bounds ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("champ", "valeur", "accepte"),
    [
        ("DIAMETRE", 0, False),
        ("DIAMETRE", 1, True),
        ("DIAMETRE", 10_000, True),
        ("DIAMETRE", 10_001, False),
        ("NBRANCHE", -1, False),
        ("NBRANCHE", 0, True),
        ("NBRANCHE", 9_999, True),
        ("NBRANCHE", 10_000, False),
        ("LONGCANA", 0, False),
        ("LONGCANA", "0.01", True),
        ("LONGCANA", 100_000, True),
        ("LONGCANA", "100000.01", False),
        ("ZAMONT", "-50.01", False),
        ("ZAMONT", -50, True),
        ("ZAVAL", 5_000, True),
        ("ZAVAL", "5000.01", False),
    ],
)
def test_valeurs_plausibles(champ, valeur, accepte):
    assert anomalies(**{champ: valeur}) == (
        [] if accepte else [("VALEUR_HORS_BORNES", champ, "avertissement")]
    )


@pytest.mark.parametrize(("valeur", "accepte"), [(1799, False), (1800, True), (2026, True), (2027, False)])
@pytest.mark.parametrize("champ", ["ANFINPOSE", "ANDEBPOSE"])
def test_annees_plausibles(champ, valeur, accepte):
    autre = {"ANFINPOSE": None} if champ == "ANDEBPOSE" else {}
    trouvees = [a for a in anomalies(**{**autre, champ: valeur}) if a[0] != "OBLIGATOIRE_ABSENT"]
    assert trouvees == ([] if accepte else [("ANNEE_HORS_BORNES", champ, "avertissement")])


@pytest.mark.parametrize(
    ("valeur", "accepte"),
    [
        ("2024-02-29", True),
        ("2024/02/29", True),
        ("20240229", True),
        (20240229, True),
        ("2023-02-29", False),
        ("2024-2-9", False),
        ("2024-02/29", False),
        ("29/02/2024", False),
        ("2024-02-29T10:00", False),
        ("hier", False),
    ],
)
def test_dates(valeur, accepte):
    attendu = [] if accepte else [("DATE_INVALIDE", "DATEMAJ", "avertissement")]
    assert anomalies(DATEMAJ=valeur) == attendu
    assert len(anomalies(REP, DATEREPAR=valeur)) == (not accepte)
    assert len(anomalies(OUV, DATEGEOLOC=valeur)) == (not accepte)


@pytest.mark.parametrize(
    ("champ", "valeur", "accepte"),
    [
        ("X", 0, True),
        ("X", -1, False),
        ("X", 1_300_000, True),
        ("X", 1_300_001, False),
        ("Y", 6_000_000, True),
        ("Y", 5_999_999, False),
        ("Y", 7_200_000, True),
        ("Y", 7_200_001, False),
    ],
)
def test_emprise_du_lambert_93(champ, valeur, accepte):
    attendu = [] if accepte else [("COORDONNEES_HORS_EMPRISE", champ, "avertissement")]
    assert anomalies(OUV, **{champ: valeur}) == attendu
    assert anomalies(OUV, cas={"srid": 5490}, **{champ: valeur}) == []


# --- between fields --------------------------------------------------------------------------------


@pytest.mark.parametrize(("debut", "incoherent"), [(1997, False), (1998, False), (1999, True), ("?", False)])
def test_annees_incoherentes(debut, incoherent):
    trouvees = anomalies(ANDEBPOSE=debut)
    assert (("ANNEES_INCOHERENTES", "ANDEBPOSE", "avertissement") in trouvees) is incoherent


def test_annee_hors_bornes_est_tout_de_meme_comparee():
    codes = [a[0] for a in anomalies(ANDEBPOSE=2027)]
    assert codes == ["ANNEE_HORS_BORNES", "ANNEES_INCOHERENTES"]


def test_noeuds_identiques():
    identiques = [("NOEUDS_IDENTIQUES", "IDNTERM", "avertissement")]
    assert anomalies(IDNINI="N1", IDNTERM=" N1 ") == identiques
    assert anomalies(IDNINI=1, IDNTERM="1") == identiques
    assert anomalies(IDNINI="N1", IDNTERM="n1") == []
    assert anomalies(IDNTERM="N1") == anomalies(IDNINI="N1") == []


@pytest.mark.parametrize(
    ("contenu", "reseau", "incoherent"),
    [
        ("01", "01", False),
        ("01", "02", True),
        ("03", "02", True),
        ("00", "02", False),
        ("99", "02", False),
        ("1", "01", False),
        ("1", "02", True),
        ("02", 2, False),
        ("04", "02", False),
        ("02", "04", False),
        (None, "02", False),
    ],
)
def test_reseau_incoherent(contenu, reseau, incoherent):
    trouvees = anomalies(CONTCANASS=contenu, TYPRESEAU=reseau)
    assert (("RESEAU_INCOHERENT", "CONTCANASS", "avertissement") in trouvees) is incoherent


@pytest.mark.parametrize(
    ("amont", "aval", "mode", "inversee"),
    [
        (50, "50.01", "01", True),
        (50, "50.01", 1, True),
        ("50.0", 50, "01", False),
        (50, 51, "02", False),
        (50, 51, "04", False),
        (50, None, "01", False),
        (None, 51, "01", False),
        (50, "51,2", "01", False),
        (5000, 5001, "01", True),
    ],
)
def test_pente_inversee(amont, aval, mode, inversee):
    trouvees = anomalies(ZAMONT=amont, ZAVAL=aval, MODECIRC=mode)
    assert (("PENTE_INVERSEE", "ZAVAL", "avertissement") in trouvees) is inversee


# --- references and duplicates ---------------------------------------------------------------------


def inconnus(couche, identifiants, *autres, **champs):
    resultats = controle(couche, bon(couche, **champs), *autres, identifiants=identifiants)["resultats"]
    return [a["champ"] for a in resultats[0]["anomalies"] if a["code"] == "REFERENCE_INCONNUE"]


@pytest.mark.parametrize(
    ("couche", "champ", "liste"),
    [
        (CANA, "IDNINI", "noeuds"),
        (CANA, "IDNTERM", "noeuds"),
        (CANA, "IDCANPPALE", "canalisations"),
        (OUV, "IDCANAMONT", "canalisations"),
        (OUV, "IDCANAVAL", "canalisations"),
        (OUV, "IDCANPPALE", "canalisations"),
        (APP, "IDCANAMONT", "canalisations"),
        (APP, "IDCANAVAL", "canalisations"),
        (APP, "IDCANPPALE", "canalisations"),
        (APP, "IDOUVRAGE", "ouvrages"),
    ],
)
def test_chaque_reference(couche, champ, liste):
    assert inconnus(couche, {liste: ["A", " B "]}, **{champ: "B"}) == []
    assert inconnus(couche, {liste: ["A", "B"]}, **{champ: "Z"}) == [champ]
    assert inconnus(couche, {liste: []}, **{champ: "Z"}) == [champ]
    assert inconnus(couche, {}, **{champ: "Z"}) == []
    assert inconnus(couche, {liste: None}, **{champ: "Z"}) == []
    assert inconnus(couche, {liste: ["12"]}, **{champ: 12}) == []


def test_l_identifiant_d_un_ouvrage_n_est_pas_une_reference():
    assert inconnus(OUV, {"ouvrages": ["AUTRE"]}) == []


def test_plusieurs_canalisations_separees_par_un_point_virgule():
    connues = {"canalisations": ["A", "B"]}
    for champ in ("IDCANAMONT", "IDCANAVAL"):
        assert inconnus(OUV, connues, **{champ: "A; B;"}) == []
        assert inconnus(OUV, connues, **{champ: "A;Z"}) == [champ]
    assert inconnus(OUV, connues, IDCANPPALE="A;B") == ["IDCANPPALE"]


def test_canalisation_principale_dans_le_fichier_meme():
    autre = bon(IDCANA="C2")
    assert inconnus(CANA, {"canalisations": []}, autre, IDCANPPALE="C2") == []
    assert inconnus(CANA, {"canalisations": []}, autre, IDCANPPALE="C3") == ["IDCANPPALE"]
    assert inconnus(CANA, {}, autre, IDCANPPALE="C3") == []


def test_references_dans_l_ordre_des_champs():
    aucun = {"noeuds": [], "canalisations": [], "ouvrages": []}
    champs = {"IDCANPPALE": "x", "IDNTERM": "y", "IDNINI": "z"}
    assert inconnus(CANA, aucun, **champs) == ["IDNINI", "IDNTERM", "IDCANPPALE"]


def test_identifiant_en_double_des_la_deuxieme_fois():
    reponse = controle(CANA, bon(), bon(IDCANA=" C1 "), bon(IDCANA="c1"), bon())
    assert [r["statut"] for r in reponse["resultats"]] == ["valide", "rejete", "valide", "rejete"]
    assert reponse["resultats"][1]["anomalies"] == [
        {"code": "IDENTIFIANT_DOUBLE", "champ": "IDCANA", "gravite": "erreur"}
    ]


def test_un_double_d_un_rejete_est_un_double_et_deux_absents_n_en_sont_pas():
    reponse = controle(CANA, bon(TYPRESEAU="09"), bon(), bon(IDCANA=None), bon(IDCANA=None))
    codes = [[a["code"] for a in r["anomalies"]] for r in reponse["resultats"]]
    assert codes == [["CODE_INCONNU"], ["IDENTIFIANT_DOUBLE"], ["OBLIGATOIRE_ABSENT"], ["OBLIGATOIRE_ABSENT"]]


def test_ordre_des_anomalies():
    trouvees = anomalies(
        cas={"identifiants": {"noeuds": []}},
        ANDEBPOSE=2027,
        MODECIRC=1,
        ZAMONT=1,
        ZAVAL=2,
        IDNINI="N",
        IDNTERM="N",
        CONTCANASS="01",
        LONGCANA=0,
        SOURMAJ=None,
    )
    assert [(code, champ) for code, champ, _ in trouvees] == [
        ("CODE_NON_NORMALISE", "MODECIRC"),
        ("ANNEE_HORS_BORNES", "ANDEBPOSE"),
        ("VALEUR_HORS_BORNES", "LONGCANA"),
        ("OBLIGATOIRE_ABSENT", "SOURMAJ"),
        ("ANNEES_INCOHERENTES", "ANDEBPOSE"),
        ("NOEUDS_IDENTIQUES", "IDNTERM"),
        ("RESEAU_INCOHERENT", "CONTCANASS"),
        ("PENTE_INVERSEE", "ZAVAL"),
        ("REFERENCE_INCONNUE", "IDNINI"),
        ("REFERENCE_INCONNUE", "IDNTERM"),
    ]


# --- attributes and summary ------------------------------------------------------------------------


@pytest.mark.parametrize("brut", [None, 3, "C1", [], True])
def test_enregistrement_invalide(brut):
    reponse = controle(CANA, brut, bon())
    assert reponse["resultats"][0] == {
        "index": 0,
        "identifiant": None,
        "anomalies": [{"code": "ENREGISTREMENT_INVALIDE", "champ": None, "gravite": "erreur"}],
        "statut": "rejete",
    }
    assert reponse["synthese"] == {"total": 2, "valides": 1, "avec_reserves": 0, "rejetes": 1}


def test_de_deux_attributs_de_meme_nom_le_dernier_compte():
    assert anomalies(**{" sourmaj ": "autre"}) == []
    assert anomalies(Sourmaj=None) == [("OBLIGATOIRE_ABSENT", "SOURMAJ", "avertissement")]
    assert anomalies(BRANCHEMENT="X") == [("CODE_INCONNU", "BRANCHEMNT", "erreur")]


def test_champs_absents_de_tout_le_fichier():
    sans = {nom: valeur for nom, valeur in bon().items() if nom not in ("SOURMAJ", "GEXPLOIT", "IDCANA")}
    assert controle(CANA, sans)["champs_absents"] == ["IDCANA", "GEXPLOIT", "SOURMAJ"]
    assert controle(CANA, sans, bon())["champs_absents"] == []
    assert controle(CANA, sans, {" gexploit": None})["champs_absents"] == ["IDCANA", "SOURMAJ"]
    vide = controle(CANA)
    assert (vide["champs_absents"], vide["resultats"]) == ([], [])
    assert vide["synthese"] == {"total": 0, "valides": 0, "avec_reserves": 0, "rejetes": 0}
    obligatoires = [champ.nom for champ in COUCHES[REP]]
    assert controle(REP, 3)["champs_absents"] == obligatoires


def test_champs_inconnus_tries_sans_les_techniques():
    autres = dict.fromkeys(["zone", "Alti", "geom", "THE_GEOM", "geometry", "gid", "FID", "ogc_fid"], True)
    reponse = controle(CANA, bon(**autres), bon(IDCANA="C2", note="x"))
    assert reponse["champs_inconnus"] == ["ALTI", "NOTE", "ZONE"]
    assert [r["statut"] for r in reponse["resultats"]] == ["valide", "valide"]
    assert controle(OUV, bon(OUV, BRANCHEMENT="O"))["champs_inconnus"] == ["BRANCHEMNT"]


# --- input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"couche": None}, "couche"),
        ({"couche": "RAEPA_CANALAEP_L"}, "couche"),
        ({"version": "1.1"}, "version"),
        ({"version": 1.2}, "version"),
        ({"version": "1.2"}, None),
        ({"srid": 1023}, "srid"),
        ({"srid": 1024}, None),
        ({"srid": 999_999}, None),
        ({"srid": 1_000_000}, "srid"),
        ({"srid": "2154"}, "srid"),
        ({"annee_reference": 1899}, "annee_reference"),
        ({"annee_reference": 1900}, None),
        ({"annee_reference": 2200}, "annee_reference"),
        ({"identifiants": []}, "identifiants"),
        ({"identifiants": {"regards": []}}, "identifiants.regards"),
        ({"identifiants": {"noeuds": "R1"}}, "identifiants.noeuds"),
        ({"identifiants": {"noeuds": ["R1", 2]}}, "identifiants.noeuds[1]"),
        ({"enregistrements": None}, "enregistrements"),
        ({"enregistrements": {}}, "enregistrements"),
        ({"inconnu": 1}, "inconnu"),
    ],
)
def test_saisie(champs, attendu):
    cas = {"couche": CANA, "enregistrements": [], **champs}
    assert champ_en_erreur("controler_raepa", cas) == attendu


@time_machine.travel(datetime(2031, 12, 31, 12, tzinfo=UTC))
def test_annee_de_reference_par_defaut_celle_du_jour():
    annee = 2031
    cas = {"couche": CANA, "enregistrements": [bon(ANFINPOSE=annee), bon(IDCANA="C2", ANFINPOSE=annee + 1)]}
    assert [r["statut"] for r in un("controler_raepa", cas)["resultats"]] == ["valide", "avec_reserves"]
