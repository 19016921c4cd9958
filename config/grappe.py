"""Where the private PostgreSQL cluster of a checkout lives (standard library only)."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path

NOM_BASE = "urbanisme"
# sockaddr_un holds 108 bytes and PostgreSQL appends "/.s.PGSQL.5432".
LONGUEUR_MAX_DOSSIER = 90


def dossier_donnees(racine: Path) -> Path:
    """Folder of the cluster's files in checkout ``racine``."""
    return racine / ".var" / "pg"


def dossier_socket(racine: Path) -> Path:
    """Folder of the Unix socket: ``.var/run``, or a private temporary folder for a long path."""
    proche = racine / ".var" / "run"
    if len(os.fsencode(proche)) <= LONGUEUR_MAX_DOSSIER:
        return proche
    cle = hashlib.sha256(os.fsencode(racine.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"urbanisme-{os.getuid()}-{cle}"
