"""Calls of the commands of cases as a user makes them, and what differs from a worked example."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management import call_command


def vecteurs(domaine: str) -> list[dict[str, Any]]:
    """Worked examples of a domain: ``nom``, ``commande``, ``entree``, ``attendu``."""
    fichier = Path(__file__).parent / "vectors" / f"{domaine}.json"
    return json.loads(fichier.read_text(encoding="utf-8"))


def executer(commande: str, cas: list[Any]) -> list[dict[str, Any]]:
    """Answers of a command to a list of cases given on standard input."""
    ancienne, sortie = sys.stdin, io.StringIO()
    sys.stdin = io.StringIO(json.dumps(cas))
    try:
        call_command(commande, "-", stdout=sortie)
    finally:
        sys.stdin = ancienne
    return json.loads(sortie.getvalue())


def un(commande: str, cas: Any) -> dict[str, Any]:
    """Answer to one case."""
    return executer(commande, [cas])[0]


def champ_en_erreur(commande: str, cas: Any) -> str | None:
    """Field that the command refuses, None when it answers; an error comes alone with a French sentence."""
    reponse = un(commande, cas)
    if "erreur" not in reponse:
        return None
    assert set(reponse) == {"erreur"}
    assert set(reponse["erreur"]) == {"champ", "message"}
    assert len(reponse["erreur"]["message"]) > 15
    return reponse["erreur"]["champ"]


def ecarts(attendu: Any, obtenu: Any, chemin: str = "") -> list[str]:
    """Differences: each key of ``attendu`` must be in ``obtenu``, lists have the same length."""
    if isinstance(attendu, dict) and isinstance(obtenu, dict):
        manquants = [f"{chemin}.{cle} absent" for cle in attendu if cle not in obtenu]
        communs = [cle for cle in attendu if cle in obtenu]
        return manquants + [
            e for cle in communs for e in ecarts(attendu[cle], obtenu[cle], f"{chemin}.{cle}")
        ]
    if isinstance(attendu, list) and isinstance(obtenu, list) and len(attendu) == len(obtenu):
        paires = enumerate(zip(attendu, obtenu, strict=True))
        return [e for rang, (a, b) in paires for e in ecarts(a, b, f"{chemin}[{rang}]")]
    egaux = type(attendu) is type(obtenu) and attendu == obtenu
    return [] if egaux else [f"{chemin} : {attendu!r} attendu, {obtenu!r} obtenu"]
