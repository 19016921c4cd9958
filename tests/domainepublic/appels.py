"""Calls of the commands as a user makes them, and short ways to write their cases."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management import call_command

VECTEURS = Path(__file__).parents[1] / "vectors" / "domainepublic.json"


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


def contenu_dans(attendu: Any, obtenu: Any, chemin: str = "") -> list[str]:
    """Differences: each key of ``attendu`` must be in ``obtenu``, lists have the same length."""
    if isinstance(attendu, dict) and isinstance(obtenu, dict):
        manquants = [f"{chemin}.{cle} absent" for cle in attendu if cle not in obtenu]
        return manquants + [
            ecart
            for cle in attendu
            if cle in obtenu
            for ecart in contenu_dans(attendu[cle], obtenu[cle], f"{chemin}.{cle}")
        ]
    if isinstance(attendu, list) and isinstance(obtenu, list) and len(attendu) == len(obtenu):
        return [
            ecart
            for rang, (a, b) in enumerate(zip(attendu, obtenu, strict=True))
            for ecart in contenu_dans(a, b, f"{chemin}[{rang}]")
        ]
    egaux = type(attendu) is type(obtenu) and attendu == obtenu
    return [] if egaux else [f"{chemin} : {attendu!r} attendu, {obtenu!r} obtenu"]


def ligne(**champs: Any) -> dict[str, Any]:
    """Line « 10 € a day and square metre » in 2026, changed by ``champs`` (None removes one)."""
    base = {
        "id": "L",
        "type": "DEPOT",
        "du": "2026-01-01",
        "au": "2026-12-31",
        "unite": "m2",
        "periode": "jour",
        "prix": "10",
    }
    return {cle: valeur for cle, valeur in {**base, **champs}.items() if valeur is not None}


def occupation(**champs: Any) -> dict[str, Any]:
    """One square metre on 1 June 2026, changed by ``champs`` (None removes one)."""
    base = {"type": "DEPOT", "debut": "2026-06-01", "fin": "2026-06-01", "unite": "m2", "quantite": "1"}
    return {cle: valeur for cle, valeur in {**base, **champs}.items() if valeur is not None}


def cas_redevance(lignes: Any = None, regles: Any = None, **champs: Any) -> dict[str, Any]:
    """Case of ``simuler_redevance``: lines (one by default), rules, occupation."""
    grille = {"lignes": [ligne()] if lignes is None else lignes}
    if regles is not None:
        grille["regles"] = regles
    return {"grille": grille, "occupation": occupation(**champs)}


def redevance(lignes: Any = None, regles: Any = None, **champs: Any) -> dict[str, Any]:
    """Answer of ``simuler_redevance``, which must not be an error."""
    reponse = un("simuler_redevance", cas_redevance(lignes, regles, **champs))
    assert "erreur" not in reponse, reponse
    return reponse


def du(lignes: Any = None, regles: Any = None, **champs: Any) -> str:
    """Amount due."""
    return redevance(lignes, regles, **champs)["montant_du"]


def groupes(reponse: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Lines of the detail: zone, tariff, quantity, periods, amount."""
    return [
        (etape["zone"], etape["tarif"], etape["quantite"], etape["periodes"], etape["montant"])
        for etape in reponse["detail"]
        if etape["etape"] in ("ligne", "supplement")
    ]


def etapes(reponse: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Names of the steps with their amounts."""
    return [(etape["etape"], etape.get("montant")) for etape in reponse["detail"]]
