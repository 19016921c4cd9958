"""Debian packages: what is missing is installed when allowed, otherwise named in one line."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parent.parent.parent / "outils" / "paquets.sh"


class FausseMachine:
    """A PATH of our own: a package base to fill, an apt-get that writes down what it is asked."""

    def __init__(self, dossier: Path) -> None:
        self.bin = dossier / "bin"
        self.bin.mkdir()
        self.appels = dossier / "appels"
        self.installes = dossier / "installes"
        self.installes.touch()
        for vrai in ("sh", "cat", "rm", "mktemp", "tail"):
            chemin = shutil.which(vrai)
            assert chemin
            (self.bin / vrai).symlink_to(chemin)
        self.programme("dpkg-query", f"cat {self.installes}")
        self.programme("apt-get", f'echo "apt-get $*" >> {self.appels}')
        self.utilisateur(0)

    def programme(self, nom: str, corps: str) -> None:
        chemin = self.bin / nom
        chemin.write_text(f"#!/bin/sh\n{corps}\n")
        chemin.chmod(chemin.stat().st_mode | stat.S_IXUSR)

    def utilisateur(self, uid: int) -> None:
        self.programme("id", f"echo {uid}")

    def lancer(self, *groupes: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["/bin/sh", SCRIPT, *groupes],
            env={"PATH": str(self.bin), **env},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def demandes(self) -> str:
        return self.appels.read_text() if self.appels.exists() else ""


@pytest.fixture
def machine(tmp_path):
    return FausseMachine(tmp_path)


def test_root_installe_ce_qui_manque_et_rien_d_autre(machine):
    machine.installes.write_text("installed chromium\nconfig-files poppler-utils\n")
    r = machine.lancer("tests")
    assert r.returncode == 0, r.stderr
    assert machine.demandes() == "apt-get install -y --no-install-recommends poppler-utils gdal-bin nginx\n"


def test_rien_ne_manque_rien_n_est_fait(machine):
    machine.installes.write_text(
        "installed chromium\ninstalled poppler-utils\ninstalled gdal-bin\ninstalled nginx\n"
    )
    r = machine.lancer("tests")
    assert (r.returncode, r.stdout, r.stderr, machine.demandes()) == (0, "", "", "")


def test_les_listes_sont_rafraichies_quand_apt_ne_trouve_pas(machine):
    frais = machine.bin / "frais"
    machine.programme(
        "apt-get", f'echo "apt-get $1" >> {machine.appels}; [ "$1" = update ] && : > {frais}; [ -e {frais} ]'
    )
    r = machine.lancer("tests")
    assert r.returncode == 0, r.stderr
    assert machine.demandes().split("\n") == ["apt-get install", "apt-get update", "apt-get install", ""]


def test_sans_root_ni_sudo_la_ligne_exacte_est_dite(machine):
    machine.utilisateur(1000)
    r = machine.lancer("postgis")
    assert r.returncode == 1
    assert machine.demandes() == ""
    ligne = next(x for x in r.stderr.split("\n") if "apt-get" in x).strip()
    assert ligne == (
        "sudo apt-get update && sudo apt-get install -y --no-install-recommends "
        "postgresql-15 postgresql-15-postgis-3 util-linux"
    )


def test_sudo_sans_mot_de_passe_suffit(machine):
    machine.utilisateur(1000)
    machine.programme("sudo", f'[ "$1" = -n ] && exit 0; echo "sudo $*" >> {machine.appels}')
    r = machine.lancer("tests")
    assert r.returncode == 0, r.stderr
    assert machine.demandes().startswith("sudo apt-get install -y")


def test_apt_en_echec_montre_sa_raison_et_la_ligne(machine):
    machine.programme("apt-get", "echo 'E: Unable to locate package chromium' >&2; exit 100")
    r = machine.lancer("tests")
    assert r.returncode == 1
    assert "E: Unable to locate package chromium" in r.stderr
    assert "apt-get install -y --no-install-recommends chromium poppler-utils gdal-bin" in r.stderr


def test_un_serveur_donne_dispense_du_serveur_local(machine):
    assert machine.lancer("postgis", DATABASE_URL="postgis://u@serveur.invalid/b").returncode == 0
    assert machine.demandes() == ""


def test_hors_debian_rien_n_est_tente(machine):
    (machine.bin / "dpkg-query").unlink()
    r = machine.lancer("tests")
    assert r.returncode == 0
    assert "chromium" in r.stderr
    assert machine.demandes() == ""


def test_groupe_inconnu(machine):
    assert machine.lancer("inconnu").returncode == 2


def test_geodjango_trouve_ses_bibliotheques():
    """By their sonames, without the -dev packages."""
    from django.contrib.gis.gdal import gdal_version
    from django.contrib.gis.geos import geos_version

    assert gdal_version()
    assert geos_version()
    assert os.environ.get("GDAL_LIBRARY_PATH") is None
