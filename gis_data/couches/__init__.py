"""The layer registry: each map layer is declared once, everything that shows it reads it here."""

from gis_data.couches.dessin import Aplat, Dessin, Rang, Symbole, Texte, Trait
from gis_data.couches.registre import (
    Attribut,
    Couche,
    CoucheInconnue,
    Element,
    Forme,
    Genre,
    Groupe,
    couche,
    couches,
    enregistrer,
    enregistrer_groupe,
    generation,
    groupe,
    groupes,
    remplacer,
)

__all__ = [
    "Aplat",
    "Attribut",
    "Couche",
    "CoucheInconnue",
    "Dessin",
    "Element",
    "Forme",
    "Genre",
    "Groupe",
    "Rang",
    "Symbole",
    "Texte",
    "Trait",
    "couche",
    "couches",
    "enregistrer",
    "enregistrer_groupe",
    "generation",
    "groupe",
    "groupes",
    "remplacer",
]
