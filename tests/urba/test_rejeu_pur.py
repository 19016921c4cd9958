"""Properties of the replay itself, without a database: hundreds of histories (spec §18.2).

``recalculer`` is what the engine stores: what holds here holds for every stored dossier, the few examples of
``test_rejeu_urba`` showing that the services store it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mairie.workflow.modele import Fait, Situation
from urba.instruction.lecture import Contexte
from urba.regles.tables_delais import CODES_MAJORATIONS
from urba.regles.types import Nature
from urba.workflow import INSTRUCTION_URBA

DEPOT = date(2026, 3, 2)
JOUR = date(2027, 6, 1)
SAISI = datetime(2026, 6, 1, 8, tzinfo=UTC)
TYPES = {"PCMI": "PCMI", "PC": "PC", "PA": "PA", "PD": "PD", "DPMI": "DP", "CUB": "CUB"}
CODES = sorted(c for c in CODES_MAJORATIONS if c != "ENQUETE_PUBLIQUE")
Ecrit = tuple[str, int, dict[str, Any]]

# Letters and opinions of the first months, in any number, on days that never meet: (days, what).
MAJORATION = st.builds(
    lambda code, fondee: ("notification_majoration", {"majorations": [{"code": code, "fondee": fondee}]}),
    st.sampled_from(CODES),
    st.booleans(),
)
PROLONGATION = st.builds(
    lambda code: ("notification_prolongation", {"code": code}), st.sampled_from(["ABF_RECOURS", "EVOCATION"])
)
AVIS = st.builds(
    lambda sens, accord: ("avis_recu", {"service": "ABF", "sens": sens, "accord": accord}),
    st.sampled_from(["favorable", "prescriptions", "defavorable"]),
    st.booleans(),
)
CONSULTATION = st.just(("consulter", {"service": "ABF"}))
ACTES = st.one_of(MAJORATION, PROLONGATION, AVIS, CONSULTATION)
# From the first day after the qualification to the last before the report.
HISTOIRES = st.lists(st.tuples(st.integers(3, 70), ACTES), max_size=7, unique_by=lambda x: x[0])
QUALIFICATIONS = st.lists(st.sampled_from(CODES), max_size=2, unique=True)
FINS = st.sampled_from([0, 2, 3, 4])


def ecrire(
    type_detail: str, declarees: list[str], histoire: list[tuple[int, tuple[str, dict[str, Any]]]], fin: int
) -> list[Ecrit]:
    """Events of a request, by day: deposit, qualification, letters, and as much of the decision as asked."""
    lignes: list[Ecrit] = [
        ("depot", 0, {"type_detail": type_detail}),
        (
            "qualification",
            2,
            {"type_detail": type_detail, "majorations": [{"code": c, "fondee": True} for c in declarees]},
        ),
    ]
    lignes += [(nom, jour, donnees) for jour, (nom, donnees) in histoire]
    decision: list[Ecrit] = [
        ("rapport_pret", 71, {}),
        ("finaliser_decision", 72, {"sens": "accord", "motifs": "", "prescriptions": ""}),
        ("signature", 73, {}),
        ("notification_decision", 75, {}),
    ]
    return lignes + decision[:fin]


def faits(lignes: list[Ecrit], ordre: list[int] | None = None) -> list[Fait]:
    """The log as the replay reads it: by day then by key; ``ordre``: keys in the order of entry."""
    cles = ordre or list(range(1, len(lignes) + 1))
    suite = [
        Fait(cle, nom, DEPOT + timedelta(jour), SAISI, donnees)
        for cle, (nom, jour, donnees) in zip(cles, lignes, strict=True)
    ]
    return sorted(suite, key=lambda f: (f.date_effet, f.id))


def rejouer(lignes: list[Fait], jour: date = JOUR, nature: str = Nature.INITIAL) -> Situation:
    """What the engine would store on a day."""
    return INSTRUCTION_URBA.recalculer(INSTRUCTION_URBA, lignes, Contexte(nature), jour)


def garde(situation: Situation) -> tuple[Any, ...]:
    """All that is kept: state, dates, figures, explanation."""
    return situation.etat, dict(situation.dates), dict(situation.calculs), situation.explication


@given(st.sampled_from(sorted(TYPES)), QUALIFICATIONS, HISTOIRES, FINS, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_l_ordre_de_saisie_est_indifferent(type_detail, declarees, histoire, fin, hasard):
    lignes = ecrire(type_detail, declarees, histoire, fin)
    cles = list(range(1, len(lignes) + 1))
    hasard.shuffle(cles)
    assert garde(rejouer(faits(lignes, cles))) == garde(rejouer(faits(lignes)))


@given(
    st.sampled_from(["PCMI", "PC", "PA", "PD", "DPMI"]),
    QUALIFICATIONS,
    HISTOIRES,
    st.integers(3, 70),
    MAJORATION,
    st.booleans(),
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_une_majoration_de_plus_n_abrege_jamais(type_detail, declarees, histoire, jour, lettre, modificatif):
    nature = Nature.MODIFICATIF if modificatif and type_detail in ("PCMI", "PC", "PA") else Nature.INITIAL
    # Said again of a reason already declared, « founded » or not is weighed anew: that is no addition.
    [ajoutee] = lettre[1]["majorations"]
    declarees = [c for c in declarees if c != ajoutee["code"]]
    sans = [x for x in histoire if x[0] != jour and ajoutee["code"] not in str(x[1][1])]
    avant = rejouer(faits(ecrire(type_detail, declarees, sans, 0)), nature=nature)
    apres = rejouer(faits(ecrire(type_detail, declarees, [*sans, (jour, lettre)], 0)), nature=nature)
    assert apres.calculs["delai_mois"] >= avant.calculs["delai_mois"]
    for cle in ("date_limite", "date_limite_notifiee"):
        assert (apres.dates[cle] is None) == (avant.dates[cle] is None)
        if avant.dates[cle] is not None:
            assert apres.dates[cle] >= avant.dates[cle]


@given(st.sampled_from(sorted(TYPES)), QUALIFICATIONS, HISTOIRES, FINS, st.data())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_annuler_rend_la_situation_d_avant(type_detail, declarees, histoire, fin, data):
    lignes = faits(ecrire(type_detail, declarees, histoire, fin))
    saisies = sorted(lignes, key=lambda f: f.id)
    avant = [f for f in lignes if f.id != saisies[-1].id]
    # The replay skips a struck row: without it, it is as if it had never been entered.
    sans = rejouer([f for f in lignes if f is not saisies[-1]])
    assert garde(sans) == garde(rejouer(avant))
    # And entered again, under a later key, it gives back what it gave.
    remis = sorted([*avant, replace(saisies[-1], id=saisies[-1].id + 10)], key=lambda f: (f.date_effet, f.id))
    assert garde(rejouer(remis)) == garde(rejouer(lignes))


@given(st.sampled_from(sorted(TYPES)), QUALIFICATIONS, HISTOIRES, FINS, st.integers(0, 80))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_un_evenement_a_venir_attend_son_jour(type_detail, declarees, histoire, fin, jours):
    lignes = faits(ecrire(type_detail, declarees, histoire, fin))
    jour = DEPOT + timedelta(jours)
    passes = [f for f in lignes if f.date_effet <= jour]
    assert garde(rejouer(lignes, jour)) == garde(rejouer(passes, jour))


@given(st.sampled_from(sorted(TYPES)), QUALIFICATIONS, HISTOIRES, FINS, st.integers(0, 400))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_le_jour_de_la_lecture_ne_change_aucune_date_de_la_loi(type_detail, declarees, histoire, fin, jours):
    lignes = faits(ecrire(type_detail, declarees, histoire, fin))
    un, deux = rejouer(lignes, JOUR), rejouer(lignes, JOUR + timedelta(jours))
    delai = ("date_depot", "date_completude", "date_limite", "date_limite_notifiee", "fin_fenetre_un_mois")
    assert [un.dates[c] for c in delai] == [deux.dates[c] for c in delai]
    assert un.dates["date_decision_implicite"] == deux.dates["date_decision_implicite"]
    # A date is never before the deposit; silence speaks the day after the limit.
    assert all(le is None or le >= DEPOT for le in un.dates.values() if isinstance(le, date))
    if (limite := un.dates["date_limite"]) and (nee := un.dates["date_decision_implicite"]):
        assert nee == limite + timedelta(1)
