"""Technical data of a form: what is summed, what does not hold together, the case of the tax. Pure.

``donnees`` is the JSON of schema 1 (``urba.technique``); numbers are texts with a point, in m².
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

# Code → (label, category of the tax; the dwelling's hangs on its use).
DESTINATIONS: dict[str, tuple[str, str]] = {
    "habitation": ("Habitation", ""),
    "hotelier": ("Hébergement hôtelier", "AUTRE"),
    "bureaux": ("Bureaux", "BUREAU"),
    "commerce": ("Commerce", "COMMERCE"),
    "artisanat": ("Artisanat", "ARTISANAL"),
    "industrie": ("Industrie", "INDUSTRIEL"),
    "agriculture": ("Exploitation agricole ou forestière", "EXPLOITATION_AGRICOLE"),
    "entrepot": ("Entrepôt", "ENTREPOT_NON_PUBLIC"),
    "service_public": ("Service public ou d'intérêt collectif", "SERVICE_PUBLIC"),
}
UTILISATIONS = {
    "principale": ("Résidence principale", "RESIDENCE_PRINCIPALE"),
    "secondaire": ("Résidence secondaire", "RESIDENCE_SECONDAIRE"),
    "aide": ("Logement locatif aidé", "LOGEMENT_AIDE"),
    "plai": ("Logement très social (PLAI)", "PLAI"),
}
COLONNES = {
    "existante": "Existante avant travaux",
    "creee": "Créée",
    "issue_transfo": "Créée par changement de destination",
    "supprimee_transfo": "Supprimée par changement de destination",
    "demolie": "Démolie",
    "transformee": "Transformée en local technique",
}
ILE_DE_FRANCE = frozenset({"75", "77", "78", "91", "92", "93", "94", "95"})
ZERO = Decimal(0)


@dataclass(frozen=True)
class Incoherence:
    """A warning of the statistical service, with its code."""

    code: str
    message: str


def surface(ligne: Mapping[str, Any], colonne: str) -> Decimal:
    """One figure of a line of surfaces."""
    return Decimal(str(ligne.get(colonne) or 0))


def total(donnees: Mapping[str, Any], colonne: str, destination: str = "") -> Decimal:
    """Sum of a column, for one destination or all."""
    return sum(
        (
            surface(x, colonne)
            for x in donnees.get("surfaces", [])
            if not destination or x.get("destination") == destination
        ),
        ZERO,
    )


def surface_apres(ligne: Mapping[str, Any]) -> Decimal:
    """Surface of a destination once the works are done."""
    plus = surface(ligne, "existante") + surface(ligne, "creee") + surface(ligne, "issue_transfo")
    moins = surface(ligne, "supprimee_transfo") + surface(ligne, "demolie") + surface(ligne, "transformee")
    return plus - moins


def logements(donnees: Mapping[str, Any]) -> int:
    """Dwellings created; 0 where the data say it in another way (a former form)."""
    dits = donnees.get("logements")
    if not isinstance(dits, Mapping):
        return 0
    return int(dits.get("individuels") or 0) + int(dits.get("collectifs") or 0)


def incoherences(donnees: Mapping[str, Any]) -> tuple[Incoherence, ...]:
    """Warnings S01 to S07 of the specification (§14), never a refusal."""
    trouvees: list[Incoherence] = []

    def dire(code: str, message: str) -> None:
        trouvees.append(Incoherence(code, message))

    existante, demolie = total(donnees, "existante"), total(donnees, "demolie")
    creee = total(donnees, "creee")
    if donnees.get("nature_travaux") == "existante" and creee and not existante and not demolie:
        dire("S01", "Aucune surface existante ni démolie : ce sont des travaux neufs.")
    for code, (libelle, _) in DESTINATIONS.items():
        if total(donnees, "demolie", code) > total(donnees, "existante", code):
            dire("S02", f"{libelle} : la surface démolie dépasse l'existante.")
    if demolie and not existante:
        dire("S03", "Une surface est démolie sans surface existante.")
    supprimee, issue = total(donnees, "supprimee_transfo"), total(donnees, "issue_transfo")
    if supprimee != issue:
        dire("S04", "Les changements de destination ne s'équilibrent pas : créé et supprimé diffèrent.")
    if issue and not existante:
        dire("S05", "Un changement de destination suppose une surface existante.")
    if int(donnees.get("logements", {}).get("demolis") or 0) and not total(donnees, "demolie", "habitation"):
        dire("S06", "Des logements sont démolis sans surface d'habitation démolie.")
    habitation = total(donnees, "creee", "habitation") + total(donnees, "issue_transfo", "habitation")
    if logements(donnees) and not habitation:
        dire("S07", "Des logements sont créés sans surface d'habitation créée.")
    return tuple(trouvees)


def _locaux(donnees: Mapping[str, Any]) -> list[dict[str, Any]]:
    utilisation = str(donnees.get("utilisation") or "principale")
    locaux = []
    for x in donnees.get("surfaces", []):
        cree = surface(x, "creee")
        if not cree or x.get("destination") not in DESTINATIONS:
            continue
        categorie = DESTINATIONS[x["destination"]][1] or UTILISATIONS[utilisation][1]
        local: dict[str, Any] = {"categorie": categorie, "surface_m2": str(cree)}
        if categorie == "RESIDENCE_PRINCIPALE":
            local["logements"] = max(logements(donnees), 1)
            if existante := surface(x, "existante"):
                local["surface_existante_m2"] = str(existante)
        locaux.append(local)
    return locaux


def cas_taxe(donnees: Mapping[str, Any], annee: int, insee: str) -> dict[str, Any] | None:
    """The case of ``simuler_taxe``; null without rates or without anything taxed.

    Floor surfaces stand for taxable ones, as the form gives no other.
    """
    taux = donnees.get("taux") or {}
    installations = {k: v for k, v in (donnees.get("installations") or {}).items() if v}
    if exterieures := (donnees.get("stationnement") or {}).get("exterieures"):
        installations["stationnements"] = exterieures
    locaux = _locaux(donnees)
    if not taux.get("communal") or not (locaux or installations):
        return None
    cas: dict[str, Any] = {
        "annee": annee,
        "zone": "IDF" if insee[:2] in ILE_DE_FRANCE else "HORS_IDF",
        "taux": dict(taux),
        "locaux": locaux,
    }
    if installations:
        cas["installations"] = installations
    return cas
