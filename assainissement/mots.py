"""Words of the screens and letters: conclusions with their tone, answers, causes. No database."""

from __future__ import annotations

from mairie.ecrans import Ton

CONCLUSIONS = {
    "R0": "absence d'installation",
    "R1": "danger pour la santé (cas a)",
    "R2": "danger en zone sanitaire (cas a)",
    "R3": "risque environnemental (cas b)",
    "R4": "non conforme (cas c)",
    "R5": "recommandations",
    "R6": "aucun défaut",
}
JAMAIS = "jamais contrôlée"
LEVEE = "non-conformité levée"
PHRASES = {
    "R0": "Aucune installation n'a été trouvée.",
    "R1": "L'installation présente un danger pour la santé des personnes.",
    "R2": "L'installation a un défaut dans une zone à enjeu sanitaire : c'est un danger pour la santé.",
    "R3": "L'installation présente un risque avéré de pollution de l'environnement.",
    "R4": "L'installation n'est pas conforme, sans danger ni risque avéré.",
    "R5": "L'installation est conforme ; de l'entretien est recommandé.",
    "R6": "L'installation ne présente aucun défaut.",
    "conforme": "Le contrôle conclut à la conformité.",
    "non_conforme": "Le contrôle conclut à la non-conformité.",
}
TONS = {
    "": Ton(JAMAIS, "neutre", "bi-question-circle"),
    "R0": Ton(CONCLUSIONS["R0"], "danger", "bi-x-octagon"),
    "R1": Ton(CONCLUSIONS["R1"], "danger", "bi-exclamation-octagon"),
    "R2": Ton(CONCLUSIONS["R2"], "danger", "bi-exclamation-octagon"),
    "R3": Ton(CONCLUSIONS["R3"], "danger", "bi-exclamation-triangle"),
    "R4": Ton(CONCLUSIONS["R4"], "attention", "bi-exclamation-triangle"),
    "R5": Ton(CONCLUSIONS["R5"], "info", "bi-info-circle"),
    "R6": Ton(CONCLUSIONS["R6"], "bien", "bi-check-circle"),
}


def conclusion(regle: str) -> str:
    """A rule in words."""
    return CONCLUSIONS.get(regle, JAMAIS)
