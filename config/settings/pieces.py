"""Persons and files: how long, how large, what checks them."""

from __future__ import annotations

import environ

_env = environ.Env()

# Years after which a person whom no dossier keeps is erased.
TIERS_CONSERVATION_ANS = _env.int("TIERS_CONSERVATION_ANS", default=10)
