"""Where the private PostGIS cluster of this checkout listens.

Pure standard library and silent on import: the settings and the set-up scripts (which run
before the virtual environment exists) both read it, so that they can't disagree.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path
from urllib.parse import quote

NOM_BASE = "urbanisme"
UTILISATEUR = "urbanisme"
PORT = 5432

# Linux keeps 108 bytes for the address of a socket; PostgreSQL adds its lock file's suffix nowhere
# near it, but some clients stop at 103. 100 leaves a margin.
LONGUEUR_MAX_SOCKET = 100

# Not tempfile.gettempdir(): TMPDIR differs from shell to shell, the socket must not.
DOSSIER_TEMPORAIRE = Path("/tmp")  # noqa: S108


class DossierSocketNonSur(RuntimeError):
    """The socket folder exists but is not ours, or others may enter it."""


def dossier_var(racine: Path) -> Path:
    """Folder of everything this checkout writes at run time (cluster, logs, pid files, secrets)."""
    return racine.resolve() / ".var"


def dossier_socket(racine: Path) -> Path:
    """Folder of the cluster's socket: `.var/run`, or a folder of /tmp where that path does not fit.

    Not fit: too long, or with a comma (it separates hosts in a connection). The name under /tmp comes
    from the checkout's path and the user, so that two checkouts never meet.
    """
    dossier = dossier_var(racine) / "run"
    if len(os.fsencode(dossier / f".s.PGSQL.{PORT}")) <= LONGUEUR_MAX_SOCKET and "," not in str(dossier):
        return dossier
    uid = os.geteuid()
    empreinte = hashlib.sha256(os.fsencode(racine.resolve()) + b"\0%d" % uid).hexdigest()[:16]
    return DOSSIER_TEMPORAIRE / f"urbanisme-{uid}-{empreinte}"


def verifier_dossier_socket(dossier: Path) -> None:
    """Raise DossierSocketNonSur unless `dossier` is absent, or a 0700 folder of ours (root: or anyone's).

    Matters under /tmp, where another user could have made the folder first, with a server of theirs.
    """
    try:
        etat = dossier.lstat()
    except FileNotFoundError:
        return
    sous_tmp = dossier.parent == DOSSIER_TEMPORAIRE
    proprietaires = {os.geteuid()} if sous_tmp or os.geteuid() else {etat.st_uid}
    if not stat.S_ISDIR(etat.st_mode) or etat.st_uid not in proprietaires or etat.st_mode & 0o077:
        raise DossierSocketNonSur(
            f"Le dossier {dossier} n'est pas un dossier privé de cet utilisateur (droits 0700 attendus). "
            "Vérifiez qui l'a créé, supprimez-le, puis relancez « make db »."
        )


def parametres_base(racine: Path) -> dict[str, str]:
    """NAME, USER, PASSWORD, HOST and PORT of the private cluster, for Django's DATABASES.

    Raises DossierSocketNonSur when the socket folder is someone else's.
    """
    dossier = dossier_socket(racine)
    verifier_dossier_socket(dossier)
    return {"NAME": NOM_BASE, "USER": UTILISATEUR, "PASSWORD": "", "HOST": str(dossier), "PORT": str(PORT)}


def url_base_par_defaut(racine: Path) -> str:
    """DATABASE_URL of the private cluster; the host (a folder) is percent-encoded."""
    p = parametres_base(racine)
    return f"postgis://{p['USER']}@{quote(p['HOST'], safe='')}:{p['PORT']}/{p['NAME']}"
