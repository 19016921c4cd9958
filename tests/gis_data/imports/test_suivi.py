"""Runs, progress, reconciliation, fault points."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import OperationalError

from gis_data.imports.bassin import RACINE
from gis_data.imports.pannes import VARIABLE
from gis_data.imports.progression import Progression
from gis_data.imports.rapport import ecarts
from gis_data.imports.travail import Suivi
from gis_data.models import ImportTravail


@dataclass
class Constat:
    type: str
    identifiant: str
    ecrit: bool


# -- reconciliation ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lus", "ecrits", "constats", "voulu"),
    [
        ({"A": 2}, {"A": 2}, [], {}),
        ({"A": 2}, {"A": 1}, [], {"A": 1}),
        ({"A": 2}, {"A": 1}, [Constat("A", "x", False)], {}),
        ({"A": 2}, {"A": 1}, [Constat("A", "x", True)], {"A": 1}),
        ({"A": 2}, {"A": 1}, [Constat("B", "x", False)], {"A": 1}),
        ({"A": 2}, {"A": 1}, [Constat("A", "x", False), Constat("A", "x", False)], {}),
        ({"A": 3}, {"A": 1}, [Constat("A", "x", False), Constat("A", "x", False)], {"A": 1}),
        ({"A": 1}, {"A": 2}, [], {"A": -1}),
        ({}, {"A": 1}, [], {"A": -1}),
        ({"A": 1}, {}, [Constat("A", "x", False)], {}),
    ],
)
def test_lu_egale_ecrit_plus_anomalies(lus, ecrits, constats, voulu):
    assert ecarts(lus, ecrits, constats) == voulu


# -- progress ------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_hors_d_un_terminal_une_ligne_de_temps_en_temps():
    flux = io.StringIO()
    with Progression(flux, 3, "Feuilles", intervalle_s=0) as progression:
        progression.avancer()
        progression.dire("une mauvaise nouvelle")
        progression.avancer(2)
    assert flux.getvalue().splitlines() == [
        "Feuilles : 1 sur 3",
        "une mauvaise nouvelle",
        "Feuilles : 3 sur 3",
    ]


def test_rien_avant_cinq_secondes():
    flux = io.StringIO()
    with Progression(flux, 3, "Feuilles") as progression:
        progression.avancer(3)
    assert flux.getvalue() == ""


def test_sur_un_terminal_une_barre():
    flux = Terminal()
    with Progression(flux, 3, "Feuilles") as progression:
        progression.dire("[dire] tel quel")
        progression.avancer(5)
        assert progression.total == 5
    assert "[dire] tel quel" in flux.getvalue()
    assert "5/5" in flux.getvalue()


# -- runs ----------------------------------------------------------------------------------------


def test_la_vie_d_un_passage(db, settings):
    settings.IMPORT_BATTEMENT_S = 0
    suivi = Suivi("essai", {"a": 1})
    travail = ImportTravail.objects.get()
    assert (travail.etat, travail.options, travail.fin) == ("en_cours", {"a": 1}, None)
    suivi.battre(3, 7)
    battu = ImportTravail.objects.get()
    assert battu.battement > travail.battement
    assert battu.totaux == {"faites": 3, "total": 7}
    suivi.terminer({"n": 2}, {"tout": True})
    fini = ImportTravail.objects.get()
    assert (fini.etat, fini.totaux, fini.rapport) == ("termine", {"n": 2}, {"tout": True})
    assert fini.fin is not None


def test_il_ne_bat_pas_plus_souvent_qu_utile(db, settings, django_assert_num_queries):
    settings.IMPORT_BATTEMENT_S = 60
    suivi = Suivi("essai", {})
    with django_assert_num_queries(0):
        suivi.battre(1, 2)


def test_un_passage_interrompu(db):
    suivi = Suivi("essai", {})
    suivi.interrompre({}, {"fait": 1})
    assert ImportTravail.objects.get().etat == "interrompu"
    assert ImportTravail.objects.get().rapport == {"fait": 1}


def test_un_battement_qui_echoue_ne_leve_rien(db, caplog):
    def echouer() -> Any:
        raise OperationalError("partie")

    suivi = Suivi("essai", {})
    from django.db import connection

    fermer, connection.close = connection.close, lambda: None  # the test's own transaction must live on
    try:
        assert suivi.tenter(echouer) is False
    finally:
        connection.close = fermer
    assert "partie" in caplog.text


# -- fault points --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("demande", "passages", "code"),
    [("ici", 1, -9), ("ici:2", 1, 0), ("ici:2", 2, -9), ("ailleurs", 5, 0), ("", 5, 0)],
)
def test_point_de_panne(demande, passages, code):
    fin = subprocess.run(
        [
            sys.executable,
            "-c",
            "from gis_data.imports.pannes import point_de_panne\n"
            f"for _ in range({passages}): point_de_panne('ici')",
        ],
        cwd=RACINE,
        env={**os.environ, VARIABLE: demande},
        check=False,
    )
    assert fin.returncode == code
