"""Values of a CNIG table as ours: fields found whatever their case, dates in all the forms met."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from gis_data.formats.cnig import champs as cnig
from gis_data.ouverture import CoucheLue, ObjetLu

_ISO = re.compile(r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_FRANCAISE = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})$")


class DateIllisible(ValueError):
    """A text that is no date."""


def lire_date(brute: Any) -> date | None:
    """A date from a date, AAAAMMJJ, AAAA-MM-JJ, JJ/MM/AAAA or AAAA; null when empty. ``DateIllisible``."""
    if brute is None:
        return None
    if isinstance(brute, float) and brute.is_integer():
        brute = int(brute)
    texte = str(brute).strip()
    if texte in ("", "0", "00000000", "None", "NULL"):
        return None
    try:
        if re.fullmatch(r"\d{8}", texte):
            return datetime.strptime(texte, "%Y%m%d").date()  # noqa: DTZ007
        if trouve := _ISO.match(texte):
            return date(int(trouve[1]), int(trouve[2]), int(trouve[3]))
        if trouve := _FRANCAISE.match(texte):
            return date(int(trouve[3]), int(trouve[2]), int(trouve[1]))
        if re.fullmatch(r"\d{4}", texte):
            return date(int(texte), 1, 1)
    except ValueError as erreur:
        raise DateIllisible(texte) from erreur
    raise DateIllisible(texte)


def texte(valeur: Any, maximum: int = 0) -> str:
    """A value as trimmed text; whole numbers without their decimal point."""
    if valeur is None:
        return ""
    if isinstance(valeur, float) and valeur.is_integer():
        valeur = int(valeur)
    propre = " ".join(str(valeur).split())
    return propre[:maximum] if maximum else propre


def nombre(valeur: Any) -> float | None:
    """A number; null when it is none."""
    try:
        return None if valeur is None or valeur == "" else float(str(valeur).replace(",", "."))
    except ValueError:
        return None


def code(valeur: Any) -> str:
    """A code of two characters: « 5 » and 5 are « 05 »."""
    propre = texte(valeur)
    return propre.zfill(2) if propre.isdigit() else propre


class Table:
    """The layers of one table of the package (one a commune, sometimes); fields by upper-case name."""

    def __init__(self, nom: str, couches: Iterable[CoucheLue]) -> None:
        self.nom = nom
        self.couches = list(couches)

    @property
    def nombre(self) -> int:
        """Objects in all its layers."""
        return sum(c.nombre for c in self.couches)

    def champs(self) -> set[str]:
        """Upper-case names of the fields."""
        return {nom.upper() for couche in self.couches for nom, _ in couche.champs}

    def hors_standard(self) -> list[str]:
        """Fields that no version of the standards gives this table."""
        return sorted(self.champs() - cnig.connus(self.nom))

    def objets(self) -> Iterator[tuple[CoucheLue, int, dict[str, Any], ObjetLu]]:
        """(layer, rank from 1 over the whole table, attributes by upper-case name, object)."""
        rang = 0
        for couche in self.couches:
            for objet in couche.objets():
                rang += 1
                yield couche, rang, {k.upper(): v for k, v in objet.attributs.items()}, objet

    def lignes(self) -> list[dict[str, Any]]:
        """Attributes of all objects."""
        return [attributs for _, _, attributs, _ in self.objets()]


def prendre(attributs: Mapping[str, Any], *noms: str) -> Any:
    """The first of these fields that holds something."""
    for nom in noms:
        valeur = attributs.get(nom)
        if valeur not in (None, ""):
            return valeur
    return None


def autres(attributs: Mapping[str, Any], pris: Iterable[str]) -> dict[str, Any]:
    """What no column of ours holds, kept as it came."""
    ecartes = set(pris)
    return {k: v for k, v in attributs.items() if k not in ecartes and v not in (None, "")}
