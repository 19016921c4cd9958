"""From the checked values of a record to our columns."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from assainissement.regles.raepa import est_une_date
from assainissement.regles.tables import raepa
from assainissement.regles.tables import reseau as table

TEXTE_MAX = 254
ENTIER_MAX = 2**31 - 1
# Columns with a width: what is longer is a fault, never cut in silence.
BORNES = ("IDCANA", "IDOUVRAGE", "IDAPPAREIL", "IDREPAR", "MOUVRAGE", "GEXPLOIT")
_HEURE = re.compile(r"^(\d{4}[-/]\d\d[-/]\d\d)[T ]00:00:00(\.0*)?(Z|\+00:00)?$")


def brut(attributs: Mapping[str, Any], choix: Mapping[str, str]) -> dict[str, Any]:
    """Fields of RAEPA of a record, numbers as decimals, dates without their hour."""
    sortie: dict[str, Any] = {}
    for champ, colonne in choix.items():
        valeur = attributs.get(colonne)
        if type(valeur) is float:
            valeur = Decimal(repr(valeur)) if math.isfinite(valeur) else None
        elif champ in raepa.DATES and isinstance(valeur, str) and (trouve := _HEURE.match(valeur.strip())):
            valeur = trouve[1]
        sortie[champ] = valeur
    return sortie


def colonnes(couche: str, valeurs: Mapping[str, Any]) -> dict[str, Any]:
    """Our columns, plain values; every column of the layer is there."""
    sortie: dict[str, Any] = {}
    for c in table.colonnes(couche):
        sortie[c.colonne] = _valeur(c.genre, valeurs.get(c.raepa))
    if couche == raepa.CANALISATIONS:
        materiau = sortie["materiau"]
        inconnu = bool(materiau) and materiau not in table.MATERIAUX
        sortie["materiau_texte"] = materiau if inconnu else ""
        if inconnu:
            sortie["materiau"] = table.INCONNU
    return sortie


def _valeur(genre: str, lue: Any) -> Any:
    if genre in (table.TEXTE, table.CODE):
        return "" if lue is None else str(lue)
    if lue is None:
        return None
    if genre == table.NOMBRE:
        return float(lue)
    if genre == table.DATE:
        return _date(str(lue))
    entier = int(lue)
    return entier if abs(entier) <= ENTIER_MAX else None


def _date(texte: str) -> str | None:
    """A real date in ISO form; the text stays in the attributes of the file."""
    if not est_une_date(texte):
        return None
    chiffres = re.sub(r"\D", "", texte)
    return f"{chiffres[:4]}-{chiffres[4:6]}-{chiffres[6:]}"


def trop_longs(valeurs: Mapping[str, Any]) -> list[str]:
    """Fields whose text passes the width of their column."""
    return [nom for nom in BORNES if len(str(valeurs.get(nom) or "")) > TEXTE_MAX]


def point(valeurs: Mapping[str, Any]) -> tuple[float, float] | None:
    """The place that X and Y give, for a record without a shape."""
    x, y = valeurs.get("X"), valeurs.get("Y")
    return (float(x), float(y)) if x is not None and y is not None else None
