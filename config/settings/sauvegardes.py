"""Backups: where they go unless the command says otherwise."""

from __future__ import annotations

from pathlib import Path

import environ

_env = environ.Env()

SAUVEGARDES_DOSSIER = _env.str(
    "SAUVEGARDES_DOSSIER", default=str(Path(__file__).resolve().parents[2] / ".var" / "sauvegardes")
)
