"""Cache of public tiles, and who may call the open services from another site."""

from __future__ import annotations

from pathlib import Path

import environ

_env = environ.Env()

# Folder of the public tiles already made; empty: each is made anew.
TUILES_CACHE = _env.str("TUILES_CACHE", default=str(Path(__file__).resolve().parents[2] / ".var" / "tuiles"))
# What it may hold, in MiB; the oldest tiles leave first.
TUILES_CACHE_MO = _env.int("TUILES_CACHE_MO", default=2048)

# Sites whose pages may call /api/ and /ogc/: « * » for all (no cookie is ever taken from them), or origins.
API_ORIGINES: list[str] = _env.list("API_ORIGINES", default=["*"])
