"""Rights on one object of a screen, and rights on tables that every collectivité shares."""

from __future__ import annotations

from typing import Any

from mairie.habilitations import portee
from mairie.models import Collectivite


def code_de(objet: Any) -> str | None:
    """Collectivité an object belongs to, by its ``code_collectivite``, ``insee`` or ``collectivite``."""
    for nom in ("code_collectivite", "insee"):
        if isinstance(code := getattr(objet, nom, None), str) and code:
            return code
    collectivite = getattr(objet, "collectivite", None)
    return collectivite.code if isinstance(collectivite, Collectivite) else None


def peut_sur(utilisateur: Any, droit: str, objet: Any) -> bool:
    """Whether the person holds the right where this object belongs; anywhere when it belongs nowhere."""
    p, code = portee(utilisateur, droit), code_de(objet)
    return bool(p) if code is None else p.contient(code)


def partout(utilisateur: Any, droit: str) -> bool:
    """Whether the person holds the right in every active collectivité, to change what all share."""
    p = portee(utilisateur, droit)
    if p.totale or not p:
        return p.totale
    return not Collectivite.objects.filter(active=True).exclude(code__in=p.codes).exists()
