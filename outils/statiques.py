"""Whether the collected static files are those of the sources: collecting takes a minute of processor."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from outils.environnement import a_jour


def releve(racine: Path) -> str:
    """Hash of what the collected files are made from: names, dates and sizes, and the environment."""
    dossiers = [racine / "static", *racine.glob("*/static")]
    fichiers = sorted(f for d in dossiers for f in d.rglob("*") if f.is_file())
    fichiers += [racine / "config" / "statiques.py", Path(sys.prefix) / ".empreinte"]
    etat = [(str(f), f.stat().st_mtime_ns, f.stat().st_size) for f in fichiers if f.exists()]
    return hashlib.sha256(repr(etat).encode()).hexdigest()


def marque(racine: Path) -> Path:
    """File that keeps the hash of the last collection."""
    return racine / "staticfiles" / ".empreinte"


def sont_a_jour(racine: Path) -> bool:
    """Whether nothing has changed since the last collection."""
    return a_jour(marque(racine), releve(racine))


def noter(racine: Path) -> None:
    """Say that they have just been collected."""
    marque(racine).write_text(releve(racine))
