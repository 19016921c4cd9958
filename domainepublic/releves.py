"""What an agent measured in the street: in words, on the plan, and as the quantity of the no-title line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.utils import timezone

from domainepublic import tarifs
from domainepublic.mesure import LARGEUR_M
from domainepublic.models import Constat, DossierODP, Emprise
from domainepublic.models.emprises import SINGULIERS, SRID, UNITES_LISIBLES
from mairie.montants import arrondi, texte_francais

RAYON_SANS_TITRE_M = 1.5


@dataclass(frozen=True)
class Quantite:
    """A quantity in the unit of the tariff, and what it rests on."""

    valeur: Decimal
    unite: str
    source: str

    @property
    def unite_lisible(self) -> str:
        """As it is written."""
        if self.unite in SINGULIERS and self.valeur < 2:
            return SINGULIERS[self.unite]
        return UNITES_LISIBLES.get(self.unite, self.unite)

    def __str__(self) -> str:
        return f"{_nombre(self.valeur)} {self.unite_lisible}"


def proposer(c: Constat) -> Quantite | None:
    """What the no-title line would count, in the unit voted for the type seen; null while no type is said.

    The figure written by the agent first, then the drawing, then the typed dimensions; else one.
    """
    if c.type is None:
        return None
    unite = tarifs.unite_tarifee(c.insee, c.type, timezone.localdate(c.vu_le))
    if c.quantite:
        return Quantite(c.quantite, unite, "écrite par l'agent")
    if unite not in ("m2", "ml"):
        return Quantite(Decimal(1), unite, "une, faute d'autre nombre")
    if (mesuree := _du_dessin(c, unite)) is not None:
        return Quantite(mesuree, unite, "mesurée sur le dessin")
    if (calculee := _des_dimensions(c, unite)) is not None:
        return Quantite(calculee, unite, "d'après les dimensions relevées")
    return Quantite(Decimal(1), unite, "faute de mesure : à corriger")


def _du_dessin(c: Constat, unite: str) -> Decimal | None:
    """m² or m of the drawing; the area of a line needs a width."""
    if c.dessin is None or (unite == "m2" and "Line" in c.dessin.geom_type and not c.largeur_m):
        return None
    emprise = sol(c)
    emprise.unite = unite
    emprise.mesurer()
    return emprise.quantite_geom


def _des_dimensions(c: Constat, unite: str) -> Decimal | None:
    if unite == "ml":
        return c.longueur_m
    return arrondi(c.longueur_m * c.largeur_m) if c.longueur_m and c.largeur_m else None


def sol(c: Constat) -> Emprise:
    """The ground seen, as an emprise not stored: the drawing, else a disc round the place.

    A report without drawing nor place has none: ``ValueError``.
    """
    jour: date = timezone.localdate(c.vu_le)
    emprise = Emprise(dossier=DossierODP(insee=c.insee), debut=jour, unite="m2", geom=c.dessin)
    if c.dessin is not None:
        emprise.largeur = (c.largeur_m or LARGEUR_M) if "Line" in c.dessin.geom_type else None
    elif c.geom is not None:
        rond = shapely.buffer(shapely.from_wkb(bytes(c.geom.wkb)), RAYON_SANS_TITRE_M)
        emprise.geom = GEOSGeometry(memoryview(shapely.to_wkb(rond)), srid=SRID)
    else:
        raise ValueError("Ce constat n'a ni dessin ni position.")
    return emprise


def lisibles(c: Constat) -> list[tuple[str, str]]:
    """Measures as the page shows them: (what, figure)."""
    lignes = []
    if c.quantite:
        lignes.append(("Quantité écrite", _nombre(c.quantite)))
    if c.longueur_m or c.largeur_m:
        cotes = [("longueur", c.longueur_m), ("largeur", c.largeur_m)]
        lignes.append(("Dimensions", ", ".join(f"{nom} {_nombre(v)} m" for nom, v in cotes if v)))
    if c.dessin is not None:
        forme: Any = shapely.from_wkb(bytes(c.dessin.wkb))
        aire = forme.geom_type.endswith("Polygon")
        mesure = forme.area if aire else forme.length
        texte = _nombre(arrondi(Decimal(str(round(mesure, 6)))))
        lignes.append(("Dessin", f"surface de {texte} m²" if aire else f"ligne de {texte} m"))
    return lignes


def _nombre(valeur: Decimal) -> str:
    return texte_francais(valeur).removesuffix(",00")
