"""What a drawing measures, for a price: quantity in the unit voted, shares by tariff zone; none is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry

from cadastre.models import Commune
from domainepublic import tarifs, types_locaux
from domainepublic.emprises import NouvelleEmprise, examiner
from domainepublic.models import DossierODP, Emprise, GrilleTarifaire, TypeOccupation
from mairie.workflow import Refus

# What most people ask: a line along a kerb, a skip.
LARGEUR_M = RAYON_M = Decimal(2)


@dataclass(frozen=True)
class Mesure:
    """A measured drawing. ``zones``: shares by zone (null: none); a single one holds the whole quantity."""

    insee: str
    type: TypeOccupation
    emprise: Emprise
    zones: tuple[dict[str, Any], ...]
    reparee: bool

    @property
    def quantite(self) -> Decimal:
        """In the unit of the emprise."""
        return self.emprise.quantite

    def occupation(self) -> dict[str, Any]:
        """As the fee engine reads it: ``unite``, then ``zone`` and ``quantite``, or ``zones``."""
        commun: dict[str, Any] = {"unite": self.emprise.unite}
        if len(self.zones) > 1:
            return {**commun, "zones": [dict(z) for z in self.zones]}
        zone = self.zones[0]["zone"] if self.zones else None
        return {**commun, "zone": zone, "quantite": str(self.quantite)}


def communes_tarifees() -> list[str]:
    """Communes that have voted tariffs."""
    return list(GrilleTarifaire.objects.order_by("insee").values_list("insee", flat=True).distinct())


def commune_de(geom: GEOSGeometry, communes: list[str]) -> str:
    """The one, among those, where the middle of a drawing lies; the only one where there is no choice."""
    if len(communes) == 1:
        return communes[0]
    centre = shapely.centroid(shapely.from_wkb(bytes(geom.wkb)))
    lieu = GEOSGeometry(memoryview(shapely.to_wkb(centre)), srid=geom.srid)
    trouvee = Commune.objects.filter(insee__in=communes, geom__covers=lieu).values_list("insee", flat=True)
    return trouvee.first() or ""


def mesurer(
    type_: TypeOccupation,
    geom: GEOSGeometry,
    jour: date,
    *,
    largeur: Decimal | None = None,
    rayon: Decimal | None = None,
) -> Mesure:
    """Quantity and zones of a drawing (metres, legal projection), as its file would have them that day.

    A crossing outline is repaired; ``Refus`` says what else is wrong.
    """
    insee = commune_de(geom, communes_tarifees())
    if not insee:
        raise Refus("Cet endroit n'est dans aucune commune dont les tarifs sont connus ici.")
    type_ = types_locaux.dans(type_, insee)
    genre = geom.geom_type
    largeur = (largeur or LARGEUR_M) if "Line" in genre else None
    rayon = (rayon or RAYON_M) if "Point" in genre else None
    nouvelle = NouvelleEmprise(
        type_, geom, jour, jour, largeur=largeur, rayon=rayon, reparer=True, confirmee=True
    )
    examen = examiner(insee, nouvelle, jour)
    if examen.fautes:
        raise Refus(*examen.fautes.values())
    emprise = Emprise(
        dossier=DossierODP(insee=insee),
        type=type_,
        geom=examen.reparee or geom,
        largeur=largeur,
        rayon=rayon,
        debut=jour,
        unite=tarifs.unite_tarifee(insee, type_, jour),
    )
    emprise.mesurer()
    return Mesure(insee, type_, emprise, tuple(_zones(emprise, jour)), examen.reparee is not None)


def _zones(emprise: Emprise, jour: date) -> list[dict[str, Any]]:
    """Shares as the grid of the day reads them: the middle alone where it has chosen so."""
    grilles = tarifs.grilles_de(emprise.dossier.insee, jour, jour)
    parts = tarifs.zones_de(emprise, grilles[0]) if grilles else []
    if len(parts) < 2 or grilles[0].regles.get("zone_mode") != "zone_centroide":
        return parts
    principale = max(parts, key=lambda p: Decimal(str(p["quantite"])))["zone"]
    return [
        {
            "zone": tarifs.zone_du_centroide(emprise, grilles[0]) or principale,
            "quantite": str(emprise.quantite),
        }
    ]
