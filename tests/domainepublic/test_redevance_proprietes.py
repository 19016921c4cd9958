"""The fee on random grids: against a second computation by brute force, and what must always hold."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domainepublic.regles.redevance import simuler_redevance
from mairie.lecture_json import ErreurSaisie, lire_lot
from mairie.montants import arrondi, plafond_entier, texte_nombre
from tests.domainepublic.oracle_redevance import SansTarifError, montant_du

prix = st.integers(0, 20_000).map(lambda n: f"{Decimal(n) / 1000}")
quantite = st.integers(1, 4_000).map(lambda n: f"{Decimal(n) / 100}")
DEBUT = date(2023, 11, 20)
jour = st.integers(0, 500).map(lambda n: (DEBUT + timedelta(days=n)).isoformat())
zone = st.sampled_from([None, None, "1", "2"])
beneficiaire = st.sampled_from([None, None, "entreprise"])
ratio = st.sampled_from(
    ["jour", "semaine", "mois_30", "mois_commence", "an", "operation", "demi_journee", "forfait"]
)


@st.composite
def tranches(tirer, entieres: bool):
    bornes = sorted(tirer(st.sets(st.integers(1, 30), max_size=3)))
    textes = [str(b) if entieres else f"{b}.5" for b in bornes]
    return [{"jusqu_a": b, "prix": tirer(prix)} for b in [*textes, None]]


@st.composite
def prix_d_une_ligne(tirer, periode: str):
    if periode == "forfait":
        durees = tirer(st.lists(st.sampled_from([2, 3, 5, 7]), min_size=1, max_size=3, unique=True))
        forfaits = [
            {"jours": d, "prix": tirer(prix), "quantite_incluse": tirer(st.none() | quantite),
             "prix_unite_sup": tirer(prix)}
            for d in durees
        ]  # fmt: skip
        mode = tirer(st.sampled_from(["plus_petit_couvrant", "moins_cher"]))
        return {"forfaits": forfaits, "forfait_mode": mode,
                "forfait_base": tirer(st.sampled_from(["fixe", "par_unite"]))}  # fmt: skip
    forme = tirer(st.sampled_from(["prix", "tranches", "tranches_duree"]))
    if forme == "tranches":
        mode = tirer(st.sampled_from(["globale", "marginale"]))
        return {"tranches": tirer(tranches(False)), "tranche_mode": mode}
    if forme == "tranches_duree" and periode in ("jour", "semaine", "mois_commence", "mois_30"):
        return {"tranches_duree": tirer(tranches(True))}
    return {"prix": tirer(prix)}


@st.composite
def ligne(tirer, rang: int, periode: str):
    une = {
        "id": f"L{rang}",
        "type": "T",
        "unite": "m2",
        "periode": periode,
        "du": tirer(st.sampled_from(["2020-01-01", "2020-01-01", DEBUT.isoformat(), "2024-03-01"])),
        "au": tirer(st.sampled_from([None, None, "2024-02-29", "2025-06-30"])),
        "zone": tirer(zone),
        "beneficiaire": tirer(beneficiaire),
        "quantite_gratuite": tirer(st.sampled_from(["0", "0", "1.5"])),
        "quantite_min": tirer(st.sampled_from(["0", "0", "6"])),
        "arrondi_quantite": tirer(st.sampled_from(["aucun", "unite_superieure", "demi_superieur"])),
        "franchise_jours": tirer(st.sampled_from([0, 0, 0, 4, 30])),
        "franchise_mode": tirer(st.sampled_from(["deduite", "seuil"])),
        **tirer(prix_d_une_ligne(periode)),
    }
    if periode == "an":
        une["prorata"] = tirer(st.sampled_from(["aucun", "mois_commence", "jour"]))
    if une["au"] is not None and une["au"] < une["du"]:
        une["au"] = None
    return une


@st.composite
def cas(tirer):
    periode = tirer(ratio)
    lignes = [tirer(ligne(rang, periode)) for rang in range(tirer(st.integers(1, 4)))]
    if tirer(st.integers(0, 9)) == 0:
        lignes.append(tirer(ligne(9, tirer(ratio))))
    lignes.append(
        {"id": "P", "type": "P", "unite": "place", "periode": "jour", "du": "2020-01-01", "prix": "1.255"}
    )
    regles = {}
    if tirer(st.booleans()):
        regles["minimum_perception"] = tirer(st.sampled_from(["0", "15", "40.5"]))
    if tirer(st.booleans()):
        regles["plafond"] = tirer(st.sampled_from(["50", "500"]))
    regles["frais_dossier"] = tirer(st.sampled_from(["0", "10.6"]))
    regles["majoration_sans_titre"] = tirer(st.sampled_from(["0", "50", "33.3"]))
    regles["zone_mode"] = tirer(
        st.sampled_from(["repartition", "repartition", "zone_centroide", "plus_chere"])
    )
    regles["arrondi_final"] = tirer(st.sampled_from(["centime", "centime", "euro"]))
    debut = tirer(jour)
    duree = tirer(st.integers(0, 12 if periode == "forfait" else 500))
    occupation = {
        "type": "T",
        "unite": "m2",
        "debut": debut,
        "fin": (date.fromisoformat(debut) + timedelta(days=duree)).isoformat(),
        "beneficiaire": tirer(beneficiaire),
        "sans_titre": tirer(st.sampled_from([False, False, True])),
        "zone_centroide": tirer(st.sampled_from(["1", "2", "9"])),
        "periode": tirer(st.sampled_from([None, None, periode])),
    }
    if duree:
        occupation |= {"debut_demi": tirer(st.sampled_from(["matin", "apres_midi"]))}
        occupation |= {"fin_demi": tirer(st.sampled_from(["matin", "apres_midi"]))}
    if tirer(st.booleans()):
        occupation |= {"zone": tirer(zone), "quantite": tirer(quantite)}
    else:
        codes = tirer(st.lists(zone, min_size=1, max_size=3, unique=True))
        occupation["zones"] = [{"zone": code, "quantite": tirer(quantite)} for code in codes]
    if tirer(st.booleans()):
        taux = tirer(st.sampled_from(["100", "50", "12.5"]))
        exoneration = {
            "motif": "deliberation",
            "reference": "D",
            "taux": taux,
            "hors_frais": tirer(st.booleans()),
        }
        occupation["exoneration"] = exoneration
    if tirer(st.booleans()):
        sup = {"type": "P", "unite": "place", "quantite": tirer(quantite), "zone": tirer(zone)}
        occupation["supplements"] = [sup]
    return {"grille": {"lignes": lignes, "regles": regles}, "occupation": occupation}


def simuler(entree):
    return simuler_redevance(lire_lot(json.dumps([entree]).encode())[0])


def en_centimes(texte: str) -> int:
    return int(texte.replace(".", ""))


@settings(max_examples=250, deadline=None)
@given(cas())
def test_meme_resultat_qu_un_calcul_par_enumeration(entree):
    try:
        attendu = montant_du(entree["grille"], entree["occupation"])
    except SansTarifError:
        with pytest.raises(ErreurSaisie) as erreur:
            simuler(entree)
        assert erreur.value.champ == "grille.lignes"
        return
    obtenu = simuler(entree)
    lignes = [etape for etape in obtenu["detail"] if etape["etape"] in ("ligne", "supplement")]
    assert [(e["zone"], e["tarif"], e["periodes"], en_centimes(e["montant"])) for e in lignes] == attendu[
        "groupes"
    ]
    assert en_centimes(obtenu["montant_theorique"]) == attendu["theorique"]
    assert en_centimes(obtenu["montant_du"]) == attendu["du"]
    verifier_le_detail(obtenu, attendu["sous_total"])


def verifier_le_detail(reponse, sous_total: int) -> None:
    """Steps in the order of the contract; the subtotal is their sum and the last amount is the one due."""
    noms = [etape["etape"] for etape in reponse["detail"]]
    ordre = ["sous_total", "minimum", "plafond", "frais", "majoration", "exoneration", "arrondi", "total"]
    suite = noms[noms.index("sous_total") :]
    assert suite == [nom for nom in ordre if nom in suite]
    montants = {etape["etape"]: etape["montant"] for etape in reponse["detail"] if etape["etape"] in ordre}
    assert en_centimes(montants["sous_total"]) == sous_total
    assert montants["total"] == reponse["montant_du"]
    assert all(etape["libelle"].strip() for etape in reponse["detail"])
    assert all("." in montant and len(montant.rpartition(".")[2]) == 2 for montant in montants.values())


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 400), st.integers(0, 400), prix, quantite)
def test_prolonger_ne_facture_que_le_solde(duree, ajout, un_prix, une_quantite):
    """Two bills, the second with what the first took off, make the bill of the whole."""
    une = {"type": "T", "unite": "m2", "periode": "jour", "du": "2020-01-01", "prix": un_prix}
    base = {"type": "T", "unite": "m2", "debut": "2026-01-01", "quantite": une_quantite}

    def fin(jours: int) -> str:
        return (date(2026, 1, 1) + timedelta(days=jours)).isoformat()

    def facture(**champs):
        return simuler({"grille": {"lignes": [une]}, "occupation": {**base, **champs}})

    premiere = facture(fin=fin(duree))["montant_du"]
    seconde = facture(fin=fin(duree + ajout), deja_facture=premiere)
    assert Decimal(premiere) + Decimal(seconde["solde"]) == Decimal(seconde["montant_du"])
    assert Decimal(seconde["solde"]) >= 0


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 400), st.integers(-30, 400), prix)
def test_un_remboursement_ne_depasse_jamais_ce_qui_fut_paye(duree, retrait, un_prix):
    debut = date(2026, 1, 1)
    fin = debut + timedelta(days=duree)
    jour_du_retrait = min(debut + timedelta(days=retrait), fin)
    une = {"type": "T", "unite": "m2", "periode": "jour", "du": "2020-01-01", "prix": un_prix}
    occupation = {
        "type": "T", "unite": "m2", "debut": debut.isoformat(), "fin": fin.isoformat(), "quantite": 1,
        "retrait": {"date": jour_du_retrait.isoformat(), "motif": "interet_general"},
    }  # fmt: skip
    reponse = simuler({"grille": {"lignes": [une]}, "occupation": occupation})
    rendu = reponse["remboursement"]
    assert 0 <= Decimal(rendu["montant"]) <= Decimal(rendu["base"]) <= Decimal(reponse["montant_du"])
    assert 1 <= rendu["jours_restants"] <= rendu["jours_total"] == duree + 1
    if retrait <= 0:
        assert rendu["montant"] == reponse["montant_du"]


# --- rounding --------------------------------------------------------------------------------------


@given(st.fractions(min_value=-1000, max_value=1000), st.integers(0, 6))
def test_arrondi_au_plus_proche_le_demi_loin_de_zero(valeur, decimales):
    obtenu = arrondi(valeur, decimales)
    assert isinstance(obtenu, Decimal)
    assert obtenu.as_tuple().exponent == -decimales
    ecart = abs(Fraction(obtenu)) - abs(valeur)
    assert -Fraction(1, 2 * 10**decimales) < ecart <= Fraction(1, 2 * 10**decimales)


@pytest.mark.parametrize(
    ("valeur", "attendu"),
    [("0.005", "0.01"), ("0.00499", "0.00"), ("-0.001", "0.00"), ("-0.005", "-0.01"), ("2", "2.00")],
)
def test_arrondi_aux_bords(valeur, attendu):
    assert str(arrondi(Decimal(valeur))) == attendu


@given(st.decimals(min_value=0, max_value=10**9, places=4))
def test_une_quantite_s_ecrit_sans_zero_final_et_se_relit(valeur):
    texte = texte_nombre(valeur)
    assert Decimal(texte) == valeur
    assert "E" not in texte and not (texte.endswith("0") and "." in texte)
    assert plafond_entier(valeur) - 1 < valeur <= plafond_entier(valeur)


def test_un_tiers_n_a_pas_d_ecriture_finie():
    with pytest.raises(ValueError, match="1/3"):
        texte_nombre(Fraction(1, 3))
