"""From the priced groups to the amount due: zones, supplements, minimum, costs, exemptions, refunds."""

from __future__ import annotations

import pytest

from domainepublic.regles.tables.redevance import GRATUITES
from tests.appels import champ_en_erreur
from tests.domainepublic.appels import cas_redevance, du, etapes, groupes, ligne, occupation, redevance


def champ(lignes=None, regles=None, **champs) -> str | None:
    trouve = champ_en_erreur("simuler_redevance", cas_redevance(lignes, regles, **champs))
    return trouve.removeprefix("occupation.") if trouve else trouve


# --- zones -----------------------------------------------------------------------------------------

ZONES = [ligne(id="Z1", zone="1", prix="10"), ligne(id="Z2", zone="2", prix="20"), ligne(id="Z0", prix="1")]
DEUX_ZONES = {"quantite": None, "zones": [{"zone": "1", "quantite": 3}, {"zone": "2", "quantite": "2.5"}]}


def test_repartition_par_zone():
    assert groupes(redevance(ZONES, **DEUX_ZONES)) == [
        ("1", "Z1", "3", "1", "30.00"),
        ("2", "Z2", "2.5", "1", "50.00"),
    ]


def test_repartition_arrondit_et_deduit_par_zone():
    lignes = [{**une, "quantite_gratuite": 1, "arrondi_quantite": "unite_superieure"} for une in ZONES]
    assert [groupe[2] for groupe in groupes(redevance(lignes, **DEUX_ZONES))] == ["2", "2"]


def test_zone_du_centroide():
    regles = {"zone_mode": "zone_centroide"}
    reponse = redevance(ZONES, regles, zone_centroide=2, **DEUX_ZONES)
    assert groupes(reponse) == [("2", "Z2", "5.5", "1", "110.00")]
    assert champ(ZONES, regles, **DEUX_ZONES) == "zone_centroide"
    assert champ(ZONES, regles, zone="1") == "zone_centroide"
    assert du(ZONES, regles, zone="1", zone_centroide="2") == "20.00"
    assert du(ZONES, zone="1", zone_centroide=True) == "10.00"


def test_zone_la_plus_chere():
    regles = {"zone_mode": "plus_chere"}
    assert groupes(redevance(ZONES, regles, **DEUX_ZONES)) == [("2", "Z2", "5.5", "1", "110.00")]
    assert groupes(redevance(ZONES, regles, zone="1", quantite=2)) == [("1", "Z1", "2", "1", "20.00")]


def test_zone_la_plus_chere_a_egalite_la_premiere():
    lignes = [ligne(id="Z1", zone="1"), ligne(id="Z2", zone="2")]
    assert groupes(redevance(lignes, {"zone_mode": "plus_chere"}, **DEUX_ZONES))[0][0] == "1"


def test_zone_la_plus_chere_exige_un_tarif_dans_chaque_zone():
    assert champ(ZONES[:1], {"zone_mode": "plus_chere"}, **DEUX_ZONES) == "grille.lignes"


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"quantite": None}, "quantite"),
        ({"quantite": 0}, "quantite"),
        ({"quantite": "-1"}, "quantite"),
        ({"zone": [], "quantite": 1}, "zone"),
        ({"zones": []}, "zones"),
        ({"quantite": None, "zones": []}, "zones"),
        ({"quantite": None, "zones": {}}, "zones"),
        ({"zones": [{"zone": "1", "quantite": 1}]}, "zones"),
        ({"quantite": None, "zone": "1", "zones": [{"zone": "1", "quantite": 1}]}, "zones"),
        ({"quantite": None, "zones": ["1"]}, "zones[0]"),
        ({"quantite": None, "zones": [{"zone": "1", "quantite": 0}]}, "zones[0].quantite"),
        ({"quantite": None, "zones": [{"zone": True, "quantite": 1}]}, "zones[0].zone"),
        (
            {"quantite": None, "zones": [{"zone": 1, "quantite": 1}, {"zone": "1", "quantite": 2}]},
            "zones[1].zone",
        ),
        ({"quantite": None, "zones": [{"quantite": 1}, {"zone": None, "quantite": 2}]}, "zones[1].zone"),
        ({"quantite": None, "zones": [{"quantite": 1}, {"zone": "1", "quantite": 2}]}, None),
    ],
)
def test_saisie_des_zones(champs, attendu):
    assert champ(ZONES, **champs) == attendu


# --- supplements -----------------------------------------------------------------------------------

PLACE = ligne(id="P", type="PLACE", unite="place", prix="2.50")


def supplement(**champs):
    return {"type": "PLACE", "unite": "place", "quantite": 2, **champs}


def test_supplement_meme_duree_autre_unite():
    reponse = redevance([ligne(), PLACE], fin="2026-06-03", supplements=[supplement()])
    assert groupes(reponse)[1] == (None, "P", "2", "3", "15.00")
    assert reponse["detail"][2]["type"] == "PLACE"
    assert [etape["etape"] for etape in reponse["detail"]] == [
        "quantite",
        "ligne",
        "supplement",
        "sous_total",
        "total",
    ]
    assert reponse["montant_du"] == "45.00"


@pytest.mark.parametrize(
    ("regles", "champs", "propre", "zone"),
    [
        ({}, {"zone": "1"}, None, "1"),
        ({}, {"zone": "1"}, "2", "2"),
        ({}, DEUX_ZONES, None, None),
        ({}, DEUX_ZONES, "2", "2"),
        ({"zone_mode": "plus_chere"}, DEUX_ZONES, None, "2"),
        ({"zone_mode": "zone_centroide"}, {**DEUX_ZONES, "zone_centroide": "1"}, None, "1"),
        ({}, {}, None, None),
    ],
)
def test_zone_d_un_supplement(regles, champs, propre, zone):
    reponse = redevance([*ZONES, PLACE], regles, supplements=[supplement(zone=propre)], **champs)
    assert groupes(reponse)[-1][0] == zone


def test_supplement_sans_filtre_de_periode_et_avec_sa_franchise():
    place = ligne(id="P", type="PLACE", unite="place", periode="semaine", franchise_jours=7)
    reponse = redevance([ligne(), place], fin="2026-06-08", periode="jour", supplements=[supplement()])
    assert groupes(reponse)[1] == (None, "P", "2", "1", "20.00")


@pytest.mark.parametrize(
    ("contenu", "attendu"),
    [
        ({}, "supplements"),
        ([3], "supplements[0]"),
        ([supplement(type=" ")], "supplements[0].type"),
        ([supplement(unite="?")], "supplements[0].unite"),
        ([supplement(quantite=0)], "supplements[0].quantite"),
        ([supplement(zone=[])], "supplements[0].zone"),
        ([supplement(type="INCONNU")], "grille.lignes"),
        ([supplement(unite="m2")], "grille.lignes"),
        ([], None),
    ],
)
def test_saisie_d_un_supplement(contenu, attendu):
    assert champ([ligne(), PLACE], supplements=contenu) == attendu


# --- from the subtotal to the amount due -----------------------------------------------------------


@pytest.mark.parametrize(
    ("prix", "attendu"),
    [
        ("0", "0.00"),
        ("0.01", "15.00"),
        ("14.99", "15.00"),
        ("15", "15.00"),
        ("40", "40.00"),
        ("40.01", "40.00"),
    ],
)
def test_minimum_et_plafond(prix, attendu):
    assert du([ligne(prix=prix)], {"minimum_perception": 15, "plafond": 40}) == attendu


def test_etapes_du_minimum_et_du_plafond_seulement_s_ils_changent_le_montant():
    regles = {"minimum_perception": 10, "plafond": 10}
    assert etapes(redevance(regles=regles)) == [
        ("quantite", None),
        ("ligne", "10.00"),
        ("sous_total", "10.00"),
        ("total", "10.00"),
    ]
    assert ("minimum", "10.00") in etapes(redevance([ligne(prix="9.99")], regles))
    assert ("plafond", "10.00") in etapes(redevance([ligne(prix="10.01")], regles))


def test_frais_ni_minores_ni_sur_une_redevance_nulle():
    regles = {"frais_dossier": "8", "minimum_perception": 10, "plafond": 20}
    assert du(regles=regles) == "18.00"
    assert du([ligne(prix="50")], regles) == "28.00"
    assert etapes(redevance([ligne(prix="0")], regles))[-2:] == [("sous_total", "0.00"), ("total", "0.00")]


def test_majoration_sans_titre_hors_frais_et_sans_gratuite():
    regles = {"frais_dossier": "8", "majoration_sans_titre": "50"}
    reponse = redevance(
        regles=regles, sans_titre=True, exoneration={"motif": "marche_public"}, beneficiaire="entreprise"
    )
    assert (reponse["montant_du"], reponse["montant_theorique"]) == ("23.00", "18.00")
    assert etapes(reponse)[2:] == [
        ("sous_total", "10.00"),
        ("frais", "18.00"),
        ("majoration", "23.00"),
        ("total", "23.00"),
    ]


def test_majoration_de_zero_par_defaut_et_arrondi():
    assert du(sans_titre=True) == "10.00"
    assert du([ligne(prix="0.05")], {"majoration_sans_titre": 10}, sans_titre=True) == "0.06"
    assert du(regles={"majoration_sans_titre": 100}) == "10.00"


@pytest.mark.parametrize("motif", sorted(GRATUITES))
def test_chaque_motif_de_gratuite(motif):
    regle = GRATUITES[motif]
    exoneration = {"motif": motif, "reference": "délibération 2026-12"}
    type_occupation = regle.type_occupation or "DEPOT"
    reponse = redevance(
        [ligne(type=type_occupation)],
        type=type_occupation,
        beneficiaire=regle.beneficiaire,
        exoneration=exoneration,
    )
    assert (reponse["montant_du"], reponse["montant_theorique"]) == ("0.00", "10.00")
    assert reponse["mise_en_recouvrement"] is False
    assert etapes(reponse)[-2] == ("exoneration", "0.00")


@pytest.mark.parametrize(
    ("exoneration", "attendu"),
    [
        ([], "exoneration"),
        ({}, "exoneration.motif"),
        ({"motif": "amitie"}, "exoneration.motif"),
        ({"motif": "association_interet_general"}, "exoneration.motif"),
        ({"motif": "vegetalisation"}, "exoneration.motif"),
        ({"motif": "peche", "taux": 99}, "exoneration.taux"),
        ({"motif": "peche", "taux": 100}, None),
        ({"motif": "deliberation", "taux": 0, "reference": "D"}, "exoneration.taux"),
        ({"motif": "deliberation", "taux": "100.01", "reference": "D"}, "exoneration.taux"),
        ({"motif": "deliberation", "taux": 50}, "exoneration.reference"),
        ({"motif": "deliberation", "taux": 50, "reference": " "}, "exoneration.reference"),
        ({"motif": "deliberation", "taux": 50, "reference": "D"}, None),
        ({"motif": "peche", "hors_frais": "oui"}, "exoneration.hors_frais"),
    ],
)
def test_saisie_d_une_exoneration(exoneration, attendu):
    assert champ(exoneration=exoneration) == attendu


def test_une_exoneration_fautive_est_dite_meme_sans_titre():
    assert champ(sans_titre=True, exoneration={"motif": "amitie"}) == "exoneration.motif"


@pytest.mark.parametrize(("hors_frais", "montant"), [(False, "9.01"), (True, "13.01")])
def test_exoneration_partielle_avec_ou_sans_les_frais(hors_frais, montant):
    """(10.01 + 8) × 50 % = 9.005; with the costs kept 10.01 × 50 % + 8 = 13.005."""
    exoneration = {"motif": "deliberation", "taux": 50, "reference": "D", "hors_frais": hors_frais}
    reponse = redevance([ligne(prix="10.01")], {"frais_dossier": 8}, exoneration=exoneration)
    assert (reponse["montant_du"], reponse["montant_theorique"]) == (montant, "18.01")


@pytest.mark.parametrize(("prix", "montant"), [("10.49", "10.00"), ("10.50", "11.00"), ("0.49", "0.00")])
def test_arrondi_final_a_l_euro(prix, montant):
    reponse = redevance([ligne(prix=prix)], {"arrondi_final": "euro"})
    assert reponse["montant_du"] == montant
    assert reponse["montant_theorique"] == prix
    assert etapes(reponse)[-2:] == [("arrondi", montant), ("total", montant)]


@pytest.mark.parametrize(
    ("prix", "seuil", "attendu"),
    [
        ("14.99", None, False),
        ("15", None, True),
        ("10", 10, True),
        ("9.99", 10, False),
        ("0.01", 0, True),
        ("0", 0, False),
    ],
)
def test_seuil_de_recouvrement(prix, seuil, attendu):
    regles = {} if seuil is None else {"seuil_recouvrement": seuil}
    assert redevance([ligne(prix=prix)], regles)["mise_en_recouvrement"] is attendu


@pytest.mark.parametrize(
    ("deja", "attendu"), [(None, None), ("0", "10.00"), ("10", "0.00"), ("25.50", "-15.50"), (4, "6.00")]
)
def test_solde(deja, attendu):
    assert redevance(deja_facture=deja)["solde"] == attendu


# --- withdrawal ------------------------------------------------------------------------------------


def rembourse(regles=None, **retrait):
    return redevance(regles=regles, fin="2026-06-10", retrait=retrait)["remboursement"]


@pytest.mark.parametrize(
    ("jour", "restants", "montant"),
    [
        ("2026-05-01", 10, "100.00"),
        ("2026-06-01", 10, "100.00"),
        ("2026-06-02", 9, "90.00"),
        ("2026-06-10", 1, "10.00"),
    ],
)
def test_remboursement_au_prorata_des_jours(jour, restants, montant):
    assert rembourse(date=jour, motif="interet_general") == {
        "montant": montant,
        "base": "100.00",
        "motif": "interet_general",
        "jours_restants": restants,
        "jours_total": 10,
    }


def test_retrait_apres_la_fin_ou_sans_titre():
    apres = {"date": "2026-06-02", "motif": "interet_general"}
    assert champ(retrait=apres) == "retrait.date"
    assert champ(fin="2026-06-02", retrait=apres) is None
    assert champ(sans_titre=True, fin="2026-06-02", retrait=apres) == "retrait"


@pytest.mark.parametrize(
    ("retrait", "attendu"),
    [
        (3, "retrait"),
        ({"motif": "interet_general"}, "retrait.date"),
        ({"date": "2026-06-01"}, "retrait.motif"),
        ({"date": "2026-06-01", "motif": "humeur"}, "retrait.motif"),
        ({"date": "2026-06-01", "motif": "inexecution", "montant_paye": -1}, "retrait.montant_paye"),
    ],
)
def test_saisie_d_un_retrait(retrait, attendu):
    assert champ(retrait=retrait) == attendu


@pytest.mark.parametrize(
    ("motif", "regle", "montant"),
    [
        ("interet_general", False, "50.00"),
        ("inexecution", True, "0.00"),
        ("renonciation", False, "0.00"),
        ("renonciation", True, "50.00"),
    ],
)
def test_motif_de_retrait(motif, regle, montant):
    obtenu = rembourse({"remboursement_renonciation": regle}, date="2026-06-06", motif=motif)
    assert obtenu["montant"] == montant


def test_remboursement_sur_le_montant_paye_frais_gardes():
    regles = {"frais_dossier": 8}
    assert rembourse(regles, date="2026-06-06", motif="interet_general")["base"] == "100.00"
    paye = rembourse(regles, date="2026-06-06", motif="interet_general", montant_paye="50")
    assert (paye["base"], paye["montant"]) == ("42.00", "21.00")
    peu = rembourse(regles, date="2026-06-06", motif="interet_general", montant_paye="5")
    assert (peu["base"], peu["montant"]) == ("0.00", "0.00")
    assert rembourse(date="2026-06-06", motif="interet_general", montant_paye=0)["base"] == "0.00"


# --- reading order of the occupation ---------------------------------------------------------------


def test_ordre_des_champs_de_l_occupation():
    bons = occupation()
    noms = [
        "type",
        "debut",
        "fin",
        "beneficiaire",
        "sans_titre",
        "deja_facture",
        "periode",
        "debut_demi",
        "fin_demi",
        "unite",
        "zone",
        "quantite",
        "zone_centroide",
        "exoneration",
        "supplements",
        "retrait",
    ]
    faux = {**dict.fromkeys(noms, True), "sans_titre": "?"}
    regles = {"zone_mode": "zone_centroide"}
    for nom in noms:
        cas = {"grille": {"lignes": [ligne()], "regles": regles}, "occupation": faux}
        assert champ_en_erreur("simuler_redevance", cas) == f"occupation.{nom}"
        if nom in bons:
            faux[nom] = bons[nom]
        else:
            del faux[nom]
            if nom == "zone_centroide":
                faux[nom] = "1"
    assert champ_en_erreur("simuler_redevance", cas | {"occupation": faux}) is None


def test_la_saisie_est_verifiee_avant_tout_calcul():
    assert champ([ligne(type="AUTRE")], retrait={"date": "?"}) == "retrait.date"


def test_fin_avant_le_debut():
    assert champ(debut="2026-06-02") == "fin"
    assert champ(debut="2026-06-01") is None
