"""Loops of a directed graph: arcs from which one may come back. Pure, iterative, one pass (Tarjan 1972)."""

from __future__ import annotations

from collections.abc import Iterable


def boucles(aretes: Iterable[tuple[int, int, int]]) -> list[int]:
    """Keys of the arcs (key, from, to) that lie on a loop, in the order given."""
    liste = list(aretes)
    suites: dict[int, list[int]] = {}
    for _, de, vers in liste:
        suites.setdefault(de, []).append(vers)
    composante = _composantes(suites)
    tailles: dict[int, int] = {}
    for c in composante.values():
        tailles[c] = tailles.get(c, 0) + 1
    return [
        cle
        for cle, de, vers in liste
        if de == vers or (composante[de] == composante.get(vers) and tailles[composante[de]] > 1)
    ]


def _composantes(suites: dict[int, list[int]]) -> dict[int, int]:
    """Node → number of its strongly connected component."""
    rang: dict[int, int] = {}
    bas: dict[int, int] = {}
    composante: dict[int, int] = {}
    pile: list[int] = []
    for racine in suites:
        if racine in rang:
            continue
        rang[racine] = bas[racine] = len(rang)
        pile.append(racine)
        travail = [(racine, iter(suites.get(racine, ())))]
        while travail:
            noeud, voisins = travail[-1]
            for voisin in voisins:
                if voisin not in rang:
                    rang[voisin] = bas[voisin] = len(rang)
                    pile.append(voisin)
                    travail.append((voisin, iter(suites.get(voisin, ()))))
                    break
                if voisin not in composante:
                    bas[noeud] = min(bas[noeud], rang[voisin])
            else:
                travail.pop()
                if travail:
                    parent = travail[-1][0]
                    bas[parent] = min(bas[parent], bas[noeud])
                if bas[noeud] == rang[noeud]:
                    while True:
                        membre = pile.pop()
                        composante[membre] = noeud
                        if membre == noeud:
                            break
    return composante
