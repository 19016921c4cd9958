"""Price in one zone: periods, franchise, quantities, bands, lump prices, rounding of each group."""

from __future__ import annotations

import pytest

from tests.appels import champ_en_erreur
from tests.domainepublic.appels import cas_redevance, du, groupes, ligne, redevance


def champ(lignes=None, regles=None, **champs) -> str | None:
    trouve = champ_en_erreur("simuler_redevance", cas_redevance(lignes, regles, **champs))
    return trouve.removeprefix("occupation.") if trouve else trouve


def periodes(une_ligne, **champs) -> str:
    (groupe,) = groupes(redevance([une_ligne], **champs))
    return groupe[3]


# --- periods ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("periode", "fin", "attendu"),
    [
        ("jour", "2026-06-01", "1"),
        ("jour", "2026-06-30", "30"),
        ("semaine", "2026-06-07", "1"),
        ("semaine", "2026-06-08", "2"),
        ("mois_30", "2026-06-30", "1"),
        ("mois_30", "2026-07-01", "2"),
        ("mois_commence", "2026-06-30", "1"),
        ("mois_commence", "2026-07-01", "2"),
        ("an", "2026-12-31", "1"),
        ("operation", "2026-12-31", "1"),
        ("demi_journee", "2026-06-02", "4"),
    ],
)
def test_nombre_de_periodes_de_part_et_d_autre(periode, fin, attendu):
    assert periodes(ligne(periode=periode), fin=fin) == attendu


def test_annee_de_plus_des_le_premier_janvier():
    lignes = [ligne(periode="an", au=None)]
    assert groupes(redevance(lignes, fin="2027-01-01")) == [
        (None, "L", "1", "1", "10.00"),
        (None, "L", "1", "1", "10.00"),
    ]


@pytest.mark.parametrize(
    ("debut_demi", "fin_demi", "fin", "attendu"),
    [
        ("matin", "apres_midi", "2026-06-01", "2"),
        ("apres_midi", "apres_midi", "2026-06-01", "1"),
        ("matin", "matin", "2026-06-01", "1"),
        ("apres_midi", "matin", "2026-06-02", "2"),
        ("apres_midi", "apres_midi", "2026-06-02", "3"),
        ("matin", "matin", "2026-06-03", "5"),
        (None, None, "2026-06-03", "6"),
    ],
)
def test_demi_journees(debut_demi, fin_demi, fin, attendu):
    une = ligne(periode="demi_journee")
    assert periodes(une, fin=fin, debut_demi=debut_demi, fin_demi=fin_demi) == attendu


def test_demi_journee_finie_avant_d_avoir_commence():
    assert champ(debut_demi="apres_midi", fin_demi="matin") == "fin_demi"
    assert champ(debut_demi="apres_midi", fin_demi="matin", fin="2026-06-02") is None
    assert champ(debut_demi="midi") == "debut_demi"
    assert champ(fin_demi="soir") == "fin_demi"


def test_la_franchise_efface_le_debut_en_apres_midi():
    une = ligne(periode="demi_journee", franchise_jours=1)
    assert periodes(une, debut_demi="apres_midi", fin_demi="matin", fin="2026-06-03") == "3"


@pytest.mark.parametrize(
    ("debut", "fin", "prorata", "attendu"),
    [
        ("2026-01-01", "2026-12-31", "mois_commence", "12/12"),
        ("2026-01-31", "2026-02-01", "mois_commence", "2/12"),
        ("2026-01-01", "2026-12-31", "jour", "365/365"),
        ("2024-01-01", "2024-12-31", "jour", "366/366"),
        ("2024-02-28", "2024-03-01", "jour", "3/366"),
        ("2026-02-28", "2026-03-01", "jour", "2/365"),
    ],
)
def test_prorata_d_une_annee(debut, fin, prorata, attendu):
    assert periodes(ligne(du="2020-01-01", periode="an", prorata=prorata), debut=debut, fin=fin) == attendu


def test_annees_a_cheval_chacune_a_son_tarif_et_a_son_prorata():
    lignes = [
        ligne(id="A", periode="an", prix="120", prorata="mois_commence"),
        ligne(id="B", periode="an", prix="366", prorata="jour", du="2027-01-01", au="2028-12-31"),
    ]
    reponse = redevance(lignes, debut="2026-11-15", fin="2028-02-29")
    assert groupes(reponse) == [
        (None, "A", "1", "2/12", "20.00"),
        (None, "B", "1", "365/365", "366.00"),
        (None, "B", "1", "60/366", "60.00"),
    ]
    assert reponse["montant_du"] == "446.00"


def test_chaque_periode_au_tarif_de_son_premier_jour():
    """Weeks from 30 November: the one that begins on 28 December is still priced by 2026."""
    lignes = [
        ligne(id="A", periode="semaine"),
        ligne(id="B", periode="semaine", prix="12", du="2027-01-01", au=None),
    ]
    reponse = redevance(lignes, debut="2026-11-30", fin="2027-01-10")
    assert groupes(reponse) == [(None, "A", "1", "5", "50.00"), (None, "B", "1", "1", "12.00")]


def test_mois_commence_au_premier_jour_occupe():
    """The first month is priced on 20 June, after the tariff of the 15th came into force."""
    lignes = [
        ligne(id="A", periode="mois_commence", au="2026-06-14"),
        ligne(id="B", periode="mois_commence", prix="20", du="2026-06-15"),
    ]
    assert groupes(redevance(lignes, debut="2026-06-20", fin="2026-07-01")) == [
        (None, "B", "1", "2", "40.00")
    ]
    assert groupes(redevance(lignes, debut="2026-06-14", fin="2026-07-01")) == [
        (None, "A", "1", "1", "10.00"),
        (None, "B", "1", "1", "20.00"),
    ]


def test_un_tarif_de_zone_au_milieu_regroupe_les_jours_de_l_autre():
    lignes = [ligne(id="A"), ligne(id="B", zone="1", prix="20", du="2026-06-02", au="2026-06-02")]
    assert groupes(redevance(lignes, zone="1", fin="2026-06-05")) == [
        ("1", "A", "1", "4", "40.00"),
        ("1", "B", "1", "1", "20.00"),
    ]


def test_trou_de_tarif_au_milieu():
    lignes = [ligne(au="2026-06-02"), ligne(du="2026-06-04")]
    assert champ(lignes, fin="2026-06-04") == "grille.lignes"
    assert champ([{**une, "periode": "semaine"} for une in lignes], fin="2026-06-04") is None


def test_la_periode_de_tarification_ne_change_pas_en_route():
    lignes = [ligne(id="A", au="2026-06-30"), ligne(id="B", periode="semaine", du="2026-07-01")]
    assert champ(lignes, fin="2026-06-30") is None
    assert champ(lignes, fin="2026-07-01") == "grille.lignes"


def test_la_periode_de_la_franchise_n_est_pas_celle_de_la_facture():
    lignes = [
        ligne(id="A", franchise_jours=30, au="2026-06-30"),
        ligne(id="B", periode="semaine", du="2026-07-01"),
    ]
    assert groupes(redevance(lignes, fin="2026-07-01")) == [(None, "B", "1", "1", "10.00")]


# --- franchise -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "fin", "attendu", "montant"),
    [
        ("deduite", "2026-06-07", "0", "0.00"),
        ("deduite", "2026-06-08", "1", "10.00"),
        ("seuil", "2026-06-07", "0", "0.00"),
        ("seuil", "2026-06-08", "8", "80.00"),
    ],
)
def test_franchise_de_sept_jours(mode, fin, attendu, montant):
    reponse = redevance([ligne(franchise_jours=7, franchise_mode=mode)], fin=fin)
    assert groupes(reponse) == [(None, "L", "1", attendu, montant)]


def test_franchise_plus_longue_que_tout_le_calendrier():
    assert du([ligne(franchise_jours=10**9)]) == "0.00"


def test_periodes_comptees_depuis_le_premier_jour_facture():
    """Seven free days, then weeks from 8 June: two, where they would be three from 1 June."""
    assert periodes(ligne(periode="semaine", franchise_jours=7), fin="2026-06-21") == "2"


def test_franchise_du_tarif_du_premier_jour_seulement():
    lignes = [
        ligne(id="A", franchise_jours=2, au="2026-06-01"),
        ligne(id="B", franchise_jours=5, du="2026-06-02"),
    ]
    assert groupes(redevance(lignes, fin="2026-06-04")) == [(None, "B", "1", "2", "20.00")]


# --- quantities and amounts ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("regle", "quantite", "attendu"),
    [
        ({}, "12.40", "12.4"),
        ({"arrondi_quantite": "unite_superieure"}, "12", "12"),
        ({"arrondi_quantite": "unite_superieure"}, "12.01", "13"),
        ({"arrondi_quantite": "demi_superieur"}, "12.5", "12.5"),
        ({"arrondi_quantite": "demi_superieur"}, "12.51", "13"),
        ({"arrondi_quantite": "demi_superieur"}, "12.01", "12.5"),
        ({"quantite_gratuite": 2}, "2", "0"),
        ({"quantite_gratuite": 3}, "2", "0"),
        ({"quantite_gratuite": "1.5", "arrondi_quantite": "unite_superieure"}, "2", "1"),
        ({"quantite_min": 5}, "4.99", "5"),
        ({"quantite_min": 5}, "5.01", "5.01"),
        ({"quantite_min": 5, "quantite_gratuite": 2}, "2", "0"),
        ({"quantite_min": 5, "quantite_gratuite": 2}, "2.01", "5"),
        ({}, 100, "100"),
    ],
)
def test_quantite_facturee(regle, quantite, attendu):
    etape = redevance([ligne(**regle)], quantite=quantite)["detail"][0]
    assert etape["quantite_facturee"] == attendu
    assert "E" not in etape["quantite_brute"]


@pytest.mark.parametrize(("prix", "montant"), [("0.005", "0.01"), ("0.0049", "0.00"), ("2.675", "2.68")])
def test_arrondi_au_centime_au_demi_superieur(prix, montant):
    assert du([ligne(prix=prix)]) == montant


def test_chaque_groupe_est_arrondi_avant_la_somme():
    lignes = [ligne(id="A", prix="0.125", au="2026-06-01"), ligne(id="B", prix="0.125", du="2026-06-02")]
    assert du(lignes, fin="2026-06-02") == "0.26"
    assert du([ligne(prix="0.125")], fin="2026-06-02") == "0.25"


def test_multiplier_avant_de_diviser():
    """100 × 3 × 1/12 = 25 exactly: 1/12 rounded first would lose a cent."""
    une = ligne(prix="100", periode="an", prorata="mois_commence")
    assert du([une], quantite=3) == "25.00"


TRANCHES = [{"jusqu_a": "10", "prix": "3"}, {"jusqu_a": "30", "prix": "4"}, {"jusqu_a": None, "prix": "5"}]


@pytest.mark.parametrize(
    ("mode", "quantite", "montant"),
    [
        ("globale", "10", "30.00"),
        ("globale", "10.01", "40.04"),
        ("globale", "30", "120.00"),
        ("globale", "30.5", "152.50"),
        ("marginale", "10", "30.00"),
        ("marginale", "10.01", "30.04"),
        ("marginale", "30", "110.00"),
        ("marginale", "35", "135.00"),
    ],
)
def test_tranches_de_quantite(mode, quantite, montant):
    assert du([ligne(prix=None, tranches=TRANCHES, tranche_mode=mode)], quantite=quantite) == montant


def test_tranches_de_duree_par_rang():
    bandes = [{"jusqu_a": 2, "prix": 10}, {"jusqu_a": 4, "prix": 6}, {"prix": 1}]
    une = ligne(prix=None, tranches_duree=bandes)
    montants = [du([une], fin=f"2026-06-0{jour}", quantite=2) for jour in range(1, 7)]
    assert montants == ["20.00", "40.00", "52.00", "64.00", "66.00", "68.00"]


def test_les_rangs_de_duree_continuent_d_une_ligne_a_l_autre():
    bandes = [{"jusqu_a": 2, "prix": 10}, {"prix": 1}]
    lignes = [
        ligne(id="A", au="2026-06-01", prix="100"),
        ligne(id="B", du="2026-06-02", prix=None, tranches_duree=bandes),
    ]
    assert groupes(redevance(lignes, fin="2026-06-04")) == [
        (None, "A", "1", "1", "100.00"),
        (None, "B", "1", "3", "12.00"),
    ]


# --- lump prices -----------------------------------------------------------------------------------


def forfait(*forfaits, **champs):
    liste = [{"jours": jours, "prix": prix} for jours, prix in forfaits]
    return ligne(prix=None, periode="forfait", forfaits=liste, **champs)


@pytest.mark.parametrize(
    ("fin", "attendu", "montant"),
    [
        ("2026-06-03", "3", "50.00"),
        ("2026-06-04", "7", "98.00"),
        ("2026-06-07", "7", "98.00"),
        ("2026-06-14", "14", "153.00"),
        ("2026-06-15", "14+3", "203.00"),
        ("2026-06-21", "14+7", "251.00"),
        ("2026-06-28", "14+14", "306.00"),
        ("2026-06-29", "14+14+3", "356.00"),
    ],
)
def test_plus_petit_forfait_couvrant(fin, attendu, montant):
    une = forfait((7, "98"), (3, "50"), (14, "153"))
    assert groupes(redevance([une], fin=fin)) == [(None, "L", "1", attendu, montant)]


def test_le_moins_cher_peut_depasser_la_duree_ou_cumuler_des_courts():
    assert periodes(forfait((3, "10"), (14, "12"), forfait_mode="moins_cher"), fin="2026-06-04") == "14"
    assert periodes(forfait((3, "10"), (14, "60"), forfait_mode="moins_cher"), fin="2026-06-12") == "3+3+3+3"


def test_a_prix_egal_le_moins_de_forfaits_puis_les_plus_longs():
    assert periodes(forfait((1, "10"), (2, "20"), forfait_mode="moins_cher"), fin="2026-06-02") == "2"
    egaux = forfait((5, "10"), (6, "10"), (1, "20"), forfait_mode="moins_cher")
    assert periodes(egaux, fin="2026-06-05") == "6"


def test_le_moins_cher_depend_de_la_quantite():
    forfaits = [
        {"jours": 7, "prix": "10", "quantite_incluse": "10", "prix_unite_sup": "10"},
        {"jours": 14, "prix": "40"},
    ]
    une = ligne(prix=None, periode="forfait", forfaits=forfaits, forfait_mode="moins_cher")
    assert periodes(une, fin="2026-06-07", quantite="12.99") == "7"
    assert periodes(une, fin="2026-06-07", quantite="13.01") == "14"


@pytest.mark.parametrize(("quantite", "montant"), [("50", "98.00"), ("50.5", "98.10"), ("80", "104.00")])
def test_forfait_et_quantite_incluse(quantite, montant):
    forfaits = [{"jours": 7, "prix": "98", "quantite_incluse": "50", "prix_unite_sup": "0.2"}]
    assert du([ligne(prix=None, periode="forfait", forfaits=forfaits)], quantite=quantite) == montant


def test_forfait_par_unite():
    assert du([forfait((7, "9"), forfait_base="par_unite")], quantite="2.5") == "22.50"


def test_forfait_de_quantite_nulle():
    reponse = redevance([forfait((7, "9"), quantite_gratuite=1)])
    assert groupes(reponse) == [(None, "L", "0", "0", "0.00")]


def test_forfait_compte_apres_la_franchise():
    assert periodes(forfait((3, "5"), (7, "9"), franchise_jours=5), fin="2026-06-08") == "3"
