"""Vehicles that a traffic measure concerns or spares, in the words of an order (spec §6.5). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domainepublic.regles.tables.dialog import POIDS_LOURDS

CONCERNES_LISIBLES = {
    POIDS_LOURDS: "poids lourds",
    "dimensions": "véhicules de grandes dimensions",
    "critair": "véhicules que vise leur vignette Crit'Air",
    "matieres_dangereuses": "véhicules transportant des matières dangereuses",
    "autres": "véhicules que désigne la signalisation",
}
EXCEPTES_LISIBLES = {
    "riverains": "riverains",
    "desserte_locale": "desserte locale",
    "secours": "véhicules de secours",
    "police": "forces de l'ordre",
    "transports_commun": "transports en commun",
    "taxis": "taxis",
    "autopartage": "véhicules en autopartage",
    "livraisons": "livraisons",
    "chantier": "véhicules du chantier",
    "velos": "vélos",
    "pietons": "piétons",
    "autres": "autres véhicules que désigne la signalisation",
}


def vehicules_en_mots(vehicules: Mapping[str, Any]) -> str:
    """« pour les poids lourds de plus de 3,5 t, sauf riverains et livraisons »; empty: every vehicle."""
    concernes = []
    for code in vehicules.get("concernes") or []:
        dit = f"les {CONCERNES_LISIBLES[code]}"
        if code == POIDS_LOURDS and (tonnage := vehicules.get("tonnage_max")):
            dit += f" de plus de {str(tonnage).replace('.', ',')} t"
        concernes.append(dit)
    exceptes = [EXCEPTES_LISIBLES[code] for code in vehicules.get("exceptes") or []]
    morceaux = []
    if concernes:
        morceaux.append(f"pour {_liste(concernes)} seulement")
    if exceptes:
        morceaux.append(f"sauf {_liste(exceptes)}")
    return ", ".join(morceaux)


def _liste(mots: Sequence[str]) -> str:
    return f"{', '.join(mots[:-1])} et {mots[-1]}" if len(mots) > 1 else mots[0]
