"""Short ways to call the rules in tests, by the contracts of the commands."""

from __future__ import annotations

from typing import Any

from mairie.lecture_json import ErreurSaisie
from tests.appels import vecteurs
from urba.contrats import delai, echeances, numero, taxe

CONTRATS = {
    "calculer_delai": delai.traiter,
    "calculer_echeances": echeances.traiter,
    "simuler_taxe": taxe.traiter,
    "lire_numero": numero.traiter,
}
VECTEURS = vecteurs("urba")


def traiter(commande: str, cas: Any) -> dict[str, Any]:
    """The answer of a command to one case, faults included."""
    try:
        return CONTRATS[commande](cas)
    except ErreurSaisie as e:
        return {"erreur": {"champ": e.champ, "message": e.message}}


def calcul(type_: str, depot: str, **champs: Any) -> dict[str, Any]:
    """``calculer_delai`` of one good case."""
    resultat = traiter("calculer_delai", {"type": type_, "depot": depot, **champs})
    assert "erreur" not in resultat, resultat
    return resultat


def expresse(sens: str, signee_le: str, notifiee_le: str | None = "") -> dict[str, Any]:
    """An express decision, notified the day of its signature unless told otherwise."""
    return {
        "sens": sens,
        "signee_le": signee_le,
        "notifiee_le": signee_le if notifiee_le == "" else notifiee_le,
    }


def termes(type_: str, decision: dict[str, Any], **champs: Any) -> dict[str, Any]:
    """``calculer_echeances`` of one good case."""
    resultat = traiter("calculer_echeances", {"type": type_, "decision": decision, **champs})
    assert "erreur" not in resultat, resultat
    return resultat


def simulation(annee: int = 2025, zone: str = "HORS_IDF", taux: Any = None, **champs: Any) -> dict[str, Any]:
    """``simuler_taxe`` of one good case, at 5 % and 2.5 % unless told otherwise."""
    taux = taux or {"communal": "5", "departemental": "2.5"}
    resultat = traiter("simuler_taxe", {"annee": annee, "zone": zone, "taux": taux, **champs})
    assert "erreur" not in resultat, resultat
    return resultat


def faute(commande: str, cas: Any) -> str:
    """Path of the fault of a case; its message must be a French sentence."""
    resultat = traiter(commande, cas)
    assert set(resultat) == {"erreur"}, resultat
    message = resultat["erreur"]["message"]
    assert not message[0].islower() and len(message) > 15
    return str(resultat["erreur"]["champ"])
