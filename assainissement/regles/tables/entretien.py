"""Upkeep: height of sludge from which a tank is emptied (arrêté du 07/09/2009, art. 15)."""

from __future__ import annotations

# Percent of the useful volume of a tank; makers of stations usually write 30 % in their guide.
SEUIL_BOUES = 50
SEUIL_BOUES_STATION = 30
STATIONS = ("micro_station",)
# Not a rule: the usual rhythm, by which the list tells emptyings that are old.
VIDANGE_ANCIENNE_ANNEES = 4
