"""Workflows declared by the trades, from AppConfig.ready."""

from __future__ import annotations

from mairie.workflow.modele import Workflow

_workflows: dict[str, Workflow] = {}


def declarer(workflow: Workflow) -> Workflow:
    """Add a workflow; ``ValueError`` when another already has its code."""
    if _workflows.setdefault(workflow.code, workflow) is not workflow:
        raise ValueError(f"Le workflow « {workflow.code} » est déclaré deux fois.")
    return workflow


def trouver(code: str) -> Workflow:
    """A declared workflow; ``KeyError`` with the codes that exist."""
    try:
        return _workflows[code]
    except KeyError:
        connus = ", ".join(sorted(_workflows)) or "aucun"
        raise KeyError(f"Workflow « {code} » inconnu ; workflows déclarés : {connus}.") from None


def tous() -> list[Workflow]:
    """All declared workflows, by code."""
    return [_workflows[code] for code in sorted(_workflows)]
