"""Simulation of the taxe d'aménagement."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.urba.outils_urba import faute, simulation
from urba.contrats.taxe import lire
from urba.regles.tables_taxe import ANNEES, CATEGORIES, VALEURS, Bareme, Categorie, Valeur, valeurs_de_l_annee
from urba.regles.taxe import euros, simuler_taxe

VALEURS_ATTENDUES = [
    (2023, "886", "1004", "250", "2500", "5000", "3000", "10000", "3000", "10"),
    (2024, "914", "1036", "258", "3000", "6000", "3000", "10000", "3000", "10"),
    (2025, "930", "1054", "262", "3052", "6104", "3000", "10000", "3000", "10"),
    (2026, "892", "1011", "251", "2928", "5857", None, None, None, "10"),
]
TAUX_IDF = {"communal": "5", "departemental": "2.5", "regional": "1"}


def local(categorie: str, surface: str, **champs: Any) -> dict[str, Any]:
    return {"categorie": categorie, "surface_m2": surface, **champs}


@pytest.mark.parametrize("attendues", VALEURS_ATTENDUES, ids=[str(v[0]) for v in VALEURS_ATTENDUES])
def test_valeurs_de_chaque_annee(attendues: tuple[Any, ...]) -> None:
    annee, *montants = attendues
    valeurs = valeurs_de_l_annee(annee)
    for code, montant in zip(Valeur, montants, strict=True):
        assert valeurs.get(code) == (None if montant is None else Decimal(montant))
    assert simulation(annee)["valeur_m2"] == f"{montants[0]}.00"
    assert simulation(annee, "IDF", TAUX_IDF)["valeur_m2"] == f"{montants[1]}.00"


def test_une_ligne_par_annee_et_par_valeur() -> None:
    assert [v[0] for v in VALEURS_ATTENDUES] == list(ANNEES)
    assert len(VALEURS) == len(ANNEES) * len(Valeur)
    for ligne in VALEURS:
        assert ligne.article.startswith("CGI 1635 quater") and ligne.du.year == ligne.au.year
        assert ligne.actif != ligne.a_confirmer and (ligne.montant is None) == ligne.a_confirmer


@pytest.mark.parametrize("annee", [2022, 2027, 0, 9999])
def test_autres_annees_refusees(annee: int) -> None:
    assert faute("simuler_taxe", {"annee": annee, "zone": "IDF", "taux": {"communal": 0}}) == "annee"


@pytest.mark.parametrize(
    ("categorie", "base"),
    [
        ("LOGEMENT_AIDE", "93000.00"),
        ("HEBERGEMENT_AIDE", "93000.00"),
        ("INDUSTRIEL", "93000.00"),
        ("ARTISANAL", "93000.00"),
        ("ENTREPOT_NON_PUBLIC", "93000.00"),
        ("STATIONNEMENT_COUVERT_COMMERCIAL", "93000.00"),
        ("RESIDENCE_PRINCIPALE", "139500.00"),
        ("RESIDENCE_SECONDAIRE", "186000.00"),
        ("COMMERCE", "186000.00"),
        ("BUREAU", "186000.00"),
        ("AUTRE", "186000.00"),
        ("PLAI", "0.00"),
        ("EXPLOITATION_AGRICOLE", "0.00"),
        ("SERVICE_PUBLIC", "0.00"),
    ],
)
def test_categorie(categorie: str, base: str) -> None:
    resultat = simulation(locaux=[local(categorie, "200")])
    assert resultat["base_communale"] == resultat["base_departementale"] == base
    assert sum(Decimal(x["base"]) for x in resultat["lignes"]) == Decimal(base)
    assert len(resultat["lignes"]) == (2 if categorie == "RESIDENCE_PRINCIPALE" else 1)


def test_chaque_categorie_a_son_bareme() -> None:
    assert set(CATEGORIES) == set(Categorie) and len(CATEGORIES) == 14
    assert {x.bareme for x in CATEGORIES.values()} == set(Bareme)


@pytest.mark.parametrize(
    ("surface", "logements", "existante", "lignes"),
    [
        ("99.99", 1, "0", [("99.99", "465.00", "46495.35")]),
        ("100", 1, "0", [("100.00", "465.00", "46500.00")]),
        ("100.01", 1, "0", [("100.00", "465.00", "46500.00"), ("0.01", "930.00", "9.30")]),
        ("250", 2, "0", [("200.00", "465.00", "93000.00"), ("50.00", "930.00", "46500.00")]),
        ("40", 1, "80", [("20.00", "465.00", "9300.00"), ("20.00", "930.00", "18600.00")]),
        ("40", 1, "60", [("40.00", "465.00", "18600.00")]),
        ("40", 1, "100", [("40.00", "930.00", "37200.00")]),
        ("40", 1, "500", [("40.00", "930.00", "37200.00")]),
        ("40", 2, "180", [("20.00", "465.00", "9300.00"), ("20.00", "930.00", "18600.00")]),
        ("0", 1, "0", [("0.00", "465.00", "0.00")]),
    ],
)
def test_residence_principale(
    surface: str, logements: int, existante: str, lignes: list[tuple[str, str, str]]
) -> None:
    maison = local("RESIDENCE_PRINCIPALE", surface, logements=logements, surface_existante_m2=existante)
    resultat = simulation(locaux=[maison])
    assert [(x["quantite"], x["valeur"], x["base"]) for x in resultat["lignes"]] == lignes


def test_petite_construction_toutes_surfaces_ensemble() -> None:
    deux = [local("RESIDENCE_PRINCIPALE", "2.50"), local("PLAI", "2.50")]
    resultat = simulation(locaux=deux, installations={"piscine_m2": 10})
    assert resultat["alertes"] == ["PETITE_CONSTRUCTION"]
    assert [(x["valeur"], x["base"]) for x in resultat["lignes"]] == [("0.00", "0.00")] * 2 + [
        ("262.00", "2620.00")
    ]
    assert resultat["total"] == "196.50"
    deux[1]["surface_m2"] = "2.51"
    assert simulation(locaux=deux)["alertes"] == []
    assert simulation(locaux=[local("AUTRE", "0")])["alertes"] == []


def test_installations() -> None:
    installations = {
        "piscine_m2": "32.5",
        "stationnements": 2,
        "tentes_caravanes": 3,
        "hll": 1,
        "eoliennes": 4,
        "photovoltaique_m2": 12.25,
    }
    resultat = simulation(2024, installations=installations)
    assert [(x["quantite"], x["valeur"], x["base"]) for x in resultat["lignes"]] == [
        ("32.50", "258.00", "8385.00"),
        ("2", "3000.00", "6000.00"),
        ("3", "3000.00", "9000.00"),
        ("1", "10000.00", "10000.00"),
        ("4", "3000.00", "12000.00"),
        ("12.25", "10.00", "122.50"),
    ]
    assert resultat["base_departementale"] == "45507.50"
    assert simulation(installations=dict.fromkeys(installations, 0))["lignes"] == []


@pytest.mark.parametrize("champ", ["tentes_caravanes", "hll", "eoliennes"])
def test_valeurs_2026_non_confirmees(champ: str) -> None:
    cas = {"annee": 2026, "zone": "HORS_IDF", "taux": {"communal": 1}, "installations": {champ: 1}}
    assert faute("simuler_taxe", cas) == f"installations.{champ}"
    cas["installations"] = {champ: 0}
    assert simulation(2026, installations={champ: 0})["total"] == "0.00"


@pytest.mark.parametrize(
    ("annee", "valeur", "accepte"),
    [
        (2025, "3052", True),
        (2025, "3051.99", False),
        (2025, "6104", True),
        (2025, "6104.01", False),
        (2026, 2928, True),
        (2026, 5858, False),
    ],
)
@pytest.mark.parametrize("places", [0, 3])
def test_valeur_votee_du_stationnement(annee: int, valeur: Any, accepte: bool, places: int) -> None:
    installations = {"stationnements": places, "stationnement_valeur": valeur}
    cas = {"annee": annee, "zone": "HORS_IDF", "taux": {"communal": 1}, "installations": installations}
    if not accepte:
        assert faute("simuler_taxe", cas) == "installations.stationnement_valeur"
        return
    resultat = simulation(annee, installations=installations)
    minimum = valeurs_de_l_annee(annee)[Valeur.STATIONNEMENT_MIN]
    assert Decimal(resultat["base_communale"]) == places * Decimal(str(valeur))
    assert Decimal(resultat["base_departementale"]) == places * minimum
    assert sum(Decimal(x["base"]) for x in resultat["lignes"]) == places * minimum


@pytest.mark.parametrize(
    ("taux", "champs", "champ"),
    [
        ({"communal": "0"}, {}, None),
        ({"communal": "0.99"}, {}, "taux.communal"),
        ({"communal": "1"}, {}, None),
        ({"communal": "5"}, {}, None),
        ({"communal": "5.01"}, {}, "taux.communal"),
        ({"communal": "20"}, {"secteur_majore": True}, None),
        ({"communal": "20.01"}, {"secteur_majore": True}, "taux.communal"),
        ({"communal": "0.5"}, {"secteur_majore": True}, "taux.communal"),
        ({"communal": "10"}, {"secteur_majore": "oui"}, "taux.communal"),
        ({"communal": "3"}, {"secteur_majore": "oui"}, "secteur_majore"),
        ({"communal": "3", "departemental": "2.5"}, {}, None),
        ({"communal": "3", "departemental": "2.51"}, {}, "taux.departemental"),
        ({"communal": "3", "regional": "0"}, {}, None),
        ({"communal": "3", "regional": "0.01"}, {}, "taux.regional"),
        ({"communal": "3", "regional": "1"}, {"zone": "IDF"}, None),
        ({"communal": "3", "regional": "1.01"}, {"zone": "IDF"}, "taux.regional"),
        ({"departemental": "1"}, {}, "taux.communal"),
    ],
)
def test_bornes_des_taux(taux: dict[str, Any], champs: dict[str, Any], champ: str | None) -> None:
    cas = {"annee": 2025, "zone": "HORS_IDF", "taux": taux, **champs}
    if champ is None:
        assert lire(cas).taux.communal == Decimal(taux["communal"])
    else:
        assert faute("simuler_taxe", cas) == champ


def test_ile_de_france() -> None:
    resultat = simulation(2026, "IDF", TAUX_IDF, locaux=[local("RESIDENCE_PRINCIPALE", "50.55")])
    # Half of 1 011 is 505.50: the base keeps its cents.
    assert resultat["base_regionale"] == resultat["base_communale"] == "25553.03"
    assert (resultat["part_communale"], resultat["part_departementale"]) == ("1277.65", "638.83")
    assert (resultat["part_regionale"], resultat["total"]) == ("255.53", "2172.01")


def test_chaque_base_est_arrondie_au_centime_superieur_a_la_moitie() -> None:
    resultat = simulation(
        2026, "IDF", TAUX_IDF, locaux=[local("ARTISANAL", "9.01"), local("INDUSTRIEL", "9.03")]
    )
    assert [x["base"] for x in resultat["lignes"]] == ["4554.56", "4564.67"]
    assert resultat["base_communale"] == "9119.23"


def test_exonerations() -> None:
    def exonerer(*exonerations: tuple[str, Any]) -> dict[str, Any]:
        liste = [{"part": p, "montant": m, "motif": "abri"} for p, m in exonerations]
        return simulation(locaux=[local("AUTRE", "10")], exonerations=liste)

    assert exonerer()["part_communale"] == "465.00"
    exact = exonerer(("communale", "465"), ("departementale", 100))
    assert (exact["part_communale"], exact["part_departementale"], exact["alertes"]) == ("0.00", "132.50", [])
    deux = exonerer(("communale", "400"), ("communale", "65.01"))
    assert (deux["part_communale"], deux["total"], deux["alertes"]) == (
        "0.00",
        "232.50",
        ["EXONERATION_PLAFONNEE"],
    )
    assert exonerer(("regionale", "1"))["alertes"] == ["EXONERATION_PLAFONNEE"]
    assert exonerer(("regionale", "0"))["alertes"] == []


def test_archeologie_non_simulee() -> None:
    resultat = simulation(archeologie=True)
    assert resultat["archeologie"] is None and resultat["alertes"] == ["ARCHEOLOGIE_NON_SIMULEE"]
    assert simulation()["alertes"] == []


def test_tres_grands_nombres_restent_exacts() -> None:
    resultat = simulation(locaux=[local("AUTRE", "999999999.99")] * 50)
    assert resultat["base_communale"] == "46499999999535.00"
    assert resultat["part_communale"] == "2324999999976.75"


def test_l_explication_donne_chaque_base_et_chaque_part() -> None:
    projet = lire(
        {
            "annee": 2025,
            "zone": "HORS_IDF",
            "taux": {"communal": "5", "departemental": "2.5"},
            "locaux": [local("AUTRE", "10.5")],
            "installations": {"stationnements": 2, "stationnement_valeur": "5000"},
            "exonerations": [{"part": "communale", "montant": "10000", "motif": "délibération"}],
        }
    )
    details = [e.detail for e in simuler_taxe(projet).explication]
    assert details[0] == f"Autre construction : 10,50 m² × {euros(Decimal(930))} = {euros(Decimal('9765'))}."
    assert "valeur votée" in details[2] and details[-1].startswith("Part régionale")
    assert details[3].endswith("exonérations déduites : 0,00 €.")


def test_euros() -> None:
    assert euros(Decimal("1234567.5")) == "1\u202f234\u202f567,50 €"
