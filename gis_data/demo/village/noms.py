"""Names of the invented commune: places, streets, neighbours. Plainly made up, Latin-1 only."""

from __future__ import annotations

import numpy as np

# fmt: off
NOM_DEMO = "VAUGREVE-LES-CARTES"
_DEBUTS = ["VAU", "MONT", "CHANTE", "BELLE", "CLAIR", "ROCHE", "FONT", "VER", "SAUVE", "HAUTE", "NOIRE",
    "PIERRE"]
_MILIEUX = ["GREVE", "LOUP", "RIVE", "BRUME", "COMBE", "LANDE", "MERLE", "SOURCE", "CHEMIN", "PLUIE", "RONCE"]
_FINS = ["LES-CARTES", "LES-PLANS", "SUR-PAPIER", "LA-COTEE", "LES-ECHELLES", "EN-LEGENDE", "LA-BOUSSOLE"]

# Neighbouring communes, named on the roads that lead there.
VOISINES = [
    "Merle-la-Boussole", "Brumerive", "Fontlégende", "Sauvelande", "Chantecarte",
    "Roche-sur-Papier", "Hautécluse-la-Mire", "Clairjalon",
]

RIVIERES = [("La", "Grévelle"), ("La", "Brumette"), ("Le", "Doublet"), ("L'", "Ourcine")]

LIEUX_BOURG = [
    "LE BOURG", "LE VIEUX CHÂTEAU", "DERRIÈRE L'ÉGLISE", "AU BAS DU VILLAGE", "LES OUCHES",
    "LE CLOS DES FONTAINES", "AUX COURTILS", "LE CHAMP DE FOIRE", "LA CROIX DE PIERRE", "SUR LE MOULIN",
    "LES JARDINS DU PRESSOIR", "LE FAUBOURG NEUF",
]
LIEUX_PLAINE = [
    "LES LONGUES RAIES", "LE PRÉ DE L'ÉTANG", "AUX GRANDES PIÈCES", "LES PRÉS DE LA GRÈVE", "LA FIN DESSOUS",
    "LE CHAMP RENÂCLE", "LES NOUES", "L'ÎLE AUX SAULES", "LA COMBE À L'ÂNE", "LES TEPPES RONDES",
    "LE PAQUIS", "SOUS LA VOIE ROMAINE", "LES ARPENTS D'EN BAS", "LA PIÈCE DU JALON", "AUX PERCHES",
    "LE GUÉ DES AULNES", "LES SILLONS BLANCS", "LA GRANDE ÉQUERRE", "LE RU DE L'AUNE", "LES BORNES NEUVES",
]
LIEUX_COTEAU = [
    "LA CÔTE AUX CHÊNES", "LE BOIS DE LA MIRE", "LES ROCHES", "AUX VIGNES PERDUES", "LE HAUT DU CRÊT",
    "LA FORÊT DU BAILLI", "EN TRAVERS DE LA CÔTE", "LE GRAND ESSART", "LES FRÊNES TORDUS",
    "LA BARAQUE À FUMÉE",
    "CHAMP LEVÉ", "LE TROU DU RENARD", "LES CHARMILLES", "AU SIGNAL", "LA PIERRE QUI VIRE", "LE BOIS BRÛLÉ",
    "LES GENÊTS", "COMBE NOIRE", "LE CLOSEY D'EN HAUT", "LES ÉPINES",
]

RUES = [
    "du Lavoir", "de la Fontaine aux Ânes", "des Tanneurs", "du Four Banal", "de l'Horloge", "des Arpenteurs",
    "du Vieux Pressoir", "de la Grange Ronde", "des Merles", "du Puits Couvert", "de la Boussole",
    "des Tilleuls",
    "du Colporteur", "de la Mire", "des Jardins", "du Pigeonnier", "de l'Abreuvoir", "des Lilas",
    "de l'École",
    "du Bief", "des Vergers", "de la Forge Éteinte", "des Remparts", "du Marché aux Grains", "de la Dîme",
    "du Jalon", "des Églantiers", "de la Chènevière", "du Maréchal-Ferrant", "des Cordiers", "de la Source",
    "du Clos Fleuri", "des Noyers", "de l'Équerre", "des Potiers", "du Chat qui Dort", "de la Côte",
    "des Framboisiers", "du Cadran Solaire", "de la Laiterie", "des Charrons", "du Grand Cèdre",
    "des Mésanges",
    "de la Tuilerie", "du Petit Bois", "des Sorbiers", "de l'Étrier", "du Rucher", "des Hirondelles",
    "de la Scierie", "du Moulin à Vent", "des Glycines", "de la Treille", "du Guet", "des Coquelicots",
    "de la Vieille Halle", "du Sabotier", "des Pervenches", "de l'Orme Creux", "du Tonnelier", "des Cigognes",
    "de la Bergerie", "du Poirier Sauvage", "des Rainettes", "de l'Ancienne Poste", "du Vannier",
    "des Aubépines",
]
CHEMINS = [
    "de la Combe", "du Bois de la Mire", "des Longues Raies", "de la Croix Rompue", "du Gué des Aulnes",
    "des Essarts",
    "de la Baraque", "du Crêt", "des Prés de la Grève", "de la Voie Romaine", "du Signal",
    "des Vignes Perdues",
    "de l'Étang", "du Trou du Renard", "des Charbonniers", "de la Pierre qui Vire", "du Pâquis", "des Noues",
]
# fmt: on
RESIDENCE = "Ensemble immobilier du Clos des Fontaines et des Vergers de l'Ancienne Abbaye aux Ânes"
NOM_LONG_LIEU = "AU CHAMP DE LA CROIX ROMPUE SOUS LE BOIS DE LA MIRE D'EN HAUT PRÈS DE LA FONTAINE AUX ÂNES"


def nom_commune(insee: str) -> str:
    """Invented name in capitals without accent or apostrophe, always the same for a code."""
    if insee == "25999":
        return NOM_DEMO
    rng = np.random.default_rng([ord(c) for c in insee])
    return f"{rng.choice(_DEBUTS)}{rng.choice(_MILIEUX)}-{rng.choice(_FINS)}"


class Tirage:
    """Gives the names of a list in a shuffled order, then again with an ending that tells them apart."""

    def __init__(self, noms: list[str], rng: np.random.Generator, fins: tuple[str, ...] = ()) -> None:
        self._noms = [noms[i] for i in rng.permutation(len(noms))]
        self._fins = ("", *fins)
        self._rang = 0

    def suivant(self) -> str:
        """The next name."""
        tour, i = divmod(self._rang, len(self._noms))
        self._rang += 1
        fin = self._fins[tour] if tour < len(self._fins) else f" n° {tour + 1}"
        return self._noms[i] + fin


class TirageRues:
    """Street names: each kind of way and name once, a name coming back only under another kind."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng, self._noms, self._pris = rng, Tirage(RUES, rng, ("",) * 20), set[str]()

    def suivant(self, sortes: list[str]) -> str:
        """« Rue du Lavoir »: a kind among ``sortes`` or, where all are taken, a usual one."""
        nom = self._noms.suivant()
        premiere = str(self._rng.choice(sortes))
        for sorte in (premiere, *sortes, "Rue", "Ruelle", "Allée", "Impasse", "Passage", "Chemin", "Montée"):
            complet = f"{sorte} {nom}"
            if complet not in self._pris:
                self._pris.add(complet)
                return complet
        return f"Rue {nom} n° {len(self._pris)}"
