"""National indicators of the yearly report (arrêté du 02/05/2007): points of D302.0, bounds, years."""

from __future__ import annotations

from datetime import date

ANNEE_MIN, ANNEE_MAX = 2000, 2100
CONCEPTION, NEUF, EXISTANT = "conception", "neuf", "existant"
TYPES_CONTROLE = (CONCEPTION, NEUF, EXISTANT)

# D302.0: part A is mandatory; part B counts only when part A is complete.
POINTS_PARTIE_A = {
    "zonage": 20,
    "reglement": 20,
    "rapports_conception_execution": 30,
    "rapports_visite": 30,
}
POINTS_PARTIE_B = {
    "entretien": 10,
    "travaux_rehabilitation": 20,
    "traitement_matieres_vidange": 10,
}
ANNEES_RENOUVELLEMENT = 5

# The same as a row of the table of legal figures.
CODE_POINTS, POINTS_ARTICLE, POINTS_DU = "D302_POINTS", "arrêté du 02/05/2007", date(2008, 1, 1)
POINTS_EN_MOTS = (
    f"A {'/'.join(map(str, POINTS_PARTIE_A.values()))}, B {'/'.join(map(str, POINTS_PARTIE_B.values()))}"
)
