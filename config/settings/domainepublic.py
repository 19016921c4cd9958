"""Public requests of occupations: how many from one address within an hour."""

from __future__ import annotations

import environ

env = environ.Env()

ODP_BROUILLONS_PAR_HEURE = env.int("ODP_BROUILLONS_PAR_HEURE", default=30)
ODP_DEPOTS_PAR_HEURE = env.int("ODP_DEPOTS_PAR_HEURE", default=10)
