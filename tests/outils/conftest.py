"""Throw-away checkouts that hold only what the cluster's scripts need."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

RACINE = Path(__file__).resolve().parent.parent.parent
PYTHON_SYSTEME = shutil.which("python3.11", path="/usr/bin:/usr/local/bin") or "python3"
UTILISATEUR_ORDINAIRE = 65534  # nobody


def port_libre() -> int:
    """A TCP port nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Copie:
    """A copy of the scripts in a folder of its own, run as root or as an ordinary user."""

    def __init__(self, racine: Path, uid: int | None = None) -> None:
        self.racine = racine
        self.uid = uid
        (racine / "config").mkdir(parents=True)
        (racine / "config" / "__init__.py").touch()
        shutil.copy(RACINE / "config" / "grappe.py", racine / "config")
        shutil.copytree(RACINE / "outils", racine / "outils", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(RACINE / "Makefile", racine)
        if uid is not None:
            for chemin in (racine, *racine.rglob("*")):
                os.chown(chemin, uid, uid)

    def lancer(self, *commande: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the copy; the caller's DATABASE_URL and PG* stay outside."""
        propre = {k: v for k, v in os.environ.items() if k != "DATABASE_URL" and not k.startswith("PG")}
        qui = {} if self.uid is None else {"user": self.uid, "group": self.uid, "extra_groups": []}
        return subprocess.run(
            commande,
            cwd=self.racine,
            env={**propre, "HOME": str(self.racine), "PYTHONDONTWRITEBYTECODE": "1", **env},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
            **qui,
        )

    def base(self, action: str, **env: str) -> subprocess.CompletedProcess[str]:
        """`python3 -m outils.base_privee ACTION`."""
        return self.lancer(PYTHON_SYSTEME, "-m", "outils.base_privee", action, **env)

    def demarrer(self) -> str:
        """Start the cluster; fails the test with the script's own words."""
        r = self.base("demarrer")
        assert r.returncode == 0, r.stdout + r.stderr
        return r.stdout

    def sql(self, requete: str) -> str:
        """Run SQL at the address the settings would use."""
        r = self.base("url")
        assert r.returncode == 0, r.stderr
        url = r.stdout.strip().replace("postgis:", "postgresql:", 1)
        r = self.lancer("psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", requete)
        assert r.returncode == 0, r.stderr
        return r.stdout.strip()

    def pid(self) -> int:
        """Pid written by the running postmaster."""
        return int((self.racine / ".var/base/postmaster.pid").read_text().split()[0])

    def arreter(self) -> str:
        """Stop the cluster."""
        r = self.base("arreter")
        assert r.returncode == 0, r.stdout + r.stderr
        return r.stdout


@pytest.fixture
def dossier() -> Iterator[Path]:
    """A short folder under /tmp that any user may pass (pytest's own folders are long and 0700)."""
    chemin = Path(tempfile.mkdtemp(prefix="u-", dir="/tmp"))
    chemin.chmod(0o755)
    yield chemin
    shutil.rmtree(chemin, ignore_errors=True)


@pytest.fixture
def copie(dossier: Path) -> Iterator[Callable[..., Copie]]:
    """Maker of copies: `copie("nom", uid=…)`; their clusters are stopped at the end."""
    faites: list[Copie] = []

    def faire(nom: str = "c", uid: int | None = None) -> Copie:
        faites.append(Copie(dossier / nom, uid))
        return faites[-1]

    yield faire
    for une in faites:
        une.base("arreter")


@pytest.fixture
def ordinaire() -> int | None:
    """Uid to hand to `copie` for an ordinary user; None (ourselves) when the tests don't run as root."""
    return UTILISATEUR_ORDINAIRE if os.geteuid() == 0 else None
