"""Why each date of a request: the steps of the computation that give it, with their articles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mairie.calendrier import jma

# Rules that together give the dates of the instruction, in the order of the law.
DELAI = frozenset({"BASE", "MAJORATION", "ENQUETE", "PIECES", "PROLONGATION", "LIMITE"})
_CHAINES = {
    "date_limite": DELAI,
    "date_decision_implicite": DELAI | {"SILENCE"},
    "date_completude": frozenset({"PIECES"}),
    "date_limite_pieces": frozenset({"PIECES"}),
    "date_decision": frozenset({"DECISION"}),
    "date_notification": frozenset({"DECISION"}),
    "validite_fin": frozenset({"VALIDITE"}),
    "prorogation_demande_limite": frozenset({"VALIDITE"}),
}


# Consequences of the deposit, not steps of the limit.
A_COTE = ("R.423-6", "R.423-7", "R.423-38")
NOMS = {
    "BASE": "Délai de base",
    "ENQUETE": "Enquête publique",
    "PIECES": "Pièces",
    "DECISION": "Décision",
    "VALIDITE": "Validité",
    "DEPOT": "Dépôt",
    "COMPLETUDE": "Dossier complet",
    "FENETRE": "Premier mois",
    "ANNONCE": "Date annoncée",
}


@dataclass(frozen=True)
class Raison:
    """One step: rule, article, what it did with these dates."""

    regle: str
    article: str
    resultat: str

    @property
    def nom(self) -> str:
        """The rule in words."""
        return NOMS.get(self.regle, self.regle.lower().capitalize())


def _propre(code: str, jour: date, dates: Mapping[str, str | None]) -> Raison | None:
    """What the rules do not write among their steps: facts, and jumps of one line."""
    depot = dates.get("date_depot")
    du = jma(date.fromisoformat(depot)) if depot else ""
    phrases = {
        "date_depot": (
            "DEPOT",
            "R.423-19",
            f"Reçu en mairie le {jma(jour)} : le délai d'un dossier complet en part.",
        ),
        "date_completude": (
            "COMPLETUDE",
            "R.423-22",
            f"Aucune demande de pièces en vigueur : dossier complet le {jma(jour)}.",
        ),
        "fin_fenetre_un_mois": (
            "FENETRE",
            "R.423-38, R.423-42",
            f"Dépôt du {du} + 1 mois = {jma(jour)} : dernier jour des lettres qui changent le délai.",
        ),
        "date_limite_notifiee": (
            "ANNONCE",
            "R.423-43",
            f"Les lettres reçues par le demandeur disent {jma(jour)} ; celles qui sont sans effet comprises.",
        ),
    }
    trouvee = phrases.get(code)
    return Raison(*trouvee) if trouvee else None


def raisons(dossier: Any, code: str) -> list[Raison]:
    """The same for a stored date of a request; empty where it has none."""
    jour = (dossier.dates or {}).get(code)
    if not jour:
        return []
    return expliquer(code, date.fromisoformat(jour), dossier.explication or (), dossier.dates)


def expliquer(
    code: str, jour: date, etapes: Iterable[Mapping[str, Any]], dates: Mapping[str, str | None]
) -> list[Raison]:
    """Steps that give a date: those of its chain, or those whose sentence ends on it."""
    chaine = _CHAINES.get(code)
    ecrite = jma(jour)
    lignes = [
        Raison(str(e["regle"]), str(e["article"]), str(e["resultat"]))
        for e in etapes
        if (e["regle"] in chaine if chaine is not None else ecrite in str(e["resultat"]))
        and not (e["regle"] == "BASE" and str(e["article"]).startswith(A_COTE))
    ]
    propre = _propre(code, jour, dates)
    if code == "date_completude" and lignes:
        return lignes
    if propre is not None:
        return [propre] if code != "date_limite_notifiee" else [*lignes, propre]
    return lignes
