"""Exchange format of network data (géostandard RAEPA v1.2): layers, fields, code lists, bounds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

VERSIONS = ("1.2",)
SRID_DEFAUT, SRID_MIN, SRID_MAX = 2154, 1024, 999_999
ANNEE_REFERENCE_MIN, ANNEE_REFERENCE_MAX = 1900, 2199
CANALISATIONS, OUVRAGES, APPAREILLAGES, REPARATIONS = (
    "RAEPA_CANALASS_L", "RAEPA_OUVRASS_P", "RAEPA_APPARASS_P", "RAEPA_REPARASS_P",
)  # fmt: skip

STRUCTUREL, ATTENDU, FACULTATIF = "structurel", "attendu", "facultatif"
ERREUR, AVERTISSEMENT = "erreur", "avertissement"
GRAVITE_ABSENCE = {STRUCTUREL: ERREUR, ATTENDU: AVERTISSEMENT, FACULTATIF: None}


@dataclass(frozen=True)
class Champ:
    """One field of a layer and what its absence costs."""

    nom: str
    presence: str


def _champs(description: str) -> tuple[Champ, ...]:
    """Fields in order: ``!`` before a structural one, ``?`` before an optional one, nothing if expected."""
    presences = {"!": STRUCTUREL, "?": FACULTATIF}
    return tuple(Champ(mot.lstrip("!?"), presences.get(mot[0], ATTENDU)) for mot in description.split())


_FIN = "QUALGLOCXY ?QUALGLOCZ DATEMAJ SOURMAJ ?QUALANNEE ?DATEGEOLOC ?SOURGEOLOC ?SOURATTRIB"
# The standard's mandatory ANFINPOSE on nodes and IDCANAMONT/IDCANAVAL at network ends are not required.
COUCHES = {
    CANALISATIONS: _champs(
        "!IDCANA MOUVRAGE GEXPLOIT ENSERVICE BRANCHEMNT !TYPRESEAU MATERIAU DIAMETRE ANFINPOSE MODECIRC "
        "CONTCANASS FONCCANASS ?IDNINI ?IDNTERM ?IDCANPPALE ?ZAMONT ?ZAVAL ?SENSECOUL ?ANDEBPOSE ?LONGCANA "
        "?NBRANCHE " + _FIN
    ),
    OUVRAGES: _champs(
        "!IDOUVRAGE X Y MOUVRAGE GEXPLOIT !TYPRESEAU FNOUVASS ?ANFINPOSE ?IDCANAMONT ?IDCANAVAL ?IDCANPPALE "
        "?Z ?ANDEBPOSE " + _FIN
    ),
    APPAREILLAGES: _champs(
        "!IDAPPAREIL X Y MOUVRAGE GEXPLOIT !TYPRESEAU FNAPPASS ?ANFINPOSE ?DIAMETRE ?IDCANAMONT ?IDCANAVAL "
        "?IDCANPPALE ?IDOUVRAGE ?Z ?ANDEBPOSE " + _FIN
    ),
    REPARATIONS: _champs("!IDREPAR X Y SUPPREPAR DEFREPAREE DATEREPAR MOUVRAGE"),
}
VARIANTES = {"BRANCHEMENT": "BRANCHEMNT"}
# Attributes that every export adds: never listed as unknown.
TECHNIQUES = frozenset(("GEOM", "THE_GEOM", "GEOMETRY", "GID", "FID", "OGC_FID"))
MOT_ABSENT = "NULL"


def _codes(dernier: int, *autres: str, premier: int = 0) -> frozenset[str]:
    return frozenset((*(f"{rang:02d}" for rang in range(premier, dernier + 1)), *autres))


# SUPPREPAR and DEFREPAREE are not checked: their lists are inactive.
LISTES = {
    "TYPRESEAU": _codes(3, premier=1),
    "CONTCANASS": _codes(3, "99"),
    "FONCCANASS": _codes(2, "99"),
    "MODECIRC": _codes(3, "99"),
    "FNOUVASS": _codes(9, "99"),
    "FNAPPASS": _codes(6, "99"),
    "QUALGLOCXY": _codes(3, premier=1),
    "QUALGLOCZ": _codes(3, premier=1),
    "QUALANNEE": _codes(5, premier=1),
    "MATERIAU": _codes(31, "99"),
    "SENSECOUL": frozenset("01"),
    "ENSERVICE": frozenset("ON"),
    "BRANCHEMNT": frozenset("ON"),
}
COMPOSES = frozenset(("FNOUVASS", "FNAPPASS"))  # also « NN-NN », the first pair being in the list
LISTES_OUVERTES = frozenset(("MATERIAU",))  # an unknown code is kept as text: a reserve, not a reject
CONTENUS_PRECIS = _codes(3, premier=1)  # contents that name a network
GRAVITAIRE = "01"

ENTIERS = frozenset(("DIAMETRE", "NBRANCHE"))
NOMBRES = frozenset(("X", "Y", "Z", "ZAMONT", "ZAVAL", "LONGCANA"))
ANNEES = frozenset(("ANFINPOSE", "ANDEBPOSE"))
DATES = frozenset(("DATEMAJ", "DATEGEOLOC", "DATEREPAR"))
ANNEE_MIN = 1800


@dataclass(frozen=True)
class Bornes:
    """Plausible values; ``exclut_minimum`` when the lower bound itself is not one."""

    minimum: Decimal
    maximum: Decimal
    exclut_minimum: bool = False

    def contient(self, valeur: Decimal) -> bool:
        """Whether the value is plausible."""
        if self.exclut_minimum and valeur == self.minimum:
            return False
        return self.minimum <= valeur <= self.maximum


_ALTITUDE = Bornes(Decimal(-50), Decimal(5_000))
BORNES = {
    "DIAMETRE": Bornes(Decimal(1), Decimal(10_000)),
    "NBRANCHE": Bornes(Decimal(0), Decimal(9_999)),
    "LONGCANA": Bornes(Decimal(0), Decimal(100_000), exclut_minimum=True),
    "Z": _ALTITUDE,
    "ZAMONT": _ALTITUDE,
    "ZAVAL": _ALTITUDE,
}
# Extent of mainland France, by projection: catches swapped axes.
EMPRISES = {
    2154: {"X": Bornes(Decimal(0), Decimal(1_300_000)), "Y": Bornes(Decimal(6_000_000), Decimal(7_200_000))},
}

NOEUDS, CANAS, OUVS = "noeuds", "canalisations", "ouvrages"
LISTES_IDENTIFIANTS = (NOEUDS, CANAS, OUVS)
# Field → list where its value must be found; several identifiers may be written in some.
REFERENCES = {
    "IDNINI": NOEUDS,
    "IDNTERM": NOEUDS,
    "IDCANPPALE": CANAS,
    "IDCANAMONT": CANAS,
    "IDCANAVAL": CANAS,
    "IDOUVRAGE": OUVS,
}
REFERENCES_MULTIPLES = frozenset(("IDCANAMONT", "IDCANAVAL"))
SEPARATEUR = ";"
