"""Copy the browser files named in `static/vendor.json`, and no others, to `static/vendor/`."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path, PurePosixPath

# Source maps are not served, and the manifest storage refuses a reference to an absent file.
CARTE_SOURCE = re.compile(rb"(?m)^[ \t]*(?://|/\*)[#@] ?sourceMappingURL=[^\s*]+(?:[ \t]*\*/)?[ \t]*\n?")
TEXTES = {".js", ".mjs", ".css"}


class VendorInvalide(Exception):
    """`static/vendor.json` names a file that is not in the packages, or a path outside them."""


def lire_liste(fichier: Path) -> dict[str, str]:
    """{served path: path in node_modules}. Raises VendorInvalide on a path that leaves its folder."""
    liste: dict[str, str] = json.loads(fichier.read_text(encoding="utf-8"))
    for chemin in (*liste.keys(), *liste.values()):
        if PurePosixPath(chemin).is_absolute() or ".." in PurePosixPath(chemin).parts:
            raise VendorInvalide(f"{fichier.name} : chemin refusé « {chemin} »")
    return liste


def copier(racine: Path) -> int:
    """Rebuild `static/vendor/` whole (a file no longer listed disappears); returns the number of files.

    The new folder is made aside and takes the old one's place at the end. Raises VendorInvalide.
    """
    liste = lire_liste(racine / "static" / "vendor.json")
    manquants = [source for source in liste.values() if not (racine / "node_modules" / source).is_file()]
    if manquants:
        raise VendorInvalide(
            "static/vendor.json nomme des fichiers absents des paquets npm :\n  "
            + "\n  ".join(manquants)
            + "\nVérifiez leur nom après une mise à jour, puis relancez « make setup »."
        )
    chantier = racine / "static" / ".vendor-en-cours"
    shutil.rmtree(chantier, ignore_errors=True)
    for cible, source in liste.items():
        contenu = (racine / "node_modules" / source).read_bytes()
        if PurePosixPath(cible).suffix in TEXTES:
            contenu = CARTE_SOURCE.sub(b"", contenu)
        destination = chantier / cible
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.write_bytes(contenu)
    definitif = racine / "static" / "vendor"
    shutil.rmtree(definitif, ignore_errors=True)
    chantier.rename(definitif)
    return len(liste)
