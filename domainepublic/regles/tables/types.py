"""Types of occupation shipped with the application, and which of them may share the same ground."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

OUI, NON, A_PRECISER = "oui", "non", "a_preciser"
DELAI_CONSEILLE_JOURS = 15


@dataclass(frozen=True)
class TypeOccupation:
    """One type: ``emprise`` and ``economique`` are facts presumed when the request does not state them."""

    code: str
    libelle: str
    emprise: str
    economique: str
    affecte_sol: bool
    geometries: tuple[str, ...]
    unites: tuple[str, ...]
    periodes: tuple[str, ...]
    pieces: tuple[str, ...]
    delai_conseille_jours: int = DELAI_CONSEILLE_JOURS


def _type(ligne: tuple[str, str, str, str, str, str, str, str, str]) -> TypeOccupation:
    code, libelle, emprise, economique, sol, geometries, unites, periodes, pieces = ligne
    faits = {"O": OUI, "N": NON, "?": A_PRECISER, "-": A_PRECISER}

    def morceaux(texte: str, separateur: str) -> tuple[str, ...]:
        return tuple(morceau.strip() for morceau in texte.split(separateur) if morceau.strip())

    return TypeOccupation(
        code, libelle, faits[emprise], faits[economique], sol == "O", morceaux(geometries, ","),
        morceaux(unites, ","), morceaux(periodes, ","), morceaux(pieces, ";"),
    )  # fmt: skip


# fmt: off
_LIGNES = (
    # code, libellé, emprise, économique, sol, géométries, unités, périodes, pièces usuelles
    ("TERR_O", "terrasse ouverte", "N", "O", "N", "polygone", "m2", "an, mois_commence",
     "Kbis; assurance; plan coté; photo"),
    ("TERR_F", "terrasse fermée, véranda", "O", "O", "N", "polygone", "m2", "an",
     "Kbis; assurance; plan coté; photo; autorisation d'urbanisme"),
    ("ETAL", "étalage, portant, chevalet", "N", "O", "N", "polygone, point", "m2, unite", "an",
     "Kbis; photo"),
    ("AMBU", "commerce ambulant, food-truck, marché hors halle", "N", "O", "N", "polygone", "ml, emplacement",
     "jour", "carte d'ambulant; assurance"),
    ("ECHAF", "échafaudage", "N", "N", "N", "ligne_largeur, polygone", "ml, m2", "jour, semaine",
     "plan; n° de permis ou DP"),
    ("BENNE", "benne, bungalow", "N", "N", "N", "point_rectangle, polygone", "unite, m2", "jour", "plan"),
    ("PALIS", "palissade, emprise de chantier", "?", "N", "N", "polygone", "m2", "semaine, mois_30",
     "plan coté; passage piéton"),
    ("DEPOT", "dépôt de matériaux", "N", "N", "N", "polygone", "m2", "jour", "plan"),
    ("GRUE", "grue, survol", "O", "N", "N", "point_rayon", "unite", "jour, mois_30",
     "plan de survol; assurance"),
    ("NACEL", "nacelle, pompe à béton", "N", "N", "N", "polygone", "unite", "demi_journee, jour", ""),
    ("DEMEN", "déménagement", "N", "N", "N", "ligne_trottoir", "ml, place, forfait", "jour", ""),
    ("BATEAU", "entrée charretière", "O", "N", "O", "ligne", "ml, forfait", "operation", "plan; photo"),
    ("RESEAU", "tranchée, branchement", "O", "N", "O", "ligne_largeur", "ml", "operation", "DT/DICT; plan"),
    ("MOBIL", "mobilier urbain, borne de recharge", "O", "O", "N", "point_rayon", "unite", "an", "notice"),
    ("ENSEI", "enseigne, saillie, store", "O", "N", "N", "point, ligne", "m2", "an",
     "autorisation d'enseigne"),
    ("MANIF", "manifestation, vide-grenier, tournage", "N", "?", "N", "polygone", "m2, forfait", "jour",
     "assurance; plan de sécurité"),
    ("TAXI", "emplacement de taxi", "N", "N", "N", "polygone", "place", "an",
     "licence tenue ailleurs, référence seule"),
    ("VEGET", "végétalisation", "N", "N", "N", "polygone", "m2", "an", ""),
    ("CIRC", "mesure de circulation seule", "N", "N", "N", "ligne_largeur, polygone", "", "", ""),
    # A constat, not a request: its facts, unit and period are those of the presumed type.
    ("SANS", "occupation sans titre", "-", "-", "N", "point, ligne, polygone", "", "", "constat"),
)
# fmt: on
TYPES = {ligne[0]: _type(ligne) for ligne in _LIGNES}

AUCUN, INFO, ALERTE, BLOQUANT = "aucun", "info", "alerte", "bloquant"
NIVEAUX = (AUCUN, INFO, ALERTE, BLOQUANT)  # from the lowest
TOUS = "*"  # every type of the seed, neither PEI nor BUS
PEI, BUS = "PEI", "BUS"

COMPATIBILITES = (
    ("ENSEI", TOUS, AUCUN),
    ("VEGET", PEI, AUCUN),
    ("TAXI", BUS, AUCUN),
    ("TERR_O", "MANIF", ALERTE),
    ("GRUE", TOUS, ALERTE),  # overhang
    ("CIRC", TOUS, AUCUN),
)
# Said for the pair itself: it outranks a row of « every type ».
COMPATIBILITES_PROPRES = {("CIRC", "CIRC"): ALERTE}


def compatibilites_par_defaut() -> dict[tuple[str, str], str]:
    """Level of each pair of types, one row a pair, codes in alphabetical order; the lowest row holds."""
    niveaux: dict[tuple[str, str], str] = {}
    for a, b, niveau in COMPATIBILITES:
        for autre in TYPES if b == TOUS else (b,):
            paire = (min(a, autre), max(a, autre))
            if paire in COMPATIBILITES_PROPRES:
                continue
            niveaux[paire] = min(niveaux.get(paire, niveau), niveau, key=NIVEAUX.index)
    niveaux.update(COMPATIBILITES_PROPRES)
    return niveaux


def paires_de_types() -> list[tuple[str, str]]:
    """Every unordered pair of types of the seed, for the settings screen."""
    return list(combinations_with_replacement(sorted(TYPES), 2))
