"""Act, authority, advice, publicity: one test a row of each table."""

from __future__ import annotations

import pytest

from domainepublic.regles.tables.actes import ACTES, DISPENSES, POLICE
from domainepublic.regles.tables.types import A_PRECISER, OUI, TYPES
from tests.appels import champ_en_erreur, un


def cas(domaine="voie_communale", agglo=True, *, transferee=False, attribution=None, voie=None, **occupation):
    faits = {"type": "BENNE", **occupation}
    route = {"domaine": domaine, "en_agglomeration": agglo, **(voie or {})}
    complet = {"voie": route, "occupation": {cle: v for cle, v in faits.items() if v is not None}}
    if transferee:
        complet["police"] = {"circulation_transferee_epci": True}
    if attribution is not None:
        complet["attribution"] = attribution
    return complet


def nature(*args, **faits):
    reponse = un("nature_acte", cas(*args, **faits))
    assert "erreur" not in reponse, reponse
    return reponse


def actes(*args, **faits):
    """Each act as (act, authority, basis, advices)."""
    return [
        (acte["acte"], acte["autorite"], acte["fondement"], acte["avis"])
        for acte in nature(*args, **faits)["actes"]
    ]


def champ(*args, **faits):
    return champ_en_erreur("nature_acte", cas(*args, **faits))


@pytest.mark.parametrize(
    ("domaine", "faits", "acte", "profit"),
    [
        ("chemin_rural", {}, ("autorisation_chemin_rural", "maire", "CRPM D161-15", []), "commune"),
        (
            "chemin_rural",
            {"emprise": True, "occupant": "gaz"},
            ("autorisation_chemin_rural", "maire", "CRPM D161-15", []),
            "commune",
        ),
        ("domaine_public_non_routier", {}, ("aot", "maire", "CG3P L2122-1", []), "commune"),
        (
            "domaine_public_non_routier",
            {"voie": {"gestionnaire": "departement"}},
            ("aot", "president_departement", "CG3P L2122-1", []),
            "departement",
        ),
        (
            "voie_communale",
            {"emprise": True, "occupant": "electricite"},
            ("accord_de_voirie", "maire", "CVR L113-3", []),
            "commune",
        ),
        (
            "voie_communale",
            {"emprise": True, "occupant": "gaz"},
            ("accord_de_voirie", "maire", "CVR L113-3", []),
            "commune",
        ),
        (
            "voie_communale",
            {"emprise": True, "occupant": "hydrocarbures"},
            ("accord_de_voirie", "maire", "CVR L113-3", []),
            "commune",
        ),
        (
            "route_departementale",
            {"emprise": True, "occupant": "telecom"},
            ("permission_de_voirie", "president_departement", "CPCE L47", ["maire"]),
            "departement",
        ),
        (
            "route_nationale",
            {"emprise": True},
            ("permission_de_voirie", "prefet", "CVR L113-2", ["maire"]),
            "etat",
        ),
        (
            "voie_communale",
            {"emprise": True, "occupant": "eau_assainissement"},
            ("permission_de_voirie", "maire", "CVR L113-2", []),
            "commune",
        ),
        (
            "voie_communale",
            {"emprise": False, "occupant": "gaz"},
            ("permis_de_stationnement", "maire", "CGCT L2213-6", []),
            "commune",
        ),
        (
            "route_departementale",
            {},
            ("permis_de_stationnement", "maire", "CGCT L2213-6", ["gestionnaire_voie"]),
            "commune",
        ),
    ],
)
def test_table_des_actes_en_agglomeration(domaine, faits, acte, profit):
    assert actes(domaine, **faits) == [acte]
    assert nature(domaine, **faits)["redevance_au_profit_de"] == profit


def test_les_huit_lignes_de_la_table_sont_numerotees():
    assert [ligne.rang for ligne in ACTES] == list(range(8))


def test_aucun_titre_sur_une_voie_privee_ouverte():
    reponse = nature("voie_privee_ouverte", emprise=True, economique=True)
    assert reponse["actes"] == [] and reponse["signataires"] == []
    assert reponse["signature_unique"] is False
    assert reponse["redevance_au_profit_de"] is None
    assert reponse["publicite"] == {"regime": "aucune", "fondement": None, "motivation_publiee": False}


def test_voie_privee_ouverte_a_un_arrete_de_circulation():
    reponse = nature("voie_privee_ouverte", modifie_circulation=True)
    assert [acte["acte"] for acte in reponse["actes"]] == ["arrete_circulation"]
    assert reponse["signature_unique"] is True


def test_mesure_de_circulation_seule():
    assert actes(type="CIRC") == [("arrete_circulation", "maire", "CGCT L2213-1", [])]
    assert nature(type="CIRC")["redevance_au_profit_de"] is None
    assert actes("domaine_public_non_routier", type="CIRC") == []
    assert actes("chemin_rural", type="CIRC") == [("arrete_circulation", "maire", "CGCT L2213-1", [])]
    assert actes(type="CIRC", emprise=True) == [("arrete_circulation", "maire", "CGCT L2213-1", [])]


def test_domaine_non_routier_sans_arrete_de_circulation():
    assert [a[0] for a in actes("domaine_public_non_routier", modifie_circulation=True)] == ["aot"]


# domaine, in a built-up area, transferred, manager → authority, basis of parking, basis of traffic
POLICES = [
    ("autoroute", None, False, None, "prefet", "CVR L113-2", "C. route R411-8"),
    ("autoroute", None, True, None, "prefet", "CVR L113-2", "C. route R411-8"),
    ("voie_communale", True, False, None, "maire", "CGCT L2213-6", "CGCT L2213-1"),
    ("voie_communale", True, True, None, "president_epci", "CGCT L2213-6", "CGCT L5211-9-2"),
    ("route_departementale", True, False, None, "maire", "CGCT L2213-6", "CGCT L2213-1"),
    ("route_departementale", True, True, None, "president_epci", "CGCT L2213-6", "CGCT L5211-9-2"),
    ("route_nationale", True, False, None, "maire", "CGCT L2213-6", "CGCT L2213-1"),
    ("route_nationale", True, True, None, "president_epci", "CGCT L2213-6", "CGCT L5211-9-2"),
    ("route_departementale", False, False, None, "president_departement", "CGCT L3221-4", "CGCT L3221-4"),
    ("route_departementale", False, True, None, "president_departement", "CGCT L3221-4", "CGCT L3221-4"),
    ("route_departementale", False, False, "epci", "president_epci", "CGCT L3221-4", "CGCT L3221-4"),
    ("route_departementale", False, True, "epci", "president_epci", "CGCT L3221-4", "CGCT L3221-4"),
    (
        "route_departementale",
        False,
        False,
        "commune",
        "president_departement",
        "CGCT L3221-4",
        "CGCT L3221-4",
    ),
    ("route_nationale", False, False, None, "prefet", "CVR L113-2", "C. route R411-8"),
    ("route_nationale", False, True, "epci", "prefet", "CVR L113-2", "C. route R411-8"),
    ("voie_communale", False, False, None, "maire", "CGCT L2213-6", "CGCT L2213-1"),
    ("voie_communale", False, False, "epci", "maire", "CGCT L2213-6", "CGCT L2213-1"),
    ("voie_communale", False, True, None, "president_epci", "CGCT L2213-6", "CGCT L5211-9-2"),
]
COLLECTIVITES = {
    "maire": "commune",
    "president_epci": "epci",
    "president_departement": "departement",
    "prefet": "etat",
}


@pytest.mark.parametrize(
    ("domaine", "agglo", "transferee", "gestionnaire", "autorite", "stationnement", "circulation"), POLICES
)
def test_police_de_la_circulation(
    domaine, agglo, transferee, gestionnaire, autorite, stationnement, circulation
):
    voie = {"gestionnaire": gestionnaire}
    reponse = nature(domaine, agglo, transferee=transferee, voie=voie, modifie_circulation=True)
    permis, arrete = reponse["actes"]
    assert (permis["acte"], permis["autorite"]) == ("permis_de_stationnement", autorite)
    assert (permis["fondement"], arrete["fondement"]) == (stationnement, circulation)
    assert (arrete["autorite"], arrete["avis"]) == (autorite, [])
    assert reponse["redevance_au_profit_de"] == COLLECTIVITES[autorite]
    assert reponse["signataires"] == [autorite]
    assert reponse["signature_unique"] is True


def test_chaque_ligne_de_police_est_eprouvee():
    assert len({(domaine, agglo, transferee) for domaine, agglo, transferee, *_ in POLICES}) >= len(POLICE)


@pytest.mark.parametrize("domaine", ["chemin_rural", "voie_privee_ouverte"])
def test_autres_voies_hors_agglomeration(domaine):
    assert actes(domaine, False, type="CIRC")[0][1] == "maire"
    assert actes(domaine, False, type="CIRC", transferee=True)[0][1] == "president_epci"


def test_avis_du_maire_en_agglomeration_seulement_et_s_il_ne_signe_pas():
    emprise = {"type": "BATEAU"}
    assert actes("route_departementale", True, **emprise)[0][3] == ["maire"]
    assert actes("route_departementale", False, **emprise)[0][3] == []
    assert actes("voie_communale", True, **emprise)[0][3] == []
    assert actes("voie_communale", True, voie={"gestionnaire": "epci"}, **emprise)[0][3] == ["maire"]
    assert actes("autoroute", None, **emprise)[0][3] == []
    assert actes("autoroute", True, **emprise)[0][3] == ["maire"]


def test_avis_du_gestionnaire_s_il_n_est_pas_celui_qui_signe():
    assert actes("route_departementale", True)[0][3] == ["gestionnaire_voie"]
    assert actes("route_departementale", False)[0][3] == []
    assert actes("voie_communale", False, voie={"gestionnaire": "epci"})[0][3] == ["gestionnaire_voie"]
    assert actes("voie_communale", True, transferee=True, voie={"gestionnaire": "epci"})[0][3] == []


def test_avis_du_prefet_sur_route_a_grande_circulation():
    grande = {"grande_circulation": True}
    assert actes(voie=grande, type="CIRC")[0][3] == ["prefet"]
    assert actes("autoroute", None, voie=grande, type="CIRC")[0][3] == []
    assert actes(voie=grande)[0][3] == []


def test_deux_autorites_deux_signatures():
    reponse = nature("route_departementale", True, type="BATEAU", modifie_circulation=True)
    assert reponse["signataires"] == ["president_departement", "maire"]
    assert reponse["signature_unique"] is False


@pytest.mark.parametrize("code", sorted(set(TYPES) - {"SANS", "CIRC"}))
def test_faits_presumes_de_chaque_type(code):
    prevu = TYPES[code]
    if A_PRECISER in (prevu.emprise, prevu.economique):
        manquant = "emprise" if prevu.emprise == A_PRECISER else "economique"
        assert champ(type=code) == f"occupation.{manquant}"
        assert champ(type=code, **{manquant: False}) is None
        return
    reponse = nature(type=code)
    acte = "permission_de_voirie" if prevu.emprise == OUI else "permis_de_stationnement"
    assert reponse["actes"][0]["acte"] == acte
    assert (reponse["publicite"]["regime"] != "aucune") == (prevu.economique == OUI)


def test_le_fait_enonce_prime_le_type():
    assert actes(type="TERR_F", emprise=False)[0][0] == "permis_de_stationnement"
    assert nature(type="TERR_F", economique=False)["publicite"]["regime"] == "aucune"


def test_type_hors_liste_et_constat():
    assert champ(type="KIOSQUE") == "occupation.type"
    assert champ(type="KIOSQUE", emprise=True) == "occupation.type"
    assert champ(type="KIOSQUE", economique=True) == "occupation.type"
    assert champ(type="KIOSQUE", emprise=True, economique=False) is None
    assert champ(type="SANS", emprise=True, economique=False) == "occupation.type"


@pytest.mark.parametrize(
    ("code", "attendu"),
    [
        ("ENSEI", ["autorisation_enseigne"]),
        ("TERR_F", ["autorisation_urbanisme"]),
        ("RESEAU", ["dt_dict"]),
        ("TERR_O", []),
    ],
)
def test_demarches_liees(code, attendu):
    assert nature(type=code)["demarches_liees"] == attendu


# --- publicity -------------------------------------------------------------------------------------


def publicite(attribution=None, domaine="voie_communale", **faits):
    regime = nature(domaine, attribution=attribution, **{"type": "TERR_O", **faits})["publicite"]
    return regime["regime"], regime["fondement"], regime["motivation_publiee"]


@pytest.mark.parametrize("code", sorted(DISPENSES))
def test_chaque_dispense_de_publicite(code):
    article, _, numero = code.partition("_")
    attendu = ("aucune", f"CG3P {article} {numero}°", article == "L2122-1-3")
    assert publicite({"exception": code, "duree_mois": 12, "courte_duree": True}) == attendu


@pytest.mark.parametrize(
    ("attribution", "regime", "fondement"),
    [
        (None, "manifestation_interet", "CG3P L2122-1-4"),
        ({"initiative": "demande"}, "manifestation_interet", "CG3P L2122-1-4"),
        ({"initiative": "collectivite"}, "selection", "CG3P L2122-1-1"),
        ({"courte_duree": True}, "publicite_simple", "CG3P L2122-1-1"),
        ({"nombre_illimite": True, "initiative": "collectivite"}, "publicite_simple", "CG3P L2122-1-1"),
    ],
)
def test_regime_de_publicite(attribution, regime, fondement):
    assert publicite(attribution) == (regime, fondement, False)


@pytest.mark.parametrize("domaine", ["chemin_rural", "voie_privee_ouverte"])
def test_pas_de_publicite_hors_du_domaine_public(domaine):
    assert publicite({"exception": "L2122-1-3_1"}, domaine) == ("aucune", None, False)


def test_publicite_sur_le_domaine_non_routier():
    assert publicite(None, "domaine_public_non_routier")[0] == "manifestation_interet"


@pytest.mark.parametrize(
    ("duree", "attendu"),
    [(None, False), (0, False), ("0.5", True), (12, True), ("12.01", False), ("an", False)],
)
@pytest.mark.parametrize("economique", [True, False])
def test_urgence_de_douze_mois_au_plus(duree, attendu, economique):
    attribution = {"exception": "L2122-1-2_3", "duree_mois": duree}
    obtenu = champ(attribution=attribution, economique=economique)
    assert obtenu == (None if attendu else "attribution.duree_mois")


def test_duree_lue_pour_l_urgence_seulement():
    assert champ(attribution={"exception": "L2122-1-2_4", "duree_mois": "?"}) is None


@pytest.mark.parametrize(
    ("faits", "attendu"),
    [
        ({"voie": {"domaine": None}}, "voie.domaine"),
        ({"voie": {"domaine": "rue"}}, "voie.domaine"),
        ({"voie": {"gestionnaire": "region"}}, "voie.gestionnaire"),
        ({"voie": {"en_agglomeration": None}}, "voie.en_agglomeration"),
        ({"voie": {"en_agglomeration": "oui"}}, "voie.en_agglomeration"),
        ({"voie": {"grande_circulation": 1}}, "voie.grande_circulation"),
        ({"type": ""}, "occupation.type"),
        ({"emprise": "oui"}, "occupation.emprise"),
        ({"occupant": "fibre"}, "occupation.occupant"),
        ({"modifie_circulation": 1}, "occupation.modifie_circulation"),
        ({"economique": 1}, "occupation.economique"),
        ({"attribution": []}, "attribution"),
        ({"attribution": {"initiative": "etat"}}, "attribution.initiative"),
        ({"attribution": {"courte_duree": 1}}, "attribution.courte_duree"),
        ({"attribution": {"nombre_illimite": 1}}, "attribution.nombre_illimite"),
        ({"attribution": {"exception": "L2122-1-2_5"}}, "attribution.exception"),
    ],
)
def test_saisie(faits, attendu):
    assert champ(**faits) == attendu


@pytest.mark.parametrize("domaine", ["autoroute", "domaine_public_non_routier"])
def test_l_agglomeration_peut_y_etre_tue(domaine):
    assert champ(domaine, None) is None
    assert champ(domaine, True) is None
    assert champ(domaine, "peut-être") == "voie.en_agglomeration"


def test_ordre_de_lecture():
    entree = {"voie": 3, "police": 3, "occupation": 3, "attribution": 3}
    corrections = [
        ("voie", cas()["voie"]),
        ("police", {}),
        ("occupation", {"type": "BENNE"}),
        ("attribution", {}),
    ]
    for nom, bon in corrections:
        assert champ_en_erreur("nature_acte", entree) == nom
        entree[nom] = bon
    assert champ_en_erreur("nature_acte", entree) is None
    entree["police"] = {"circulation_transferee_epci": "oui"}
    assert champ_en_erreur("nature_acte", entree) == "police.circulation_transferee_epci"
