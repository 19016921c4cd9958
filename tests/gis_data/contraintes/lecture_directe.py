"""The reader of uploaded files without its process, for tests of what comes after."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pyogrio

from gis_data.ouverture import FichierRefuse, enfant, garde


def lire_sans_enfant(monkeypatch: Any) -> None:
    """Read here instead of in the child process, with the same code."""
    # What the child's environment says.
    pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": "YES"})

    def interroger(code: str, demandes: list[Any], rang: int, dossier: Path, limites: Any) -> list[Any]:
        demande = {
            "sources": demandes,
            "dossier": str(dossier),
            "rang": rang,
            "limites": {"objets": limites.objets, "sommets": limites.sommets, "couches": limites.couches},
        }
        monkeypatch.setattr(pyogrio, "list_drivers", lambda: {enfant.PILOTES.get(code, ""): "rw"})
        try:
            with warnings.catch_warnings():
                # GDAL says so of each table without its shapes.
                warnings.simplefilter("ignore", RuntimeWarning)
                return enfant.lire(demande)
        except enfant.Refus as refus:
            raise FichierRefuse(f"{refus} Rien n'a été gardé.") from refus

    monkeypatch.setattr(garde, "_interroger", interroger)
