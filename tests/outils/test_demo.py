"""What decides to remake the commune, to refuse a port, to say why a server does not start."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pytest

from outils import demo
from tests.outils.conftest import port_libre


def faire_demo(tmp_path: Path, port: int = 8000) -> demo.Demo:
    d = demo.Demo(port, 60, tmp_path)
    d.dossier.mkdir(parents=True)
    return d


def test_la_commune_de_moins_d_un_jour_est_reprise(tmp_path, monkeypatch):
    d = faire_demo(tmp_path)
    assert not d.commune_fraiche()
    maintenant = time.time()
    for age, fraiche in ((0, True), (24 * 3600 - 60, True), (24 * 3600 + 60, False), (-3600, False)):
        d.marque.write_text(json.dumps({"instant": maintenant - age, "identite": d.identite()}))
        assert d.commune_fraiche() is fraiche, age
    d.marque.write_text(json.dumps({"instant": maintenant, "identite": d.identite()}))
    monkeypatch.setenv("DATABASE_URL", "postgis://autre.invalid/base")
    assert not d.commune_fraiche(), "another database holds no commune yet"


def test_une_marque_abimee_ne_bloque_rien(tmp_path):
    d = faire_demo(tmp_path)
    d.marque.write_text("{")
    assert not d.commune_fraiche()


def test_un_port_pris_est_dit_avec_le_remede(tmp_path):
    with socket.socket() as occupe:
        occupe.bind(("127.0.0.1", 0))
        occupe.listen()
        port = occupe.getsockname()[1]
        with pytest.raises(demo.Echec, match=f"Le port {port} n'est pas libre.*PORT={port + 1}"):
            faire_demo(tmp_path, port).verifier_port()


def test_un_serveur_qui_ne_demarre_pas_montre_son_journal(tmp_path):
    d = faire_demo(tmp_path, port_libre())
    for dossier in (d.run, d.journal.parent):
        dossier.mkdir(parents=True)
    with pytest.raises(demo.Echec, match=r"ne démarre pas[\s\S]*config"):
        d.demarrer()
    assert not (d.run / "web.pid").exists()
