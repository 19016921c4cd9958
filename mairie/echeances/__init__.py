"""Deadlines of all trades, for the agents' desks (docs/echeances-et-taches.md)."""

from mairie.echeances.registre import Fournisseur, fournir
from mairie.echeances.service import attribuer, ecrire, preparer, publier, solder

__all__ = ["Fournisseur", "attribuer", "ecrire", "fournir", "preparer", "publier", "solder"]
