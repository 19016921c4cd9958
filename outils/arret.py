"""`make stop`: end all that this checkout started (pid files of `.var/run`), the cluster last."""

from __future__ import annotations

import sys

from config.grappe import dossier_var
from outils.base_privee import RACINE, main
from outils.processus import arreter


def arreter_tout() -> int:
    """End web server and workers, then the cluster; nothing running is no error."""
    for fichier in sorted((dossier_var(RACINE) / "run").glob("*.pid")):
        if arreter(fichier):
            print(f"{fichier.stem} : arrêté")
    return main(["arreter"])


if __name__ == "__main__":
    sys.exit(arreter_tout())
