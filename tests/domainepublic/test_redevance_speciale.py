"""Fees fixed by law: networks and signs, one test a row of each table and both sides of each bound."""

from __future__ import annotations

import pytest

from tests.appels import champ_en_erreur, un


def cas(ligne, regles=None, **occupation):
    base = {"id": "S", "type": "T", "du": "2026-01-01", "au": "2026-12-31"}
    grille = {"lignes": [{**base, **une} for une in (ligne if isinstance(ligne, list) else [ligne])]}
    if regles:
        grille["regles"] = regles
    faits = {"type": "T", "debut": "2026-01-01", "fin": "2026-12-31", **occupation}
    return {"grille": grille, "occupation": {cle: v for cle, v in faits.items() if v is not None}}


def du(ligne, regles=None, **occupation) -> str:
    reponse = un("simuler_redevance", cas(ligne, regles, **occupation))
    assert "erreur" not in reponse, reponse
    assert reponse["montant_theorique"] == reponse["montant_du"]
    assert reponse["remboursement"] is None
    return reponse["montant_du"]


def champ(ligne, **occupation) -> str | None:
    return champ_en_erreur("simuler_redevance", cas(ligne, **occupation))


ELEC = {"calcul": "rodp_electricite", "coefficient": "1"}
GAZ = {"calcul": "rodp_gaz", "coefficient": "1"}
TELECOM = {"calcul": "rodp_telecom", "coefficient": "1"}
TLPE = {"calcul": "tlpe_enseigne", "prix": "10"}


@pytest.mark.parametrize(
    ("population", "montant"),
    [
        (0, "153.00"),
        (2_000, "153.00"),
        (2_001, "153.00"),  # 0.183 × 2001 − 213 = 153.18
        (5_000, "702.00"),
        (5_001, "701.00"),  # 0.381 × 5001 − 1204 = 701.38
        (20_000, "6416.00"),
        (20_001, "6428.00"),  # 0.534 × 20001 − 4253 = 6427.53
        (100_000, "49147.00"),
        (100_001, "49103.00"),  # 0.686 × 100001 − 19498 = 49102.69
        ("1850", "153.00"),
    ],
)
def test_electricite_par_tranche_de_population(population, montant):
    assert du(ELEC, population=population) == montant


def test_arrondi_a_l_euro_une_seule_fois_a_la_fin():
    """153.18 × 1.5 × 50 % = 114.885: neither the ceiling nor the product by the coefficient is rounded."""
    assert du({**ELEC, "coefficient": "1.5", "taux": 50}, population=2_001) == "115.00"
    assert du({**ELEC, "coefficient": "0.5"}, population=2_000) == "77.00"
    assert du({**GAZ, "coefficient": "0.005"}, longueur_m=0) == "1.00"
    assert du({**GAZ, "coefficient": "0.0049"}, longueur_m=0) == "0.00"


@pytest.mark.parametrize(("longueur", "montant"), [(0, "100.00"), (1_000, "135.00"), ("12345.5", "532.00")])
def test_gaz_par_metre(longueur, montant):
    assert du(GAZ, longueur_m=longueur) == montant


@pytest.mark.parametrize(
    ("entrees", "montant"),
    [
        ({}, "0.00"),
        ({"souterrain_km": 10}, "300.00"),
        ({"aerien_km": 10}, "400.00"),
        ({"sol_m2": "1.5"}, "30.00"),
        ({"souterrain_km": 1, "aerien_km": 1, "sol_m2": 1}, "90.00"),
    ],
)
def test_telecom(entrees, montant):
    assert du(TELECOM, **entrees) == montant


def test_telecom_a_prix_deliberes():
    prix = {"prix_souterrain_km": 1, "prix_aerien_km": 2, "prix_sol_m2": 4}
    assert du({**TELECOM, **prix}, souterrain_km=10, aerien_km=10, sol_m2=10) == "70.00"


@pytest.mark.parametrize(
    ("superficie", "options", "montant"),
    [
        ("7", {}, "0.00"),
        ("7", {"exoneration_7": False}, "70.00"),
        ("7.01", {}, "70.10"),
        ("12", {}, "120.00"),
        ("12", {"exoneration_12": True}, "0.00"),
        ("7", {"exoneration_7": False, "exoneration_12": True}, "0.00"),
        ("12.01", {}, "240.20"),
        ("12.01", {"exoneration_12": True}, "240.20"),
        ("12.01", {"reduction_12_20": True}, "120.10"),
        ("12", {"reduction_12_20": True}, "120.00"),
        ("20", {"reduction_12_20": True}, "200.00"),
        ("20.01", {"reduction_12_20": True}, "400.20"),
        ("50", {}, "1000.00"),
        ("50.01", {}, "2000.40"),
        ("0.333", {"exoneration_7": False}, "3.33"),
    ],
)
def test_enseignes_par_superficie(superficie, options, montant):
    assert du({**TLPE, **options}, superficie=superficie) == montant


@pytest.mark.parametrize(
    ("ligne", "occupation", "attendu"),
    [
        ({**ELEC, "coefficient": 0}, {}, "grille.lignes[0].coefficient"),
        ({"calcul": "rodp_gaz"}, {}, "grille.lignes[0].coefficient"),
        ({**ELEC, "taux": -1}, {}, "grille.lignes[0].taux"),
        ({**TELECOM, "prix_sol_m2": -1}, {}, "grille.lignes[0].prix_sol_m2"),
        ({**ELEC, "prix_sol_m2": -1}, {"population": 1}, None),
        ({"calcul": "tlpe_enseigne"}, {}, "grille.lignes[0].prix"),
        ({**TLPE, "exoneration_7": "non"}, {}, "grille.lignes[0].exoneration_7"),
        ({**TLPE, "exoneration_12": 1}, {}, "grille.lignes[0].exoneration_12"),
        ({**TLPE, "reduction_12_20": 0}, {}, "grille.lignes[0].reduction_12_20"),
        (ELEC, {}, "occupation.population"),
        (ELEC, {"population": "1.5"}, "occupation.population"),
        (ELEC, {"population": -1}, "occupation.population"),
        (GAZ, {}, "occupation.longueur_m"),
        (GAZ, {"longueur_m": -1}, "occupation.longueur_m"),
        (TELECOM, {"souterrain_km": -1}, "occupation.souterrain_km"),
        (TELECOM, {"aerien_km": "x"}, "occupation.aerien_km"),
        (TELECOM, {"sol_m2": True}, "occupation.sol_m2"),
        (TLPE, {}, "occupation.superficie"),
        (TLPE, {"superficie": 0}, "occupation.superficie"),
        (ELEC, {"population": 1, "unite": "?", "quantite": -1, "zone": [], "periode": "?"}, None),
        (ELEC, {"population": 1, "fin": "2027-01-01"}, "occupation.fin"),
        (ELEC, {"population": 1, "exoneration": {"motif": "peche"}}, "occupation.exoneration"),
        (ELEC, {"population": 1, "supplements": [{}]}, "occupation.supplements"),
        (ELEC, {"population": 1, "retrait": {}}, "occupation.retrait"),
        (ELEC, {"population": 1, "sans_titre": True}, "occupation.sans_titre"),
        (ELEC, {"population": 1, "sans_titre": True, "retrait": {}}, "occupation.retrait"),
        ({**ELEC, "du": "2026-01-02"}, {}, "grille.lignes"),
        ([ELEC, ELEC], {"population": 1}, "grille.lignes"),
    ],
)
def test_saisie(ligne, occupation, attendu):
    assert champ(ligne, **occupation) == attendu


def test_ordre_des_fautes():
    """Year first, then what has no object, then the line, then the inputs."""
    faits = {"fin": "2027-01-01", "exoneration": 3, "supplements": 3, "retrait": 3, "sans_titre": True}
    vus = []
    while champ({**ELEC, "au": "2025-12-31", "du": "2025-01-01"}, **faits) != "grille.lignes":
        vus.append(champ({**ELEC, "au": "2025-12-31", "du": "2025-01-01"}, **faits))
        faits[vus[-1].removeprefix("occupation.")] = None if vus[-1] != "occupation.fin" else "2026-12-31"
    assert vus == [
        f"occupation.{nom}" for nom in ("fin", "exoneration", "supplements", "retrait", "sans_titre")
    ]


def test_une_ligne_speciale_ecarte_les_lignes_ordinaires_et_sa_zone_ne_compte_pas():
    ordinaire = {"unite": "m2", "periode": "an", "prix": 1}
    assert du([ordinaire, {**ELEC, "zone": "9"}], population=1) == "153.00"


def test_ligne_du_beneficiaire_exact_et_du_premier_jour():
    lignes = [
        {**ELEC, "coefficient": 2, "beneficiaire": "entreprise"},
        {**ELEC, "au": "2026-06-30"},
        {**ELEC, "coefficient": 3, "du": "2026-07-01"},
    ]
    assert du(lignes, population=1) == "153.00"
    assert du(lignes, population=1, beneficiaire="entreprise") == "306.00"
    assert du(lignes, population=1, debut="2026-07-01") == "459.00"


def test_seules_la_dette_deja_facturee_et_le_seuil_comptent():
    regles = {
        "minimum_perception": 500,
        "frais_dossier": 9,
        "arrondi_final": "euro",
        "seuil_recouvrement": 154,
    }
    reponse = un("simuler_redevance", cas(ELEC, regles, population=1, deja_facture="100.50"))
    assert reponse["montant_du"] == "153.00"
    assert reponse["mise_en_recouvrement"] is False
    assert reponse["solde"] == "52.50"
    for etape in reponse["detail"]:
        assert etape.pop("libelle")
    assert reponse["detail"] == [
        {"etape": "ligne", "zone": None, "tarif": "S", "montant": "153.00"},
        {"etape": "total", "montant": "153.00"},
    ]


def test_un_supplement_dont_le_calcul_est_fixe_par_la_loi_n_a_pas_de_tarif():
    base = {"du": "2026-01-01", "id": "O", "type": "DEPOT", "unite": "m2", "periode": "jour", "prix": 1}
    speciale = {"du": "2026-01-01", "type": "T", **ELEC}
    occupation = {
        "type": "DEPOT",
        "debut": "2026-06-01",
        "fin": "2026-06-01",
        "unite": "m2",
        "quantite": 1,
        "supplements": [{"type": "T", "unite": "m2", "quantite": 1}],
    }
    entree = {"grille": {"lignes": [base, speciale, {**base, "type": "T"}]}, "occupation": occupation}
    assert champ_en_erreur("simuler_redevance", entree) == "grille.lignes"
