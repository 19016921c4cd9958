"""Workflow engine: trades declare states and events as data, one service applies them (docs/workflow.md)."""

from mairie.workflow.erreurs import ConflitEdition, ErreurWorkflow, Refus
from mairie.workflow.masse import derouler_en_masse
from mairie.workflow.modele import (
    DEBUT,
    Demande,
    Etape,
    Etat,
    Fait,
    Garde,
    Incoherent,
    Passage,
    Situation,
    Transition,
    TypeEvenement,
    Workflow,
    WorkflowInvalide,
    derouler,
)
from mairie.workflow.registre import declarer
from mairie.workflow.saisie import Champ
from mairie.workflow.service import (
    actions_possibles,
    annuler_dernier,
    appliquer,
    appliquer_en_masse,
    corriger,
    rafraichir,
    refus_annulation,
    rejouer,
    simuler,
)

__all__ = [
    "DEBUT",
    "Champ",
    "ConflitEdition",
    "Demande",
    "ErreurWorkflow",
    "Etape",
    "Etat",
    "Fait",
    "Garde",
    "Incoherent",
    "Passage",
    "Refus",
    "Situation",
    "Transition",
    "TypeEvenement",
    "Workflow",
    "WorkflowInvalide",
    "actions_possibles",
    "annuler_dernier",
    "appliquer",
    "appliquer_en_masse",
    "corriger",
    "declarer",
    "derouler",
    "derouler_en_masse",
    "rafraichir",
    "refus_annulation",
    "rejouer",
    "simuler",
]
