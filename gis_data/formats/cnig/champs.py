"""Layers and fields of the CNIG standards by version: what a package may hold, under which names.

Sources: CNIG standards PLU, CC, PSMV (versions 2013, 2014, 2017, 2024) and SUP (2013, 2016).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

SURF, LIN, PCT = "SURF", "LIN", "PCT"

# (name, width in a Shapefile: 0 for a date, negative for a number)
Champ = tuple[str, int]

_FICHIER: tuple[Champ, ...] = (("NOMFIC", 80), ("URLFIC", 254))
_VALIDE: tuple[Champ, ...] = (("DATVALID", 0),)
_2013: tuple[Champ, ...] = (("INSEE", 5),)
_DATES_2013: tuple[Champ, ...] = (("DATAPPRO", 0), ("DATVALID", 0))
_IDURBA: tuple[Champ, ...] = (("IDURBA", 30),)


def _psc(*suite: Champ) -> tuple[Champ, ...]:
    return (("LIBELLE", 254), ("TXT", 10), ("TYPEPSC", 2), *suite)


def _inf(*suite: Champ) -> tuple[Champ, ...]:
    return (("LIBELLE", 254), ("TXT", 10), ("TYPEINF", 2), *suite)


_ZONE: tuple[Champ, ...] = (("LIBELLE", 12), ("LIBELONG", 254), ("TYPEZONE", 3))
_DOC: tuple[Champ, ...] = (
    ("TYPEDOC", 4),
    ("DATAPPRO", 0),
    ("DATEFIN", 0),
    ("ETAT", 2),
    ("SIREN", 9),
    ("NOMREG", 80),
    ("URLREG", 254),
    ("NOMPLAN", 80),
    ("URLPLAN", 254),
    ("SITEWEB", 254),
    ("TYPEREF", 2),
    ("DATEREF", 8),
)

# Version → layer → its fields. PRESCRIPTION and INFO are the same for surfaces, lines and points.
PLU: dict[str, dict[str, tuple[Champ, ...]]] = {
    "2013": {
        "ZONE_URBA": (*_ZONE, ("DESTDOMI", 2), *_FICHIER, *_2013, *_DATES_2013),
        "SECTEUR_CC": (
            ("LIBELLE", 254),
            ("TYPESECT", 3),
            ("FERMRECO", 3),
            ("DESTDOMI", 2),
            *_FICHIER,
            *_2013,
            *_DATES_2013,
        ),
        "PRESCRIPTION": _psc(*_FICHIER, *_2013, *_DATES_2013),
        "INFO": _inf(*_FICHIER, *_2013),
        "DOC_URBA": (("IDURBA", 20), ("INTERCO", 1), *_DOC),
        "DOC_URBA_COM": (("IDURBA", 20), ("INSEE", 5), ("DATECOG", 0)),
    },
    "2014": {
        "ZONE_URBA": (("IDZONE", 10), *_ZONE, ("DESTDOMI", 2), *_FICHIER, *_2013, *_DATES_2013),
        "SECTEUR_CC": (
            ("LIBELLE", 12),
            ("TYPESECT", 2),
            ("FERMRECO", 3),
            ("DESTDOMI", 2),
            *_FICHIER,
            *_2013,
            *_DATES_2013,
        ),
        "PRESCRIPTION": (("IDPSC", 10), *_psc(*_FICHIER, *_2013, *_DATES_2013)),
        "INFO": (("IDINFO", 10), *_inf(*_FICHIER, *_2013)),
        "DOC_URBA": (("IDURBA", 20), ("INTERCO", 1), *_DOC),
        "DOC_URBA_COM": (("IDURBA", 20), ("INSEE", 5)),
    },
    "2017": {
        "ZONE_URBA": (("LIB_IDZONE", 40), *_ZONE, *_FICHIER, *_IDURBA, *_VALIDE),
        "SECTEUR_CC": (
            ("LIB_IDZONE", 40),
            ("LIBELLE", 12),
            ("LIBELONG", 254),
            ("TYPESECT", 3),
            ("FERMRECO", 3),
            *_FICHIER,
            *_IDURBA,
            *_VALIDE,
        ),
        "PRESCRIPTION": (("LIB_IDPSC", 40), *_psc(("STYPEPSC", 2), *_FICHIER, *_IDURBA, *_VALIDE)),
        "INFO": (("LIB_IDINFO", 40), *_inf(("STYPEINF", 2), *_FICHIER, *_IDURBA, *_VALIDE)),
        "DOC_URBA": (*_IDURBA, ("NOMPROC", 10), ("URLPE", 254), *_DOC),
        "DOC_URBA_COM": (*_IDURBA, ("INSEE", 5)),
    },
}
PLU["2024"] = {
    **PLU["2017"],
    "ZONE_URBA": (
        *PLU["2017"]["ZONE_URBA"],
        ("FORMDOMI", 10),
        ("DESTOUI", 120),
        ("DESTCDT", 120),
        ("DESTNON", 120),
        ("SYMBOLE", 30),
    ),
    "PRESCRIPTION": (*PLU["2017"]["PRESCRIPTION"], ("NATURE", 50), ("SYMBOLE", 30)),
    "INFO": (*PLU["2017"]["INFO"], ("NATURE", 50), ("SYMBOLE", 30)),
}

_SERVITUDE: tuple[Champ, ...] = (
    ("IDSUP", 40),
    ("IDGEST", 9),
    ("NOMSUP", 100),
    ("NOMSUPLITT", 100),
    ("CATEGORIE", 10),
    ("IDINTGEST", 25),
    ("DESCRIPTIO", 254),
    ("DATEMAJ", 0),
    ("ECHNUM", -9),
    ("VALIDEGEST", 1),
    ("OBSVALIDAT", 254),
    ("QUIPROD", 80),
    ("MODEPROD", 25),
    ("DOCSOURCE", 80),
)
SUP_2016: dict[str, tuple[Champ, ...]] = {
    "ASSIETTE": (
        ("IDASS", 40),
        ("IDGEN", 40),
        ("NOMASS", 100),
        ("TYPEASS", 40),
        ("MODEGEOASS", 25),
        ("PARAMCALC", -9),
        ("SRCGEOASS", 30),
        ("DATESRCASS", 8),
    ),
    "GENERATEUR": (
        ("IDGEN", 40),
        ("IDSUP", 40),
        ("NOMGEN", 100),
        ("TYPEGEN", 40),
        ("MODEGENERE", 50),
        ("SRCGEOGEN", 30),
        ("DATESRCGEN", 8),
        ("REFBDEXT", 50),
        ("IDBDEXT", 50),
    ),
    "SERVITUDE": _SERVITUDE,
    "ACTE_SUP": (
        ("IDACTE", 40),
        ("NOMACTE", 100),
        ("REFERENCE", 50),
        ("TYPEACTE", 50),
        ("FICHIER", 254),
        ("DECISION", 25),
        ("DATEDECIS", 0),
        ("DATEPUB", 0),
        ("APLAN", 1),
    ),
    "SERVITUDE_ACTE_SUP": (("IDSUP", 40), ("IDACTE", 40)),
    "GESTIONNAIRE_SUP": (
        ("IDGEST", 9),
        ("NOMGEST", 80),
        ("NOMCORRES", 80),
        ("NUMTEL", 10),
        ("ADRESSE", 254),
        ("COURRIEL", 80),
    ),
}
# 2013 differs by its numeric identifiers and by ESTABROGE.
SUP: dict[str, dict[str, tuple[Champ, ...]]] = {
    "2013": {**SUP_2016, "SERVITUDE": (*_SERVITUDE, ("ESTABROGE", 1))},
    "2016": SUP_2016,
}

# What each of our columns is called from one version to the next, the most recent first.
SYNONYMES: dict[str, tuple[str, ...]] = {
    "id_zone": ("LIB_IDZONE", "IDZONE"),
    "id_prescription": ("LIB_IDPSC", "IDPSC"),
    "id_information": ("LIB_IDINFO", "IDINFO"),
    "type_zone": ("TYPEZONE", "TYPESECT"),
}

_TABLES_PLU = (
    r"ZONE_URBA|SECTEUR_CC|(?:PRESCRIPTION|INFO)_(?:SURF|LIN|PCT)|DOC_URBA_COM|DOC_URBA"
    r"|HABILLAGE_(?:SURF|LIN|PCT|TXT)|TITRES_PIECES_ECRITES"
)
_NOM_PLU = re.compile(rf"^(?:.*?_)?({_TABLES_PLU})(?:_[0-9]{{8}})?$", re.IGNORECASE)
_NOM_SUP = re.compile(
    r"^(?:(?P<categorie>[A-Z]{1,3}[0-9]{0,2}(?:bis)?)_)?"
    r"(?P<table>ASSIETTE_SUP_[SLP]|GENERATEUR_SUP_[SLP]|SERVITUDE_ACTE_SUP|ACTE_SUP|GESTIONNAIRE_SUP|SERVITUDE)"
    r"(?:_[0-9A-Z]{2,9})?$",
    re.IGNORECASE,
)
# 25999_PLU_20240115, 25999_PLU_20240115_B, 20004567_PLUi_20240115
_PAQUET_DU = re.compile(
    r"(?P<territoire>[0-9][0-9AB][0-9]{3}|[0-9]{9})_?(?:(?P<type>PLUi|PLU|POS|CC|PSMV)_)?"
    r"(?P<date>[0-9]{8})(?:_(?P<code>[A-Z]))?",
    re.IGNORECASE,
)
# 130012024_AC1_25_20240301
_PAQUET_SUP = re.compile(
    r"(?P<gestionnaire>[0-9]{9})_(?P<categorie>[A-Z]{1,3}[0-9]{0,2}(?:bis)?)_(?P<territoire>[0-9A-Z]{2,9})"
    r"_(?P<date>[0-9]{8})",
    re.IGNORECASE,
)


def table_plu(nom: str) -> str | None:
    """Table of the PLU standard that a layer's name designates, whatever stands around it."""
    trouve = _NOM_PLU.match(nom)
    return trouve[1].upper() if trouve else None


def table_sup(nom: str) -> tuple[str, str] | None:
    """(table, category or empty) of the SUP standard."""
    trouve = _NOM_SUP.match(nom)
    if not trouve:
        return None
    categorie = trouve["categorie"] or ""
    return trouve["table"].upper(), normaliser_categorie(categorie)


def normaliser_categorie(texte: str) -> str:
    """« pm1BIS » → « PM1bis »."""
    haut = texte.strip().upper()
    return f"{haut[:-3]}bis" if haut.endswith("BIS") else haut


def decouper_paquet_du(texte: str) -> dict[str, str] | None:
    """Territory, type, date (AAAAMMJJ) that an identifier or a package's name carries."""
    trouve = _PAQUET_DU.search(texte)
    return {k: v or "" for k, v in trouve.groupdict().items()} if trouve else None


def decouper_paquet_sup(texte: str) -> dict[str, str] | None:
    """Manager, category, territory, date that a lot's name carries."""
    trouve = _PAQUET_SUP.search(texte)
    return {k: v or "" for k, v in trouve.groupdict().items()} if trouve else None


def famille(table: str) -> str:
    """Key of ``PLU`` and ``SUP``: « PRESCRIPTION_LIN » → « PRESCRIPTION »."""
    for debut in ("PRESCRIPTION", "INFO", "ASSIETTE", "GENERATEUR"):
        if table.startswith(debut + "_"):
            return debut
    return table


def version_plu(champs: Iterable[str]) -> str:
    """Version of the standard that wrote a ZONE_URBA, SECTEUR_CC, PRESCRIPTION or INFO, by its fields."""
    noms = {c.upper() for c in champs}
    if noms & {"FORMDOMI", "DESTOUI", "DESTCDT", "DESTNON", "SYMBOLE", "NATURE"}:
        return "2024"
    if noms & {"LIB_IDZONE", "LIB_IDPSC", "LIB_IDINFO"} or "IDURBA" in noms:
        return "2017"
    return "2014" if noms & {"IDZONE", "IDPSC", "IDINFO"} else "2013"


def connus(table: str) -> set[str]:
    """Every field that some version of the standards gives this table."""
    cle = famille(table)
    versions = [*PLU.values(), *SUP.values()]
    noms = {nom for version in versions for nom, _ in version.get(cle, ())}
    # Added by the national portal to what it gives back, or by one category of servitude or another.
    return noms | {
        "GPU_DOC_ID",
        "GPU_STATUS",
        "GPU_TIMESTAMP",
        "PARTITION",
        "SUPTYPE",
        "FID",
        "GID",
        "OGC_FID",
    }
