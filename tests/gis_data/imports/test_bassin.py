"""The pool: work shared out, crashes that cost one task, nothing left running."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from gis_data.imports.bassin import RACINE, Bassin, Evenement, Issue
from gis_data.imports.pannes import VARIABLE

FABRIQUE = "tests.gis_data.imports.fabriques:Jouet"


def executer(taches: list[str], nombre: int = 2, **options) -> list[Evenement]:
    return list(Bassin(FABRIQUE, "réglage", nombre).executer(taches, lambda: None, **options))


def par_issue(evenements: list[Evenement], issue: Issue) -> dict[int, object]:
    return {e.numero: e.valeur for e in evenements if e.issue is issue}


def test_chaque_tache_est_faite_une_fois_par_des_processus_a_part():
    evenements = executer([f"mot{i}" for i in range(9)])
    partiels = par_issue(evenements, Issue.PARTIEL)
    assert {n: v[1] for n, v in partiels.items()} == {i: f"mot{i}" for i in range(9)}
    assert {v[0] for v in partiels.values()} == {"réglage"}
    assert os.getpid() not in {v[2] for v in partiels.values()}
    assert {v[3] for v in partiels.values()} == {os.getpid()}
    assert sorted(par_issue(evenements, Issue.FINI)) == list(range(9))


def test_deux_taches_vont_a_deux_processus():
    partiels = par_issue(executer(["attendre:0.3", "attendre:0.3"]), Issue.PARTIEL)
    assert len({v[2] for v in partiels.values()}) == 2


def test_une_tache_donne_plusieurs_resultats():
    valeurs = [e.valeur for e in executer(["plusieurs:3"]) if e.issue is Issue.PARTIEL]
    assert valeurs == [0, 1, 2]


def test_une_exception_ne_coute_que_sa_tache():
    evenements = executer(["a", "lever:quelque chose", "b"], nombre=1)
    assert sorted(par_issue(evenements, Issue.FINI)) == [0, 2]
    assert "ValueError: quelque chose" in str(par_issue(evenements, Issue.ERREUR)[1])


def test_un_processus_tue_ne_coute_que_sa_tache():
    evenements = executer(["a", "mourir", "b", "c", "mourir", "d"], nombre=1)
    assert par_issue(evenements, Issue.MORT) == {1: -9, 4: -9}
    assert sorted(par_issue(evenements, Issue.FINI)) == [0, 2, 3, 5]


def test_tous_meurent_et_le_bassin_finit_quand_meme():
    assert sorted(par_issue(executer(["mourir"] * 5), Issue.MORT)) == list(range(5))


def test_une_erreur_fatale_est_dite_avec_son_message():
    assert par_issue(executer(["fatal:plus de base"], nombre=1), Issue.FATAL) == {0: "plus de base"}


def test_de_gros_messages_dans_les_deux_sens_ne_bloquent_pas():
    taches = ["gros:3000000" + " " * 3_000_000 for _ in range(6)]
    evenements = executer(taches, nombre=1)
    assert [len(str(v)) for v in par_issue(evenements, Issue.PARTIEL).values()] == [3_000_000] * 6


def test_au_plus_deux_taches_par_ouvrier_sont_prises_d_avance():
    prises = []

    def taches() -> Iterator[str]:
        for i in range(20):
            prises.append(i)
            yield "attendre:0.01"

    vues = 0
    for evenement in Bassin(FABRIQUE, None, 2).executer(taches(), lambda: None):
        if evenement.issue is Issue.FINI:
            vues += 1
        assert len(prises) <= vues + 2 * 2 + 1
    assert vues == 20


def test_le_battement_est_appele_meme_quand_rien_ne_vient():
    battements = []
    list(Bassin(FABRIQUE, None, 1).executer(["attendre:0.5"], lambda: battements.append(1), intervalle_s=0.1))
    assert len(battements) >= 3


def test_arrete_en_route_il_ne_laisse_aucun_processus():
    bassin = Bassin(FABRIQUE, None, 2)
    suite = bassin.executer([f"mot{i}" for i in range(50)], lambda: None)
    pids = {next(suite).valeur[2]}
    suite.close()
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_le_parent_tue_les_ouvriers_s_arretent():
    code = (
        "from gis_data.imports.bassin import Bassin\n"
        f"for e in Bassin({FABRIQUE!r}, None, 1).executer(['a'] * 1000, lambda: None):\n"
        "    if e.valeur: print(e.valeur[2], flush=True)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=RACINE, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    ouvrier = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    fin = time.monotonic() + 10
    while time.monotonic() < fin:
        try:
            os.kill(ouvrier, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail("l'ouvrier tourne encore")


def test_l_ouvrier_qui_remplace_un_mort_n_a_plus_de_point_de_panne(monkeypatch):
    monkeypatch.setenv(VARIABLE, "jamais:1")
    evenements = executer(["mourir", "a"], nombre=1)
    assert par_issue(evenements, Issue.MORT) == {0: -9}
    assert par_issue(evenements, Issue.FINI) == {1: None}
