"""What a grid may say: each field, both sides of each bound, and the order in which faults are found."""

from __future__ import annotations

import pytest

from tests.appels import champ_en_erreur, un
from tests.domainepublic.appels import cas_redevance, du, ligne, redevance

FORFAITS = [
    {"jours": 3, "prix": "50"},
    {"jours": 7, "prix": "98", "quantite_incluse": 5, "prix_unite_sup": 1},
]
TRANCHES = [{"jusqu_a": "10", "prix": "3"}, {"jusqu_a": None, "prix": "4"}]


def champ(une_ligne=None, regles=None, lignes=None) -> str | None:
    cas = cas_redevance([une_ligne] if lignes is None else lignes, regles)
    trouve = champ_en_erreur("simuler_redevance", cas)
    return trouve.removeprefix("grille.") if trouve else trouve


def forfait(**champs):
    return ligne(prix=None, periode="forfait", **{"forfaits": FORFAITS, **champs})


def tranches(**champs):
    return ligne(prix=None, **{"tranches": TRANCHES, **champs})


@pytest.mark.parametrize("grille", [None, [], 3, {}, {"lignes": None}, {"lignes": []}, {"lignes": {}}])
def test_grille_sans_ligne(grille):
    attendu = "grille.lignes" if isinstance(grille, dict) else "grille"
    cas = cas_redevance() | {"grille": grille}
    assert champ_en_erreur("simuler_redevance", cas) == attendu


def test_occupation_absente():
    assert champ_en_erreur("simuler_redevance", {"grille": {"lignes": [ligne()]}}) == "occupation"


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"id": True}, "id"),
        ({"type": None}, "type"),
        ({"type": 3}, "type"),
        ({"zone": []}, "zone"),
        ({"beneficiaire": "commune"}, "beneficiaire"),
        ({"du": None}, "du"),
        ({"du": "2026-02-30"}, "du"),
        ({"au": "2025-12-31"}, "au"),
        ({"au": "fin"}, "au"),
        ({"calcul": "autre"}, "calcul"),
        ({"unite": None}, "unite"),
        ({"unite": "km"}, "unite"),
        ({"periode": None}, "periode"),
        ({"periode": "heure"}, "periode"),
        ({"prorata": "mois"}, "prorata"),
        ({"prorata": "jour"}, "prorata"),
        ({"prorata": "mois_commence", "periode": "mois_commence"}, "prorata"),
        ({"prix": None}, "prix"),
        ({"prix": "-0.01"}, "prix"),
        ({"prix": True}, "prix"),
        ({"prix": "1,5"}, "prix"),
        ({"forfaits": FORFAITS}, "forfaits"),
        ({"forfaits": [], "prix": None}, "forfaits"),
        ({"periode": "forfait"}, "forfaits"),
        ({"tranches": TRANCHES}, "tranches"),
        ({"tranches_duree": TRANCHES}, "tranches_duree"),
        ({"prix": None, "tranches": TRANCHES, "tranches_duree": TRANCHES}, "tranches_duree"),
        ({"periode": "forfait", "forfaits": FORFAITS}, "forfaits"),
        ({"arrondi_quantite": "superieur"}, "arrondi_quantite"),
        ({"quantite_gratuite": -1}, "quantite_gratuite"),
        ({"quantite_min": "-1"}, "quantite_min"),
        ({"franchise_jours": -1}, "franchise_jours"),
        ({"franchise_jours": "1.5"}, "franchise_jours"),
        ({"franchise_mode": "autre"}, "franchise_mode"),
    ],
)
def test_faute_d_une_ligne_au_prix_simple(champs, attendu):
    assert champ(ligne(**champs)) == f"lignes[0].{attendu}"


@pytest.mark.parametrize(
    ("forfaits", "attendu"),
    [
        ([], ""),
        ({}, ""),
        ([3], "[0]"),
        ([{"prix": 1}], "[0].jours"),
        ([{"jours": 0, "prix": 1}], "[0].jours"),
        ([{"jours": "1.5", "prix": 1}], "[0].jours"),
        ([{"jours": 1, "prix": 1}, {"jours": 1, "prix": 2}], "[1].jours"),
        ([{"jours": 1}], "[0].prix"),
        ([{"jours": 1, "prix": -1}], "[0].prix"),
        ([{"jours": 1, "prix": 1, "quantite_incluse": -1}], "[0].quantite_incluse"),
        ([{"jours": 1, "prix": 1, "quantite_incluse": 5}], "[0].prix_unite_sup"),
        ([{"jours": 1, "prix": 1, "quantite_incluse": 5, "prix_unite_sup": -1}], "[0].prix_unite_sup"),
    ],
)
def test_faute_d_un_forfait(forfaits, attendu):
    assert champ(forfait(forfaits=forfaits)) == f"lignes[0].forfaits{attendu}"


def test_mode_et_base_d_un_forfait():
    assert champ(forfait(forfait_mode="autre")) == "lignes[0].forfait_mode"
    assert champ(forfait(forfait_base="autre")) == "lignes[0].forfait_base"


def test_un_champ_que_la_forme_n_emploie_pas_n_est_pas_lu():
    assert du([ligne(forfait_mode="?", forfait_base="?", tranche_mode="?", coefficient="x")]) == "10.00"
    sans_emploi = [{"jours": 1, "prix": 2, "prix_unite_sup": "?"}]
    assert du([forfait(forfaits=sans_emploi)]) == "2.00"
    par_unite = [{"jours": 1, "prix": 2, "quantite_incluse": "?", "prix_unite_sup": "?"}]
    assert du([forfait(forfaits=par_unite, forfait_base="par_unite")]) == "2.00"


@pytest.mark.parametrize(
    ("bandes", "attendu"),
    [
        ([], ""),
        ([{"jusqu_a": 10, "prix": 1}], ""),
        ([{"jusqu_a": None, "prix": 1}, {"jusqu_a": None, "prix": 2}], ""),
        ([{"jusqu_a": 10, "prix": 1}, {"jusqu_a": 20, "prix": 2}], ""),
        ([3], "[0]"),
        ([{"jusqu_a": 0, "prix": 1}, {"prix": 2}], "[0].jusqu_a"),
        ([{"jusqu_a": "x", "prix": 1}, {"prix": 2}], "[0].jusqu_a"),
        ([{"jusqu_a": 10, "prix": 1}, {"jusqu_a": 10, "prix": 1}, {"prix": 2}], "[1].jusqu_a"),
        # The last bound, one too many, is judged as a bound first.
        ([{"jusqu_a": 10, "prix": 1}, {"jusqu_a": 5, "prix": 2}], "[1].jusqu_a"),
        ([{"jusqu_a": 10, "prix": 1}, {"jusqu_a": "x", "prix": 2}], "[1].jusqu_a"),
        ([{"jusqu_a": 10}, {"prix": 2}], "[0].prix"),
        ([{"jusqu_a": 10, "prix": 1}, {"prix": -2}], "[1].prix"),
    ],
)
@pytest.mark.parametrize("nom", ["tranches", "tranches_duree"])
def test_faute_d_une_tranche(nom, bandes, attendu):
    assert champ(ligne(prix=None, **{nom: bandes})) == f"lignes[0].{nom}{attendu}"


def test_tranches_de_duree_a_bornes_entieres_et_periodes_repetees():
    demi = [{"jusqu_a": "2.5", "prix": 1}, {"prix": 2}]
    assert champ(tranches(tranches=demi)) is None
    assert champ(ligne(prix=None, tranches_duree=demi)) == "lignes[0].tranches_duree[0].jusqu_a"
    for periode in ("jour", "semaine", "mois_commence", "mois_30"):
        assert champ(ligne(prix=None, periode=periode, tranches_duree=TRANCHES)) is None
    for periode in ("demi_journee", "an", "operation"):
        refuse = ligne(prix=None, periode=periode, tranches_duree=TRANCHES)
        assert champ(refuse) == "lignes[0].tranches_duree"
    assert champ(tranches(tranche_mode="autre")) == "lignes[0].tranche_mode"


@pytest.mark.parametrize(
    ("regles", "attendu"),
    [
        ([], "regles"),
        ({"minimum_perception": -1}, "regles.minimum_perception"),
        ({"plafond": -1}, "regles.plafond"),
        ({"minimum_perception": 10, "plafond": "9.99"}, "regles.plafond"),
        ({"minimum_perception": 10, "plafond": 10}, None),
        ({"frais_dossier": "x"}, "regles.frais_dossier"),
        ({"majoration_sans_titre": -1}, "regles.majoration_sans_titre"),
        ({"zone_mode": "moyenne"}, "regles.zone_mode"),
        ({"arrondi_final": "dixieme"}, "regles.arrondi_final"),
        ({"seuil_recouvrement": -1}, "regles.seuil_recouvrement"),
        ({"remboursement_renonciation": "oui"}, "regles.remboursement_renonciation"),
    ],
)
def test_faute_des_regles(regles, attendu):
    assert champ(ligne(), regles) == attendu


def test_toutes_les_lignes_sont_verifiees_meme_inutiles():
    assert champ(lignes=[ligne(), ligne(type="AUTRE", prix="x")]) == "lignes[1].prix"


def test_ordre_de_lecture_lignes_puis_regles_puis_occupation():
    cas = cas_redevance([ligne(franchise_mode="?")], {"plafond": "?"}, debut="?")
    for attendu, correction in (
        ("grille.lignes[0].franchise_mode", lambda: cas["grille"].update(lignes=[ligne()])),
        ("grille.regles.plafond", lambda: cas["grille"].update(regles={})),
        ("occupation.debut", lambda: cas["occupation"].update(debut="2026-06-01")),
    ):
        assert champ_en_erreur("simuler_redevance", cas) == attendu
        correction()
    assert champ_en_erreur("simuler_redevance", cas) is None


def test_ordre_des_champs_d_une_ligne():
    """Every field wrong at once: the first written is reported, then the next once it is corrected."""
    bons = ligne()
    faux = {
        **dict.fromkeys(["id", "type", "zone", "beneficiaire", "du", "au", "calcul"], True),
        **dict.fromkeys(["unite", "periode", "prorata", "prix", "arrondi_quantite"], True),
        **dict.fromkeys(["quantite_gratuite", "quantite_min", "franchise_jours", "franchise_mode"], True),
    }
    ordre = list(faux)
    for nom in ordre:
        assert champ(faux) == f"lignes[0].{nom}"
        if nom in bons:
            faux[nom] = bons[nom]
        else:
            del faux[nom]
    assert champ(faux) is None


def test_identifiant_par_defaut_et_code_numerique():
    assert redevance([ligne(id=None)])["detail"][1]["tarif"] == "lignes[0]"
    reponse = redevance([ligne(type="AUTRE"), ligne(id=7, zone=3)], zone="3")
    assert (reponse["detail"][1]["tarif"], reponse["detail"][1]["zone"]) == ("7", "3")


# --- line in force ---------------------------------------------------------------------------------


def test_tarif_en_vigueur_bornes_incluses():
    lignes = [ligne(du="2026-06-01", au="2026-06-01")]
    assert du(lignes) == "10.00"
    assert champ(lignes=[ligne(du="2026-06-02")]) == "lignes"
    assert champ(lignes=[ligne(au="2026-05-31")]) == "lignes"


def test_tarif_sans_fin():
    sans_fin = [ligne(au=None)]
    assert du(sans_fin, debut="2099-06-01", fin="2099-06-01") == "10.00"


LIGNES = [
    ligne(id="RIEN", prix="1"),
    ligne(id="BENEF", prix="2", beneficiaire="entreprise"),
    ligne(id="ZONE", prix="3", zone="A"),
    ligne(id="DEUX", prix="4", zone="A", beneficiaire="entreprise"),
]


@pytest.mark.parametrize(
    ("zone", "beneficiaire", "montant"),
    [
        (None, None, "1.00"),
        ("B", "particulier", "1.00"),
        (None, "entreprise", "2.00"),
        ("B", "entreprise", "2.00"),
        ("A", None, "3.00"),
        ("A", "particulier", "3.00"),
        ("A", "entreprise", "4.00"),
    ],
)
@pytest.mark.parametrize("sens", [1, -1])
def test_la_zone_exacte_prime_le_beneficiaire_exact(zone, beneficiaire, montant, sens):
    assert du(LIGNES[::sens], zone=zone, beneficiaire=beneficiaire) == montant


def test_zone_exacte_sans_beneficiaire_prime_beneficiaire_sans_zone():
    assert du(LIGNES[:3], zone="A", beneficiaire="entreprise") == "3.00"


def test_deux_tarifs_aussi_precis():
    assert champ(lignes=[ligne(id="A"), ligne(id="B")]) == "lignes"
    assert champ(lignes=[ligne(id="A", au="2026-05-31"), ligne(id="B")]) is None
    assert champ(lignes=[ligne(id="A", zone="1"), ligne(id="B", zone="2")]) == "lignes"


def test_deux_tarifs_moins_precis_que_le_bon_ne_genent_pas():
    assert du([ligne(id="A"), ligne(id="B"), ligne(id="C", prix="7", zone="1")], zone="1") == "7.00"


def test_unite_et_periode_choisissent_la_ligne():
    lignes = [ligne(id="M", unite="ml", prix="2"), ligne(id="S", periode="semaine", prix="30"), ligne(id="J")]
    assert champ_en_erreur("simuler_redevance", cas_redevance(lignes)) == "grille.lignes"
    assert du(lignes, periode="semaine") == "30.00"
    assert du(lignes, periode="jour") == "10.00"
    assert du(lignes, unite="ml") == "2.00"
    assert champ_en_erreur("simuler_redevance", cas_redevance(lignes, unite="place")) == "grille.lignes"


def test_le_message_dit_le_type_la_zone_et_le_jour():
    message = un("simuler_redevance", cas_redevance([ligne(zone="1")], zone="9"))["erreur"]["message"]
    assert all(mot in message for mot in ("DEPOT", "zone 9", "01/06/2026"))
