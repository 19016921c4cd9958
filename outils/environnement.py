"""The virtual environment, the npm packages and `static/vendor/`: `python3 -m outils.environnement`.

Each step leaves a stamp of what it was made from, so that a second run costs some milliseconds.
"""

from __future__ import annotations

import ctypes.util
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from config.grappe import dossier_var
from outils import vendor

RACINE = Path(__file__).resolve().parent.parent
VERSION_PYTHON = (3, 11)
# Change this number when a step itself changes: everything is then made again.
VERSION_ETAPES = "1"
BIBLIOTHEQUES = {"gdal": "libgdal32", "geos_c": "libgeos-c1v5", "magic": "libmagic1"}


class Echec(Exception):
    """A reason to stop, told to the person as it is."""


def empreinte(*parts: object) -> str:
    """Hash of a step's inputs; a Path counts by its content."""
    h = hashlib.sha256(VERSION_ETAPES.encode())
    for part in parts:
        h.update(b"\0" + (part.read_bytes() if isinstance(part, Path) else str(part).encode()))
    return h.hexdigest()


def a_jour(marque: Path, valeur: str) -> bool:
    """True when the step's stamp says it was made from the same inputs."""
    try:
        return marque.read_text() == valeur
    except FileNotFoundError:
        return False


def executer(commande: Sequence[str], racine: Path, but: str) -> None:
    """Run a step's program, silent unless it fails. Raises Echec with the end of what it said."""
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")}
    env["PATH"] = f"{racine / '.venv' / 'bin'}:{env.get('PATH', '')}"
    r = subprocess.run(
        commande, cwd=racine, env=env, capture_output=True, text=True, errors="replace", check=False
    )
    if r.returncode:
        raise Echec(f"{but} : échec.\n{(r.stdout + r.stderr)[-3000:]}")


def noms_du_verrou(verrou: Path) -> set[str]:
    """Normalised names of the packages of a lock file."""
    return {normaliser(nom) for nom in re.findall(r"(?m)^([A-Za-z0-9._-]+)==", verrou.read_text())}


def normaliser(nom: str) -> str:
    """Name of a Python package as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", nom).lower()


def installer_python(racine: Path, verrou: Path) -> bool:
    """Make `.venv` from the lock (hashes checked), remove what the lock no longer holds.

    True when work was done. An extra package is removed because its mere presence can matter:
    psycopg 3 replaces psycopg2 in Django.
    """
    venv = racine / ".venv"
    marque = venv / ".empreinte"
    # Scripts hold the absolute path: a moved folder needs a new environment.
    valeur = empreinte(verrou, str(racine), sys.version)
    if a_jour(marque, valeur):
        return False
    python = venv / "bin" / "python"
    identite = f"{racine}\n{sys.version}"
    if not python.exists() or not a_jour(venv / ".identite", identite):
        print("Environnement Python : création de .venv", flush=True)
        shutil.rmtree(venv, ignore_errors=True)
        executer([sys.executable, "-m", "venv", str(venv)], racine, "Création de .venv")
    marque.unlink(missing_ok=True)
    print(f"Environnement Python : installation des paquets de {verrou.name}", flush=True)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    executer(
        [*pip, "install", "--require-hashes", "-r", str(verrou)], racine, "Installation des paquets Python"
    )
    voulus = noms_du_verrou(verrou) | {"pip", "setuptools"}
    liste = subprocess.run(
        [*pip, "list", "--format=freeze"], capture_output=True, text=True, check=True
    ).stdout
    en_trop = [nom for nom in re.findall(r"(?m)^([^=\s]+)==", liste) if normaliser(nom) not in voulus]
    if en_trop:
        print(f"Environnement Python : retrait de {', '.join(en_trop)}", flush=True)
        executer([*pip, "uninstall", "--yes", *en_trop], racine, "Retrait de paquets Python")
    (venv / ".identite").write_text(identite)
    marque.write_text(valeur)
    return True


def installer_npm(racine: Path) -> bool:
    """Install node_modules from package-lock.json, running no package's scripts. True when work was done."""
    marque = racine / "node_modules" / ".empreinte"
    valeur = empreinte(racine / "package.json", racine / "package-lock.json")
    if a_jour(marque, valeur):
        return False
    print("Paquets du navigateur : npm ci", flush=True)
    npm = racine / ".venv" / "bin" / "npm"
    options = ["--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error"]
    executer([str(npm), "ci", *options], racine, "Installation des paquets npm")
    marque.write_text(valeur)
    return True


def copier_vendor(racine: Path) -> bool:
    """Bring `static/vendor/` in step with its list and the packages. True when work was done."""
    marque = racine / "static" / "vendor" / ".empreinte"
    valeur = empreinte(
        racine / "static" / "vendor.json",
        racine / "package-lock.json",
        racine / "outils" / "vendor.py",
    )
    if a_jour(marque, valeur):
        return False
    nombre = vendor.copier(racine)
    marque.write_text(valeur)
    print(f"Fichiers du navigateur : {nombre} copiés dans static/vendor/")
    return True


def verifier_systeme() -> None:
    """Raise Echec, naming the packages, when a system library or the right Python is missing."""
    if sys.version_info[:2] != VERSION_PYTHON:
        raise Echec(
            f"Python {VERSION_PYTHON[0]}.{VERSION_PYTHON[1]} est nécessaire (ici {sys.version.split()[0]}). "
            "Indiquez-le : make setup PYTHON=/chemin/de/python3.11"
        )
    manque = [paquet for nom, paquet in BIBLIOTHEQUES.items() if ctypes.util.find_library(nom) is None]
    if manque:
        raise Echec(
            "Bibliothèques du système introuvables. Sur Debian 12, lancez :\n"
            f"    sudo apt-get update && sudo apt-get install -y {' '.join(manque)}"
        )


def preparer(racine: Path, verrou: Path) -> None:
    """All steps, under a lock so that two runs at once do not mix. Raises Echec or VendorInvalide."""
    dossier_var(racine).mkdir(mode=0o700, exist_ok=True)
    with (dossier_var(racine) / "verrou-installation").open("w") as fichier:
        fcntl.flock(fichier, fcntl.LOCK_EX)
        if installer_python(racine, verrou):
            verifier_systeme()
        installer_npm(racine)
        copier_vendor(racine)


def main() -> int:
    """Entry point; French messages, exit code 1 on failure."""
    try:
        if sys.version_info[:2] != VERSION_PYTHON:
            verifier_systeme()
        preparer(RACINE, RACINE / "requirements-dev.txt")
    except (Echec, vendor.VendorInvalide) as e:
        print(e, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
