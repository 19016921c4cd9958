"""Legal clocks: silence on a request, works, calendar; month ends, suspensions, both sides of each term."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domainepublic.regles.echeances import DemandePieces, terme_du_silence
from domainepublic.regles.tables.delais import DELAIS, valeur
from tests.appels import champ_en_erreur, un


def demande(*pieces, **faits):
    entree = {"objet": "demande_occupation", "recue_le": "2026-01-15", **faits}
    return un("echeances_odp", {**entree, "demandes_pieces": list(pieces)})


def pieces(notifiee_le, **faits):
    return {"notifiee_le": notifiee_le, **faits}


@pytest.mark.parametrize(
    ("recue", "terme"),
    [
        ("2026-01-15", "2026-03-15"),
        ("2025-12-31", "2026-02-28"),
        ("2023-12-30", "2024-02-29"),
        ("2026-07-31", "2026-09-30"),
        ("2026-02-28", "2026-04-28"),
        ("2026-11-01", "2027-01-01"),
    ],
)
def test_deux_mois_de_quantieme_a_quantieme(recue, terme):
    assert demande(recue_le=recue)["terme"] == terme


@pytest.mark.parametrize(
    ("a_la_date", "etat", "restants"),
    [
        (None, None, None),
        ("2026-01-01", "en_cours", 73),
        ("2026-03-14", "en_cours", 1),
        ("2026-03-15", "en_cours", 0),
        ("2026-03-16", "refus_implicite", None),
    ],
)
def test_etat_a_une_date(a_la_date, etat, restants):
    reponse = demande(a_la_date=a_la_date)
    assert (reponse["etat"], reponse["jours_restants"]) == (etat, restants)


@pytest.mark.parametrize(
    ("decision", "etat"),
    [("2026-01-15", "decidee"), ("2026-03-15", "decidee"), ("2026-03-16", "decision_tardive")],
)
def test_une_decision_prime_la_date_du_jour(decision, etat):
    reponse = demande(decision_le=decision, a_la_date="2030-01-01")
    assert (reponse["etat"], reponse["jours_restants"]) == (etat, None)


@pytest.mark.parametrize(
    ("piece", "jours"),
    [
        (pieces("2026-01-25", delai_jours=30), 30),
        (pieces("2026-01-25", delai_jours=30, produites_le="2026-02-04"), 10),
        (pieces("2026-01-25", delai_jours=30, produites_le="2026-03-04"), 30),
        (pieces("2026-01-25", delai_jours=30, produites_le="2026-01-25"), 0),
        (pieces("2026-01-25", date_limite="2026-01-25"), 0),
        (pieces("2026-01-25", date_limite="2026-02-01", delai_jours="?"), 7),
        (pieces("2026-01-15", date_limite="2026-01-16"), 1),
    ],
)
def test_suspension_par_une_demande(piece, jours):
    reponse = demande(piece)
    assert reponse["suspension_jours"] == jours
    assert reponse["terme"] == (date(2026, 3, 15) + timedelta(days=jours)).isoformat()


def test_les_jours_communs_a_deux_demandes_comptent_une_fois():
    a = pieces("2026-02-01", date_limite="2026-02-11")
    assert demande(a, pieces("2026-02-05", date_limite="2026-02-08"))["suspension_jours"] == 10
    assert demande(a, pieces("2026-02-05", date_limite="2026-02-15"))["suspension_jours"] == 14
    assert demande(a, pieces("2026-02-11", date_limite="2026-02-15"))["suspension_jours"] == 14
    assert demande(a, pieces("2026-02-13", date_limite="2026-02-15"))["suspension_jours"] == 12


def test_demande_notifiee_apres_le_terme_du_moment():
    sur_le_terme = demande(pieces("2026-03-15", delai_jours=5))
    assert (sur_le_terme["terme"], sur_le_terme["demandes_sans_effet"]) == ("2026-03-20", [])
    apres = demande(pieces("2026-03-16", delai_jours=5))
    assert (apres["terme"], apres["demandes_sans_effet"]) == ("2026-03-15", [0])
    repousse = demande(pieces("2026-03-01", delai_jours=5), pieces("2026-03-20", delai_jours=5))
    assert (repousse["terme"], repousse["demandes_sans_effet"]) == ("2026-03-25", [])


def test_demandes_prises_dans_l_ordre_de_notification():
    reponse = demande(pieces("2026-03-18", delai_jours=5), pieces("2026-03-10", delai_jours=5))
    assert (reponse["terme"], reponse["demandes_sans_effet"]) == ("2026-03-25", [])
    tardives = demande(pieces("2026-05-02", delai_jours=1), pieces("2026-05-01", delai_jours=1))
    assert tardives["demandes_sans_effet"] == [1, 0]


jours = st.integers(0, 120)


@given(st.lists(st.tuples(jours, st.integers(0, 40)), max_size=5))
def test_la_suspension_est_le_nombre_de_jours_couverts(demandes):
    """Against a count day by day, request after request."""
    recue = date(2026, 1, 15)
    liste = [
        DemandePieces(rang, recue + timedelta(days=debut), recue + timedelta(days=debut + duree))
        for rang, (debut, duree) in enumerate(demandes)
    ]
    couverts: set[date] = set()
    for une in sorted(liste, key=lambda une: une.notifiee_le):
        if une.notifiee_le <= date(2026, 3, 15) + timedelta(days=len(couverts)):
            couverts |= {
                une.notifiee_le + timedelta(days=n) for n in range((une.reprise_le - une.notifiee_le).days)
            }
    silence = terme_du_silence(recue, liste)
    assert silence.suspension_jours == len(couverts)
    assert silence.terme == date(2026, 3, 15) + timedelta(days=len(couverts))


@pytest.mark.parametrize(
    ("faits", "attendu"),
    [
        ({"objet": None}, "objet"),
        ({"objet": "autre"}, "objet"),
        ({"recue_le": None}, "recue_le"),
        ({"demandes_pieces": {}}, "demandes_pieces"),
        ({"demandes_pieces": [3]}, "demandes_pieces[0]"),
        ({"demandes_pieces": [{}]}, "demandes_pieces[0].notifiee_le"),
        ({"demandes_pieces": [pieces("2026-01-14", delai_jours=1)]}, "demandes_pieces[0].notifiee_le"),
        (
            {"demandes_pieces": [pieces("2026-01-20", date_limite="2026-01-19")]},
            "demandes_pieces[0].date_limite",
        ),
        ({"demandes_pieces": [pieces("2026-01-20")]}, "demandes_pieces[0].delai_jours"),
        ({"demandes_pieces": [pieces("2026-01-20", delai_jours=0)]}, "demandes_pieces[0].delai_jours"),
        (
            {"demandes_pieces": [pieces("2026-01-20", delai_jours=1, produites_le="2026-01-19")]},
            "demandes_pieces[0].produites_le",
        ),
        ({"decision_le": "2026-01-14"}, "decision_le"),
        ({"a_la_date": "demain"}, "a_la_date"),
    ],
)
def test_saisie_d_une_demande(faits, attendu):
    entree = {"objet": "demande_occupation", "recue_le": "2026-01-15", **faits}
    assert champ_en_erreur("echeances_odp", entree) == attendu


def test_dates_du_bout_du_calendrier():
    assert (
        champ_en_erreur(
            "echeances_odp", {"objet": "travaux", "deposee_le": "9999-12-31", "debut_demande": "9999-12-31"}
        )
        == "objet"
    )


# --- works -----------------------------------------------------------------------------------------


def travaux(**faits):
    entree = {"objet": "travaux", "deposee_le": "2026-02-10", "debut_demande": "2026-05-04", **faits}
    reponse = un("echeances_odp", entree)
    assert "erreur" not in reponse, reponse
    assert list(reponse) == [
        "regime",
        "reponse_avant",
        "acceptation_tacite",
        "decision_tardive",
        "debut_autorise",
        "information_maire_avant",
    ]
    return reponse


def champ_travaux(**faits):
    entree = {"objet": "travaux", "deposee_le": "2026-02-10", "debut_demande": "2026-05-04", **faits}
    return champ_en_erreur("echeances_odp", entree)


def test_travaux_urgents():
    assert travaux(urgence=True, intervention_le="2024-02-28T23:59", deposee_le="?") == {
        "regime": "urgence",
        "reponse_avant": None,
        "acceptation_tacite": False,
        "decision_tardive": False,
        "debut_autorise": "2024-02-28",
        "information_maire_avant": "2024-02-29T23:59",
    }


@pytest.mark.parametrize(
    "instant",
    [
        None,
        "2026-03-01",
        "2026-03-01T24:00",
        "2026-03-01T12:60",
        "2026-02-29T12:00",
        "2026-03-01 12:00",
        "2026-03-01T12:00:00",
        3,
    ],
)
def test_instant_d_une_urgence(instant):
    assert champ_travaux(urgence=True, intervention_le=instant) == "intervention_le"


def test_travaux_au_calendrier():
    reponse = travaux(au_calendrier=True, deposee_le="?")
    assert (reponse["regime"], reponse["debut_autorise"], reponse["reponse_avant"]) == (
        "calendrier",
        "2026-05-04",
        None,
    )
    assert champ_travaux(au_calendrier=True, debut_demande=None) == "debut_demande"


@pytest.mark.parametrize(
    ("debut", "attendu"),
    [
        ("2026-03-02", "2026-04-11"),
        ("2026-04-10", "2026-04-11"),
        ("2026-04-11", "2026-04-11"),
        ("2026-04-12", "2026-04-12"),
    ],
)
def test_acceptation_tacite(debut, attendu):
    reponse = travaux(debut_demande=debut)
    assert (reponse["acceptation_tacite"], reponse["debut_autorise"]) == (True, attendu)


@pytest.mark.parametrize(("jour", "tacite"), [("2026-04-10", False), ("2026-04-11", True)])
def test_encore_en_attente_a_une_date(jour, tacite):
    reponse = travaux(a_la_date=jour)
    assert reponse["acceptation_tacite"] is tacite
    assert reponse["debut_autorise"] == ("2026-05-04" if tacite else None)
    assert reponse["reponse_avant"] == "2026-04-10"


@pytest.mark.parametrize(
    ("decision", "debut", "tardive"),
    [
        ({"date": "2026-02-10", "sens": "accord"}, "2026-05-04", False),
        ({"date": "2026-04-10", "sens": "accord", "motif": 3, "debut": "?"}, "2026-05-04", False),
        ({"date": "2026-04-11", "sens": "accord"}, "2026-05-04", True),
        (
            {"date": "2026-04-10", "sens": "report", "motif": "marché", "debut": "2026-06-01"},
            "2026-06-01",
            False,
        ),
        (
            {"date": "2026-04-11", "sens": "report", "motif": "marché", "debut": "2026-06-01"},
            "2026-05-04",
            True,
        ),
    ],
)
def test_decision_expresse(decision, debut, tardive):
    reponse = travaux(decision=decision, a_la_date="2026-03-01")
    assert reponse["debut_autorise"] == debut
    assert reponse["decision_tardive"] is tardive
    assert reponse["acceptation_tacite"] is tardive


def test_jamais_avant_la_decision():
    accord = {"date": "2026-04-01", "sens": "accord"}
    assert travaux(debut_demande="2026-03-02", decision=accord)["debut_autorise"] == "2026-04-01"
    report = {"date": "2026-04-01", "sens": "report", "motif": "m", "debut": "2026-03-15"}
    assert travaux(debut_demande="2026-03-02", decision=report)["debut_autorise"] == "2026-04-01"


@pytest.mark.parametrize(
    ("faits", "attendu"),
    [
        ({"urgence": "oui"}, "urgence"),
        ({"au_calendrier": 1}, "au_calendrier"),
        ({"deposee_le": None}, "deposee_le"),
        ({"debut_demande": None}, "debut_demande"),
        ({"decision": 3}, "decision"),
        ({"decision": {"sens": "accord"}}, "decision.date"),
        ({"decision": {"date": "2026-02-09", "sens": "accord"}}, "decision.date"),
        ({"decision": {"date": "2026-02-10"}}, "decision.sens"),
        ({"decision": {"date": "2026-02-10", "sens": "refus"}}, "decision.sens"),
        ({"decision": {"date": "2026-02-10", "sens": "report", "debut": "2026-06-01"}}, "decision.motif"),
        ({"decision": {"date": "2026-05-10", "sens": "report", "debut": "2026-06-01"}}, "decision.motif"),
        ({"decision": {"date": "2026-02-10", "sens": "report", "motif": "m"}}, "decision.debut"),
        (
            {"decision": {"date": "2026-02-10", "sens": "report", "motif": "m", "debut": "2026-05-04"}},
            "decision.debut",
        ),
        ({"a_la_date": "?"}, "a_la_date"),
    ],
)
def test_saisie_de_travaux(faits, attendu):
    assert champ_travaux(**faits) == attendu


# --- calendar --------------------------------------------------------------------------------------


def calendrier(**faits):
    return un("echeances_odp", {"objet": "inscription_calendrier", "debut_demande": "2026-09-01", **faits})


@pytest.mark.parametrize(
    ("pose", "recent", "trois_ans"),
    [
        ("2023-09-01", False, "2026-09-01"),
        ("2023-09-02", True, "2026-09-02"),
        ("2026-09-01", True, "2029-09-01"),
        ("2026-09-02", False, "2029-09-02"),
        ("2024-02-29", True, "2027-02-28"),
        (None, False, None),
    ],
)
def test_revetement_de_moins_de_trois_ans(pose, recent, trois_ans):
    decision = {"sens": "refus", "motif": "chantier voisin"}
    assert calendrier(revetement_pose_le=pose, decision=decision) == {
        "revetement_recent": recent,
        "motivation_requise": not recent,
        "trois_ans_le": trois_ans,
    }


def test_un_refus_est_motive_sauf_revetement_recent():
    refus = {"objet": "inscription_calendrier", "debut_demande": "2026-09-01", "decision": {"sens": "refus"}}
    assert champ_en_erreur("echeances_odp", refus) == "decision.motif"
    assert champ_en_erreur("echeances_odp", {**refus, "revetement_pose_le": "2023-09-01"}) == "decision.motif"
    assert champ_en_erreur("echeances_odp", {**refus, "revetement_pose_le": "2023-09-02"}) is None
    assert calendrier(decision={"sens": "inscription"})["motivation_requise"] is False


@pytest.mark.parametrize(
    ("faits", "attendu"),
    [
        ({"debut_demande": None}, "debut_demande"),
        ({"revetement_pose_le": "?"}, "revetement_pose_le"),
        ({}, "decision"),
        ({"decision": {}}, "decision.sens"),
        ({"decision": {"sens": "accord"}}, "decision.sens"),
    ],
)
def test_saisie_d_une_inscription(faits, attendu):
    entree = {"objet": "inscription_calendrier", "debut_demande": "2026-09-01", **faits}
    assert champ_en_erreur("echeances_odp", entree) == attendu


# --- parameters ------------------------------------------------------------


def test_chaque_delai_a_sa_source_et_les_douteux_sont_inactifs():
    assert {code for code, delai in DELAIS.items() if delai.a_confirmer} == {
        "dt",
        "dt_papier",
        "dict",
        "dict_papier",
    }
    for code, delai in DELAIS.items():
        assert delai.texte_reference and delai.libelle
        if delai.a_confirmer:
            with pytest.raises(LookupError):
                valeur(code)
        else:
            assert valeur(code) > 0
