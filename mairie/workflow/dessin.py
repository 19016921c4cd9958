"""Drawing a workflow as text: Mermaid (shown by forges in Markdown) or Graphviz DOT."""

from __future__ import annotations

from collections.abc import Iterator

from mairie.workflow.modele import DEBUT, Workflow


def _fleches(workflow: Workflow) -> Iterator[tuple[str, str, str]]:
    """(from, to, label); the events between two states share one arrow."""
    par_couple: dict[tuple[str, str], list[str]] = {}
    for t in workflow.transitions:
        for depart in t.depuis:
            for arrivee in t.vers or (depart,):
                par_couple.setdefault((depart, arrivee), []).append(workflow.type(t.evenement).libelle)
    for (depart, arrivee), libelles in par_couple.items():
        yield depart, arrivee, ", ".join(dict.fromkeys(libelles))


def mermaid(workflow: Workflow) -> str:
    """A ``stateDiagram-v2``."""
    lignes = ["stateDiagram-v2"]
    lignes += [f'    state "{_sans(e.libelle)}" as {e.code}' for e in workflow.etats]
    for depart, arrivee, libelle in _fleches(workflow):
        lignes.append(f"    {depart or '[*]'} --> {arrivee} : {_sans(libelle)}")
    lignes += [f"    {e.code} --> [*]" for e in workflow.etats if e.final]
    return "\n".join(lignes) + "\n"


def dot(workflow: Workflow) -> str:
    """A Graphviz ``digraph``; final states have a double border."""
    lignes = [f"digraph {_texte(workflow.code)} {{", "  rankdir=LR;", '  debut [shape=point, label=""];']
    for e in workflow.etats:
        bord = ", peripheries=2" if e.final else ""
        lignes.append(f"  {_texte(e.code)} [shape=box, style=rounded, label={_texte(e.libelle)}{bord}];")
    for depart, arrivee, libelle in _fleches(workflow):
        source = "debut" if depart == DEBUT else _texte(depart)
        lignes.append(f"  {source} -> {_texte(arrivee)} [label={_texte(libelle)}];")
    return "\n".join([*lignes, "}"]) + "\n"


def _texte(valeur: str) -> str:
    propre = valeur.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{propre}"'


def _sans(libelle: str) -> str:
    """Mermaid has no escape for the signs that end a label."""
    return libelle.replace('"', "'").replace(":", " ").replace(";", ",").replace("\n", " ")
