"""Properties of every case: order of the facts, majorations that never shorten, an answer to any input."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.urba.outils_urba import CONTRATS, traiter
from urba.contrats.delai import CHAMPS as CHAMPS_DELAI
from urba.contrats.echeances import CHAMPS as CHAMPS_ECHEANCES
from urba.contrats.taxe import CHAMPS as CHAMPS_TAXE
from urba.contrats.taxe import CHAMPS_INSTALLATIONS
from urba.regles.alertes import LIBELLES_ALERTES, Alerte
from urba.regles.numeros import composer, lire_numero
from urba.regles.tables_delais import CODES_MAJORATIONS, CODES_PROLONGATIONS, CODES_SILENCE
from urba.regles.tables_taxe import Categorie

DEPOT = date(2025, 11, 20)
JOURS = st.integers(0, 400).map(lambda n: (DEPOT + timedelta(n)).isoformat())
PRES = st.integers(0, 45).map(lambda n: (DEPOT + timedelta(n)).isoformat())


def champs(**options: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=options)


LETTRES = st.one_of(
    st.builds(lambda d: {"notifiee_le": d}, PRES),
    st.builds(lambda d: {"mode": "electronique", "envoyee_le": d}, PRES),
    st.just({}),
)


def lettres(**fixes: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.builds(lambda lettre, autres: {**lettre, **autres}, LETTRES, st.fixed_dictionaries(fixes))


MAJORATIONS = lettres(code=st.sampled_from(CODES_MAJORATIONS), fondee=st.booleans())
DEMANDES = lettres(exigible=st.booleans(), completees_le=st.none() | JOURS)
PROLONGATIONS = st.builds(
    lambda code, le: {"code": code, "notifiee_le": le}, st.sampled_from(CODES_PROLONGATIONS), JOURS
)
CAS_DELAI = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["DP", "PD", "PCMI", "PC", "PA", "CUA", "CUB"]),
        "depot": st.just(DEPOT.isoformat()),
        "majorations": st.lists(MAJORATIONS, max_size=4),
        "pieces": st.lists(DEMANDES, max_size=3),
        "drapeaux": st.lists(st.sampled_from(CODES_SILENCE), max_size=2),
        "prolongations": st.lists(PROLONGATIONS, max_size=3),
        "enquete_publique": champs(rapport_recu_le=JOURS),
    },
    optional={
        "avis_abf": st.fixed_dictionaries(
            {"sens": st.sampled_from(["favorable", "prescriptions", "defavorable"]), "notifie_le": JOURS}
        ),
        "decision_notifiee_le": JOURS,
        "a_la_date": JOURS,
    },
)


def dates_inexpliquees(resultat: dict[str, Any], sauf: tuple[str, ...] = ()) -> list[str]:
    """Names of the dates of a result that no step of its explanation quotes."""
    details = " ".join(etape["detail"] for etape in resultat["explication"])
    return [
        nom
        for nom, valeur in resultat.items()
        if isinstance(valeur, str)
        and nom not in sauf
        and valeur[:2] == "20"
        and "/".join(reversed(valeur.split("-"))) not in details
    ]


def sans_explication(resultat: dict[str, Any]) -> dict[str, Any]:
    return {cle: valeur for cle, valeur in resultat.items() if cle != "explication"}


@given(CAS_DELAI, st.randoms(use_true_random=False))
def test_l_ordre_des_faits_est_indifferent(cas: dict[str, Any], hasard: Any) -> None:
    dates = [p.get("notifiee_le") or p.get("envoyee_le") for p in cas["pieces"]]
    melange = dict(cas)
    for cle in ("majorations", "drapeaux", "prolongations", "pieces"):
        liste = list(cas[cle])
        # Two requests of pieces of the same day: the last listed counts, by the letter of the rule.
        if cle != "pieces" or len(set(dates)) == len(dates):
            hasard.shuffle(liste)
        melange[cle] = liste
    pieces_electroniques = any("mode" in p for p in cas["pieces"])
    if pieces_electroniques:
        melange["pieces"] = cas["pieces"]
    assert sans_explication(traiter("calculer_delai", melange)) == sans_explication(
        traiter("calculer_delai", cas)
    )


@given(CAS_DELAI, MAJORATIONS.filter(lambda m: m["code"] != "ENQUETE_PUBLIQUE"), st.integers(0, 4))
def test_ajouter_une_majoration_hors_enquete_ne_raccourcit_jamais(
    cas: dict[str, Any], majoration: dict[str, Any], rang: int
) -> None:
    avant = traiter("calculer_delai", cas)
    majorations = list(cas["majorations"])
    majorations.insert(rang, majoration)
    apres = traiter("calculer_delai", {**cas, "majorations": majorations})
    assert apres["delai_mois"] >= avant["delai_mois"]
    for cle in ("date_limite", "date_limite_notifiee"):
        assert (apres[cle] is None) == (avant[cle] is None)
        if avant[cle] is not None:
            assert apres[cle] >= avant[cle]


@given(CAS_DELAI)
def test_coherence_d_un_delai(cas: dict[str, Any]) -> None:
    resultat = traiter("calculer_delai", cas)
    assert resultat["explication"] and resultat["alertes"] == sorted(set(resultat["alertes"]))
    assert set(resultat["alertes"]) <= set(Alerte)
    divergent = resultat["date_limite"] != resultat["date_limite_notifiee"]
    assert ("DATES_DIVERGENTES" in resultat["alertes"]) == divergent
    limite, implicite = resultat["date_limite"], resultat["date_decision_implicite"]
    if limite is not None:
        assert resultat["depart"] <= limite and limite >= cas["depot"]
        assert implicite is None or date.fromisoformat(implicite) == date.fromisoformat(limite) + timedelta(1)
    else:
        assert resultat["depart"] is None
    if "decision_notifiee_le" not in cas:
        assert resultat["decision_implicite"] is not None
    elif implicite is not None:
        assert cas["decision_notifiee_le"] >= implicite


@given(CAS_DELAI)
def test_chaque_date_d_un_delai_s_explique(cas: dict[str, Any]) -> None:
    resultat = traiter("calculer_delai", cas)
    assert dates_inexpliquees(resultat, sauf=("date_completude", "depart")) == []


APRES = st.integers(0, 3000).map(lambda n: (DEPOT + timedelta(n)).isoformat())
DECISIONS = st.one_of(
    st.builds(
        lambda sens, d: {"sens": sens, "signee_le": "2025-11-20", "notifiee_le": d},
        st.sampled_from(["accord", "accord_prescriptions", "refus", "sursis"]),
        st.none() | PRES,
    ),
    st.builds(
        lambda sens: {"sens": sens, "forme": "tacite", "nee_le": "2025-11-20"},
        st.sampled_from(["accord", "refus"]),
    ),
)
CAS_SUITES = st.fixed_dictionaries(
    {"type": st.sampled_from(["DP", "PD", "PCMI", "PC", "PA"]), "decision": DECISIONS},
    optional={
        "transmission_le": APRES,
        "affichage_mairie_le": APRES,
        "affichage_terrain_le": APRES,
        "prorogations": st.lists(APRES.map(lambda d: {"demandee_le": d}), max_size=2),
        "recours_gracieux": APRES.map(lambda d: {"recu_le": d}),
        "doc_le": APRES,
        "daact_le": APRES,
        "achevement_le": APRES,
        "autorite": st.sampled_from(["commune", "etat"]),
    },
)


@given(CAS_SUITES)
def test_chaque_date_des_suites_s_explique(cas: dict[str, Any]) -> None:
    assert dates_inexpliquees(traiter("calculer_echeances", cas)) == []


PERIODES = st.tuples(APRES, APRES).map(sorted)
CAS_ECHEANCES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["DP", "PD", "PC", "PA"]),
        "decision": st.just({"sens": "accord", "signee_le": "2025-11-20", "notifiee_le": "2025-11-20"}),
        "recours_contentieux": st.lists(
            PERIODES.map(lambda p: {"introduit_le": p[0], "decision_definitive_le": p[1]}), max_size=4
        ),
        "prorogations": st.lists(APRES.map(lambda d: {"demandee_le": d}), max_size=4),
    },
    optional={"a_la_date": APRES, "doc_le": APRES},
)


@given(CAS_ECHEANCES, st.randoms(use_true_random=False))
def test_l_ordre_des_recours_et_des_demandes_est_indifferent(cas: dict[str, Any], hasard: Any) -> None:
    melange = dict(cas)
    for cle in ("recours_contentieux", "prorogations"):
        melange[cle] = list(cas[cle])
        hasard.shuffle(melange[cle])
    un, deux = (sans_explication(traiter("calculer_echeances", x)) for x in (cas, melange))
    for resultat in (un, deux):
        resultat["prorogations"] = sorted(json.dumps(p) for p in resultat["prorogations"])
    assert un == deux


@given(CAS_ECHEANCES)
def test_recours_et_prorogations_n_avancent_jamais_la_fin(cas: dict[str, Any]) -> None:
    resultat = traiter("calculer_echeances", cas)
    assert resultat["validite_fin"] >= "2028-11-20"
    assert resultat["prorogations_restantes"] == 2 - sum(p["retenue"] for p in resultat["prorogations"])
    assert resultat["validite_fin"] >= max([p["fin"] or "" for p in resultat["prorogations"]], default="")


@given(
    st.sampled_from(["PC", "PA", "PD", "DP", "CU", "AT", "AP"]),
    st.sampled_from(["13055", "2A004", "2B033", "97411", "97105", "01001", "95680"]),
    st.integers(1980, 2079),
    st.integers(1, 99999),
    st.lists(st.sampled_from(" -./_\t\u00a0\u202f"), max_size=12),
    st.randoms(use_true_random=False),
)
def test_un_numero_compose_se_relit(
    lettres_: str, insee: str, annee: int, ordre: int, separateurs: list[str], hasard: Any
) -> None:
    numero = composer(lettres_, insee, annee, ordre)
    texte = list(numero.canonique)
    for separateur in separateurs:
        texte.insert(hasard.randrange(len(texte) + 1), separateur)
    assert lire_numero("".join(texte).lower()) == numero
    assert lire_numero(numero.affichage) == numero and numero.insee == insee


NOMBRES = st.one_of(st.integers(0, 999), st.decimals(0, 999, places=2).map(str))
CAS_TAXE = st.fixed_dictionaries(
    {
        "annee": st.integers(2023, 2025),
        "zone": st.sampled_from(["HORS_IDF", "IDF"]),
        "taux": st.fixed_dictionaries({"communal": st.sampled_from(["0", "1", "3.33", "5"])}),
        "locaux": st.lists(
            st.fixed_dictionaries(
                {"categorie": st.sampled_from(list(map(str, Categorie))), "surface_m2": NOMBRES},
                optional={"logements": st.integers(1, 9), "surface_existante_m2": NOMBRES},
            ),
            max_size=4,
        ),
        "installations": champs(
            piscine_m2=NOMBRES, stationnements=st.integers(0, 50), stationnement_valeur=st.just("4000")
        ),
    }
)


@given(CAS_TAXE)
def test_les_lignes_font_la_base_et_les_parts_le_total(cas: dict[str, Any]) -> None:
    resultat = traiter("simuler_taxe", cas)
    bases = [Decimal(x["base"]) for x in resultat["lignes"]]
    assert sum(bases) == Decimal(resultat["base_departementale"])
    assert Decimal(resultat["base_communale"]) >= Decimal(resultat["base_departementale"])
    parts = [Decimal(resultat[f"part_{p}"]) for p in ("communale", "departementale", "regionale")]
    assert sum(parts) == Decimal(resultat["total"])
    for x in resultat["lignes"]:
        assert abs(Decimal(x["quantite"]) * Decimal(x["valeur"]) - Decimal(x["base"])) <= Decimal("0.005")


TOUS_LES_CHAMPS = sorted(
    {*CHAMPS_DELAI, *CHAMPS_ECHEANCES, *CHAMPS_TAXE, *CHAMPS_INSTALLATIONS, "numero", "code", "sens", "x"}
)
N_IMPORTE_QUOI = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=8),
        st.sampled_from(["PC", "DP", "accord", "2026-01-10", "9999-12-31", "0001-01-01", "HORS_IDF", 2025]),
    ),
    lambda interieur: st.one_of(
        st.lists(interieur, max_size=3),
        st.dictionaries(st.sampled_from(TOUS_LES_CHAMPS), interieur, max_size=8),
    ),
    max_leaves=15,
)


@settings(max_examples=300)
@given(st.sampled_from(sorted(CONTRATS)), N_IMPORTE_QUOI)
def test_toute_saisie_a_une_reponse(commande: str, cas: Any) -> None:
    resultat = traiter(commande, cas)
    assert json.dumps(resultat)
    if "erreur" in resultat:
        assert resultat["erreur"]["champ"] and resultat["erreur"]["message"]


@settings(max_examples=200)
@given(st.dates(date(2017, 4, 1), date.max), st.dates(), st.dates(), st.dates())
def test_toutes_les_dates_ont_une_reponse(a: date, b: date, c: date, d: date) -> None:
    b, c, d = sorted([b, c, d])
    delai = {"type": "PC", "depot": a.isoformat(), "pieces": [{"notifiee_le": a.isoformat()}]}
    echeances = {
        "type": "PC",
        "decision": {
            "sens": "accord_prescriptions",
            "signee_le": b.isoformat(),
            "notifiee_le": c.isoformat(),
        },
        "transmission_le": d.isoformat(),
        "affichage_terrain_le": d.isoformat(),
        "recours_contentieux": [{"introduit_le": c.isoformat(), "decision_definitive_le": d.isoformat()}],
        "prorogations": [{"demandee_le": c.isoformat()}],
        "daact_le": d.isoformat(),
    }
    for commande, cas, champ in (
        ("calculer_delai", delai, "depot"),
        ("calculer_echeances", echeances, "decision"),
    ):
        resultat = traiter(commande, cas)
        if "erreur" in resultat:
            assert resultat["erreur"]["champ"] == champ and "9999" in resultat["erreur"]["message"]


def test_chaque_alerte_a_sa_phrase() -> None:
    assert set(LIBELLES_ALERTES) == set(Alerte)
    assert all(x.endswith(".") and x[0].isupper() for x in LIBELLES_ALERTES.values())
