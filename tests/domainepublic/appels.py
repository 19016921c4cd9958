"""Short ways to write the cases of the public domain's commands and to read their answers."""

from __future__ import annotations

from typing import Any

from tests.appels import un


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
