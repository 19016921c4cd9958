"""Zoning: what stands where, what a control may be told of its zones, where plan and ground disagree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from django.contrib.gis.db.models.functions import Area, Intersection
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Exists, OuterRef

from assainissement.models import Installation, ZonageAssainissement, ZoneEnjeu

# Polygons of one zoning may share this much, in m²: the rounding of two drawings.
RECOUVREMENT_M2 = 1.0
_AC = (ZonageAssainissement.Type.AC,)


@dataclass(frozen=True)
class Proposition:
    """An answer that the zones give to a question: the fact, oui or non, and why."""

    fait: str
    reponse: str
    pourquoi: str


def zones_de(i: Installation, jour: date) -> list[ZonageAssainissement]:
    """Zones that hold the installation on a day."""
    if i.geom is None:
        return []
    return list(ZonageAssainissement.objects.en_vigueur(jour).filter(insee=i.insee, geom__intersects=i.geom))


def propositions(i: Installation, jour: date) -> dict[str, Proposition]:
    """What zones with an issue say of an installation, by fact.

    Nothing without a place, or of an issue for which no zone is recorded: never « no » by want of data.
    """
    if i.geom is None:
        return {}
    zones = ZoneEnjeu.objects.en_vigueur(jour).filter(insee=i.insee)
    enregistrees = set(zones.order_by().values_list("enjeu", flat=True))
    ici = list(zones.filter(geom__intersects=i.geom))
    sortie = {}
    for fait, enjeu in (("zone_sanitaire", "sanitaire"), ("zone_environnementale", "environnemental")):
        if enjeu not in enregistrees:
            continue
        trouvees = [z for z in ici if z.enjeu == enjeu]
        sources = ", ".join(dict.fromkeys(z.source for z in trouvees))
        sortie[fait] = Proposition(
            fait,
            "oui" if trouvees else "non",
            f"Zone à enjeu : {sources}." if trouvees else "Hors des zones à enjeu enregistrées.",
        )
    return sortie


def recouvrements(insee: str, geom: GEOSGeometry, jour: date) -> list[tuple[Any, float]]:
    """Zones of the zoning that a new polygon overlaps by more than 1 m², with the area; rain water apart."""
    zones = ZonageAssainissement.objects.en_vigueur(jour).filter(insee=insee)
    return communs(zones, geom)


def communs(zones: Any, geom: GEOSGeometry) -> list[tuple[Any, float]]:
    """Those of these zones that share more than 1 m² with a polygon, with the area; rain water apart."""
    touchees = (
        zones.filter(geom__intersects=geom)
        .exclude(type=ZonageAssainissement.Type.EP)
        .annotate(commun=Area(Intersection("geom", geom)))
    )
    return [(z, z.commun.sq_m) for z in touchees if z.commun.sq_m > RECOUVREMENT_M2]


def recouvrements_en_vigueur(visibles: Any, jour: date) -> list[tuple[Any, Any, float]]:
    """Pairs of zones of one commune's zoning that overlap by more than 1 m², with the area."""
    zones = list(visibles.en_vigueur(jour).exclude(type=ZonageAssainissement.Type.EP).order_by("pk"))
    formes = [shapely.from_wkb(bytes(z.geom.wkb)) for z in zones]
    sortie = []
    for un, autre in (
        shapely.STRtree(formes).query(formes, predicate="intersects").T.tolist() if zones else []
    ):
        if un < autre and zones[un].insee == zones[autre].insee:
            commun = shapely.intersection(formes[un], formes[autre]).area
            if commun > RECOUVREMENT_M2:
                sortie.append((zones[un], zones[autre], commun))
    return sortie


def anc_en_zone_collective(visibles: Any, jour: date) -> Any:
    """Installations in service where the zoning says that a sewer serves."""
    zones = ZonageAssainissement.objects.en_vigueur(jour).filter(
        insee=OuterRef("insee"), type__in=_AC, geom__intersects=OuterRef("geom")
    )
    return visibles.filter(etat="active", geom__isnull=False).filter(Exists(zones)).order_by("numero")


def adresses_sans_zone(adresses: Any, jour: date) -> Any:
    """Addresses of the communes that have a zoning, in none of its zones."""
    zonees = ZonageAssainissement.objects.en_vigueur(jour).order_by().values("insee").distinct()
    zones = ZonageAssainissement.objects.en_vigueur(jour).filter(
        insee=OuterRef("insee"), geom__intersects=OuterRef("position")
    )
    lignes: Any = adresses.filter(active=True, position__isnull=False, insee__in=zonees)
    return lignes.filter(~Exists(zones)).select_related("voie").order_by("voie__nom", "numero")
