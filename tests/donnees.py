"""Path of the shared test data, or a skip with its reason; archives of sheets read in memory."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from functools import cache
from pathlib import Path

import pytest

DONNEES = Path(os.environ.get("DONNEES_PARTAGEES") or Path(__file__).parents[2] / "shared" / "data")

FEUILLES = [
    "130290000A01",
    *(f"25354000{section}01" for section in ("AB", "AK", "ZB", "ZC", "ZD", "ZE", "ZH", "ZI")),
    "380040000B01",
    "380040000B02",
    "380910000C01",
    "740240000A01",
]


def donnees_partagees() -> Path:
    """Folder of the shared data; skips the test where it is not there."""
    if not DONNEES.is_dir():
        pytest.skip("données partagées absentes : ../shared/data")
    return DONNEES


def lire_archive(chemin: Path) -> dict[str, bytes]:
    """Files of one tar or zip archive of the shared data, by name."""
    contenu = chemin.read_bytes()
    if chemin.suffix == ".zip":
        with zipfile.ZipFile(io.BytesIO(contenu)) as archive:
            return {nom: archive.read(nom) for nom in archive.namelist() if not nom.endswith("/")}
    with tarfile.open(fileobj=io.BytesIO(contenu)) as archive_tar:
        fichiers = {}
        for membre in archive_tar.getmembers():
            flux = archive_tar.extractfile(membre)
            if flux is not None:
                fichiers[membre.name] = flux.read()
        return fichiers


@cache
def fichiers_feuille(id12: str) -> dict[str, bytes]:
    """Files of one of the real sheets; skips the test where the shared data is not there."""
    return lire_archive(donnees_partagees() / "edigeo" / f"edigeo-{id12}.tar.bz2")


def fichiers_variante(chemin: str) -> dict[str, bytes]:
    """Files of one archive of ``edigeo/variants``."""
    return lire_archive(donnees_partagees() / "edigeo" / "variants" / chemin)
