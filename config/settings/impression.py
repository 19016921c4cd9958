"""Printing to scale."""

from __future__ import annotations

import environ

env = environ.Env()

# Sheets that one address may print in a quarter of an hour without an account, and at once for all visitors.
IMPRESSIONS_VISITEUR = env.int("IMPRESSIONS_VISITEUR", default=20)
IMPRESSIONS_SIMULTANEES = env.int("IMPRESSIONS_SIMULTANEES", default=2)
# Objects of one sheet made while the reader waits, then those that a background task may draw.
IMPRESSION_OBJETS = env.int("IMPRESSION_OBJETS", default=8_000)
IMPRESSION_OBJETS_TACHE = env.int("IMPRESSION_OBJETS_TACHE", default=60_000)
# Seconds of each query, of a layout while the reader waits, of one in a task.
IMPRESSION_REQUETE_S = env.float("IMPRESSION_REQUETE_S", default=10.0)
IMPRESSION_RENDU_S = env.float("IMPRESSION_RENDU_S", default=40.0)
IMPRESSION_RENDU_TACHE_S = env.float("IMPRESSION_RENDU_TACHE_S", default=900.0)
