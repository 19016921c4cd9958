"""What an occupation changes for who passes by (spec §9): codes drawn from measures and free width. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

LARGEUR_LIBRE_M = Decimal("1.40")
LARGEUR_LIBRE_SANS_OBSTACLE_M = Decimal("1.20")
MESURES_LISIBLES = {
    "circulation_interdite": "circulation interdite",
    "stationnement_interdit": "stationnement interdit",
    "vitesse_limitee": "vitesse limitée",
    "circulation_alternee": "circulation alternée",
    "depassement_interdit": "dépassement interdit",
    "trottoir_neutralise": "trottoir fermé aux piétons",
    "deviation": "déviation",
    "voie_retrecie": "voie rétrécie",
}
# From the heaviest hindrance to the lightest: the first one colours the place on the map.
EFFETS = {
    "rue_fermee": "Rue fermée",
    "circulation_alternee": "Circulation alternée",
    "stationnement_supprime": "Stationnement supprimé",
    "trottoir_reduit": "Trottoir réduit",
}
SANS_GENE = "sans_gene"
SANS_GENE_LISIBLE = "Occupation sans gêne signalée"
_DES_MESURES = {
    "circulation_interdite": "rue_fermee",
    "circulation_alternee": "circulation_alternee",
    "stationnement_interdit": "stationnement_supprime",
    "trottoir_neutralise": "trottoir_reduit",
}


def effets(mesures: Iterable[str], passages: Iterable[tuple[Decimal | None, bool]] = ()) -> tuple[str, ...]:
    """Codes in the order of ``EFFETS``. ``passages``: free width (m), and whether nothing stands beside.

    Free width under 1.40 m, or 1.20 m without wall or obstacle (arrêté of 15 January 2007).
    """
    trouves = {_DES_MESURES[m] for m in mesures if m in _DES_MESURES}
    for largeur, sans_obstacle in passages:
        seuil = LARGEUR_LIBRE_SANS_OBSTACLE_M if sans_obstacle else LARGEUR_LIBRE_M
        if largeur is not None and largeur < seuil:
            trouves.add("trottoir_reduit")
    return tuple(code for code in EFFETS if code in trouves)


def effet_principal(codes: Iterable[str]) -> str:
    """The heaviest one, or ``SANS_GENE``."""
    codes = set(codes)
    return next((c for c in EFFETS if c in codes), SANS_GENE)
