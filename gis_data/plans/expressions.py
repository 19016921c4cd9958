"""MapLibre expressions of the registry's filters, worked out on the server for paper: a closed list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class ExpressionInconnue(ValueError):
    """An operator that paper does not know."""


def _texte(valeur: Any) -> str:
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "true" if valeur else "false"
    return str(valeur)


def _comparer(operateur: str, a: Any, b: Any) -> bool:
    # MapLibre compares like with like only; a missing value is never less nor more.
    if isinstance(a, str) != isinstance(b, str) or a is None or b is None:
        return False
    match operateur:
        case "<":
            return bool(a < b)
        case "<=":
            return bool(a <= b)
        case ">":
            return bool(a > b)
    return bool(a >= b)


def valeur(expression: Any, attributs: Mapping[str, Any], zoom: float) -> Any:
    """What an expression gives for an object at a zoom; ``ExpressionInconnue`` beyond this list."""
    if not isinstance(expression, list | tuple):
        return expression
    operateur, *operandes = expression

    def lire(i: int) -> Any:
        return valeur(operandes[i], attributs, zoom)

    match operateur:
        case "literal":
            return operandes[0]
        case "zoom":
            return zoom
        case "get":
            return attributs.get(operandes[0])
        case "has":
            return attributs.get(operandes[0]) is not None
        case "to-string":
            return _texte(lire(0))
        case "coalesce":
            return next((v for i in range(len(operandes)) if (v := lire(i)) is not None), None)
        case "!":
            return not lire(0)
        case "all":
            return all(lire(i) for i in range(len(operandes)))
        case "any":
            return any(lire(i) for i in range(len(operandes)))
        case "==":
            return lire(0) == lire(1)
        case "!=":
            return lire(0) != lire(1)
        case "<" | "<=" | ">" | ">=":
            return _comparer(operateur, lire(0), lire(1))
        case "in":
            ensemble = lire(1)
            return isinstance(ensemble, Sequence) and lire(0) in ensemble
    raise ExpressionInconnue(str(operateur))


def retenu(filtre: Any, attributs: Mapping[str, Any], zoom: float) -> bool:
    """Whether a filter keeps an object; no filter keeps all."""
    return filtre is None or bool(valeur(filtre, attributs, zoom))
