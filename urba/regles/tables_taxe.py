"""Values of the taxe d'aménagement by year of the initial authorisation (CGI 1635 quater H to J; spec §5.10).

A value None ships inactive (to be confirmed): a quantity above zero is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Zone(StrEnum):
    """Île-de-France has its own value per square metre and a regional share."""

    HORS_IDF = "HORS_IDF"
    IDF = "IDF"


class Categorie(StrEnum):
    """Kind of premises."""

    RESIDENCE_PRINCIPALE = "RESIDENCE_PRINCIPALE"
    LOGEMENT_AIDE = "LOGEMENT_AIDE"
    HEBERGEMENT_AIDE = "HEBERGEMENT_AIDE"
    INDUSTRIEL = "INDUSTRIEL"
    ARTISANAL = "ARTISANAL"
    ENTREPOT_NON_PUBLIC = "ENTREPOT_NON_PUBLIC"
    STATIONNEMENT_COUVERT_COMMERCIAL = "STATIONNEMENT_COUVERT_COMMERCIAL"
    RESIDENCE_SECONDAIRE = "RESIDENCE_SECONDAIRE"
    COMMERCE = "COMMERCE"
    BUREAU = "BUREAU"
    AUTRE = "AUTRE"
    PLAI = "PLAI"
    EXPLOITATION_AGRICOLE = "EXPLOITATION_AGRICOLE"
    SERVICE_PUBLIC = "SERVICE_PUBLIC"


class Bareme(StrEnum):
    """How the surface of a category is valued."""

    ABATTEMENT_100_M2 = "abattement_100_m2"
    MOITIE = "moitie"
    PLEIN = "plein"
    EXONERE = "exonere"


@dataclass(frozen=True)
class LigneCategorie:
    """A category: how it is valued, by which article, its name for people."""

    code: Categorie
    bareme: Bareme
    article: str
    libelle: str


def _cat(code: Categorie, bareme: Bareme, libelle: str) -> LigneCategorie:
    articles = {Bareme.PLEIN: "CGI 1635 quater H", Bareme.EXONERE: "CGI 1635 quater D"}
    return LigneCategorie(code, bareme, articles.get(bareme, "CGI 1635 quater I"), libelle)


CATEGORIES: dict[Categorie, LigneCategorie] = {
    ligne.code: ligne
    for ligne in (
        _cat(Categorie.RESIDENCE_PRINCIPALE, Bareme.ABATTEMENT_100_M2, "Résidence principale"),
        _cat(Categorie.LOGEMENT_AIDE, Bareme.MOITIE, "Logement aidé"),
        _cat(Categorie.HEBERGEMENT_AIDE, Bareme.MOITIE, "Hébergement aidé"),
        _cat(Categorie.INDUSTRIEL, Bareme.MOITIE, "Local industriel"),
        _cat(Categorie.ARTISANAL, Bareme.MOITIE, "Local artisanal"),
        _cat(Categorie.ENTREPOT_NON_PUBLIC, Bareme.MOITIE, "Entrepôt non ouvert au public"),
        _cat(
            Categorie.STATIONNEMENT_COUVERT_COMMERCIAL,
            Bareme.MOITIE,
            "Parc de stationnement couvert commercial",
        ),
        _cat(Categorie.RESIDENCE_SECONDAIRE, Bareme.PLEIN, "Résidence secondaire"),
        _cat(Categorie.COMMERCE, Bareme.PLEIN, "Commerce"),
        _cat(Categorie.BUREAU, Bareme.PLEIN, "Bureau"),
        _cat(Categorie.AUTRE, Bareme.PLEIN, "Autre construction"),
        _cat(Categorie.PLAI, Bareme.EXONERE, "Logement très social (PLAI)"),
        _cat(Categorie.EXPLOITATION_AGRICOLE, Bareme.EXONERE, "Exploitation agricole"),
        _cat(Categorie.SERVICE_PUBLIC, Bareme.EXONERE, "Service public"),
    )
}


class Valeur(StrEnum):
    """Code of a yearly value."""

    M2_HORS_IDF = "M2_HORS_IDF"
    M2_IDF = "M2_IDF"
    PISCINE = "PISCINE"
    STATIONNEMENT_MIN = "STATIONNEMENT_MIN"
    STATIONNEMENT_MAX = "STATIONNEMENT_MAX"
    TENTE_CARAVANE = "TENTE_CARAVANE"
    HLL = "HLL"
    EOLIENNE = "EOLIENNE"
    PHOTOVOLTAIQUE = "PHOTOVOLTAIQUE"


@dataclass(frozen=True)
class LigneValeur:
    """A value in euros (per m² or unit) with its article and dates; ``montant`` None: to be confirmed."""

    code: Valeur
    article: str
    du: date
    au: date
    montant: Decimal | None
    actif: bool
    a_confirmer: bool


_ARTICLES = {
    Valeur.M2_HORS_IDF: "CGI 1635 quater H",
    Valeur.M2_IDF: "CGI 1635 quater H",
}
_TABLE: dict[int, tuple[int | None, ...]] = {
    # year: m² outside IDF, m² IDF, pool m², place min, place max, tent, HLL, wind turbine, ground PV m²
    2023: (886, 1004, 250, 2500, 5000, 3000, 10000, 3000, 10),
    2024: (914, 1036, 258, 3000, 6000, 3000, 10000, 3000, 10),
    2025: (930, 1054, 262, 3052, 6104, 3000, 10000, 3000, 10),
    2026: (892, 1011, 251, 2928, 5857, None, None, None, 10),
}

VALEURS: tuple[LigneValeur, ...] = tuple(
    LigneValeur(
        code,
        _ARTICLES.get(code, "CGI 1635 quater J"),
        date(annee, 1, 1),
        date(annee, 12, 31),
        None if montant is None else Decimal(montant),
        montant is not None,
        montant is None,
    )
    for annee, montants in _TABLE.items()
    for code, montant in zip(Valeur, montants, strict=True)
)
ANNEES = tuple(_TABLE)


def valeurs_de_l_annee(annee: int, lignes: Iterable[LigneValeur] = VALEURS) -> dict[Valeur, Decimal]:
    """Active values of a year by code; empty for a year without table."""
    return {x.code: x.montant for x in lignes if x.du.year == annee and x.actif and x.montant is not None}


PETITE_CONSTRUCTION_M2 = Decimal("5.00")
"""CGI 1635 quater D: total surface up to which constructions are exempt."""
ABATTEMENT_M2 = 100
"""CGI 1635 quater I: first square metres of each main home, at half value."""

TAUX_COMMUNAL_MIN = Decimal(1)
TAUX_COMMUNAL_MAX = Decimal(5)
TAUX_COMMUNAL_MAJORE_MAX = Decimal(20)
TAUX_DEPARTEMENTAL_MAX = Decimal("2.5")
TAUX_REGIONAL_MAX = Decimal(1)
"""CGI 1635 quater L to N, in percent; the regional share exists in IDF only."""
