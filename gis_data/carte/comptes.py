"""How many objects each public layer holds, read again when its version changes."""

from __future__ import annotations

from gis_data.couches import couches
from gis_data.tuiles.service import version

_CONNUS: dict[str, tuple[str, int]] = {}


def comptes() -> dict[str, int]:
    """Layer name → number of rows of the public layers."""
    resultat = {}
    for couche in couches():
        if not couche.publique:
            continue
        courante = version(couche.nom)
        connu = _CONNUS.get(couche.nom)
        if connu is None or connu[0] != courante:
            connu = (courante, couche.objets(None).count())
            _CONNUS[couche.nom] = connu
        resultat[couche.nom] = connu[1]
    return resultat
