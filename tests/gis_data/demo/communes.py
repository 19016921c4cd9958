"""Communes shared by the tests of the generator, each built once a session."""

from __future__ import annotations

from functools import cache

from gis_data.demo import feuilles, millesimes
from gis_data.demo.construction import construire
from gis_data.demo.objets import Commune, Objet
from gis_data.formats.edigeo.ecrivain import ecrire_lot
from gis_data.formats.edigeo.lecteur import lire_lot
from gis_data.formats.edigeo.modele import Feuille


@cache
def commune(parcelles: int = 150, graine: int = 5, sections: int = 3, crs: str = "LAMB93") -> Commune:
    """A first vintage. Not to be changed by a test."""
    return construire("25999", parcelles, graine, sections, crs)


@cache
def suivante(rang: int, parcelles: int = 150, graine: int = 5) -> Commune:
    """The vintage of that rank."""
    return (
        millesimes.evoluer(suivante(rang - 1, parcelles, graine)) if rang > 1 else commune(parcelles, graine)
    )


@cache
def relues(rang: int = 1, parcelles: int = 150, graine: int = 5) -> dict[str, Feuille]:
    """The sheets of a vintage, written and read again, by id12."""
    lots = feuilles.construire(suivante(rang, parcelles, graine))
    return {id12: lire_lot(ecrire_lot(f), departement=id12[:2]) for id12, f in lots.items()}


def objets(c: Commune, type_: str) -> list[Objet]:
    """Objects of a type."""
    return [o for o in c.objets if o.type == type_]
