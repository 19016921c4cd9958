"""Whom a plan is owed to, as its licence asks (Licence Ouverte 2.0: name of the producer and date)."""

from __future__ import annotations

from collections.abc import Iterable

DGFIP = "DGFiP – Cadastre"
# How the generator of the fictional commune signs its lots (``gis_data.demo.feuilles.AUTEUR``).
FICTIF = "Commune fictive"


def producteur(auteurs: Iterable[str]) -> str:
    """Producer to credit for lots of these authors (AUT of the THF; "" where unknown).

    The DGFiP's offices sign by their own names: all that is not wholly the generator's is the DGFiP's.
    """
    connus = sorted(set(auteurs))
    if connus and all(auteur.startswith(FICTIF) for auteur in connus):
        return connus[0]
    return DGFIP
