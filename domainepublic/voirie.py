"""The street as the rules read it: who manages this ground, who polices it, hydrants and buses near."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import shapely
from django.conf import settings
from django.contrib.gis.db.models.functions import Area, Intersection
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Q, QuerySet

from domainepublic.models import Emprise, GestionVoirie, LigneBus, PointEau, TransfertPolice
from domainepublic.parametres import valeurs

RECOUVREMENT_MAX_M2 = 1.0
BUS_MAX_M = 50
CHIFFRES = (
    "pei_m", "bus_m", "revetement", "coordination_m", "grouper_mois", "largeur_libre_m",
    "largeur_libre_sans_obstacle_m",
)  # fmt: skip


def _valables(requete: QuerySet[Any], jour: date) -> QuerySet[Any]:
    return requete.filter(Q(du__isnull=True) | Q(du__lte=jour), Q(au__isnull=True) | Q(au__gte=jour))


def gestion_de(insee: str, sol: GEOSGeometry, jour: date) -> GestionVoirie | None:
    """The road under the larger part of a ground that day; null where nothing is known of it."""
    candidates: list[GestionVoirie] = list(
        _valables(GestionVoirie.objects.filter(insee=insee, geom__intersects=sol), jour)
    )
    forme = shapely.from_wkb(bytes(sol.wkb))
    return max(
        candidates,
        key=lambda g: (
            shapely.intersection(shapely.from_wkb(bytes(g.geom.wkb)), forme).area,
            -g.pk,
        ),
        default=None,
    )


def transfert(insee: str, jour: date) -> TransfertPolice | None:
    """The transfer of police in force in a commune that day."""
    trouve: TransfertPolice | None = _valables(TransfertPolice.objects.filter(insee=insee), jour).first()
    return trouve


def faits(insee: str, sol: GEOSGeometry, jour: date) -> dict[str, Any]:
    """Fields of a file that the map of managers and the transfers give; empty where they say nothing."""
    sortie: dict[str, Any] = {}
    g = gestion_de(insee, sol, jour)
    if g is not None:
        sortie = {
            "domaine": g.domaine,
            "gestionnaire": g.gestionnaire,
            "en_agglomeration": g.en_agglomeration,
            "grande_circulation": g.grande_circulation,
        }
    t = transfert(insee, jour)
    if t is not None and t.circulation:
        sortie["police_transferee"] = True
    return sortie


@dataclass(frozen=True)
class Constat:
    """What the map of managers and the transfers say of a ground: fields of a file, and words."""

    faits: dict[str, Any]
    texte: str = ""

    def ecarts(self, dossier: Any) -> bool:
        """The file says something else of its street."""
        return any(getattr(dossier, nom) != valeur for nom, valeur in self.faits.items())


def constat(insee: str, sol: GEOSGeometry, jour: date) -> Constat:
    """The same as ``faits``, with the sentence that a person reads; both empty where nothing is known."""
    dits = []
    if (g := gestion_de(insee, sol, jour)) is not None:
        morceaux = [g.get_domaine_display()]
        if g.gestionnaire:
            morceaux.append(f"gérée par {g.get_gestionnaire_display()}")
        morceaux.append("en agglomération" if g.en_agglomeration else "hors agglomération")
        if g.grande_circulation:
            morceaux.append("à grande circulation")
        dits.append(f"{g.reference} : {', '.join(morceaux)}")
    if (t := transfert(insee, jour)) is not None and t.circulation:
        dits.append(f"police de la circulation confiée à {t.epci}")
    return Constat(faits(insee, sol, jour), " ; ".join(dits))


def constat_du_dossier(dossier: Any) -> Constat:
    """Of all the ground of a file, on its first day."""
    sols = [shapely.from_wkb(bytes(e.surface.wkb)) for e in dossier.ses_emprises()]
    if not sols or dossier.debut is None:
        return Constat({})
    sol = GEOSGeometry(memoryview(shapely.to_wkb(shapely.union_all(sols))), srid=settings.TERRITOIRE_SRID)
    return constat(dossier.insee, sol, dossier.debut)


def recouvrements(
    insee: str, geom: GEOSGeometry, du: date | None, au: date | None, sauf: int | None = None
) -> list[tuple[GestionVoirie, float]]:
    """Roads of another manager that hold more than 1 m² of that ground on one of these days."""
    autres = GestionVoirie.objects.filter(insee=insee, geom__intersects=geom).exclude(pk=sauf or 0)
    if au is not None:
        autres = autres.filter(Q(du__isnull=True) | Q(du__lte=au))
    if du is not None:
        autres = autres.filter(Q(au__isnull=True) | Q(au__gte=du))
    communs = autres.annotate(commun=Area(Intersection("geom", geom)))
    return [(g, g.commun.sq_m) for g in communs if g.commun.sq_m > RECOUVREMENT_MAX_M2]


def _en_json(geom: GEOSGeometry) -> Any:
    return json.loads(shapely.to_geojson(shapely.from_wkb(bytes(geom.wkb))), parse_float=Decimal)


def chiffres(choisis: Mapping[str, Decimal] | None = None) -> dict[str, str]:
    """Distances and delays chosen, as the conflict engine reads them. ``choisis``: where already read."""
    v = valeurs(*CHIFFRES, choisis=choisis)
    return {
        "distance_pei_m": str(v["pei_m"]),
        "largeur_bus_m": str(v["bus_m"]),
        "age_revetement_ans": str(int(v["revetement"])),
        "distance_tranchees_m": str(v["coordination_m"]),
        "delai_tranchees_mois": str(int(v["grouper_mois"])),
        "largeur_libre_m": str(v["largeur_libre_m"]),
        "largeur_libre_sans_obstacle_m": str(v["largeur_libre_sans_obstacle_m"]),
    }


def reperes(emprises: list[Emprise], parametres: dict[str, str] | None = None) -> dict[str, Any]:
    """Hydrants and bus lines near these emprises, and the figures chosen, as the conflict engine reads them.

    Their names never begin as the code of an emprise does.
    """
    parametres = chiffres() if parametres is None else parametres
    pei: dict[int, PointEau] = {}
    bus: dict[int, LigneBus] = {}
    distance = float(parametres["distance_pei_m"])
    for e in emprises:
        insee = e.dossier.insee
        pei.update(
            {p.pk: p for p in PointEau.objects.filter(insee=insee, geom__dwithin=(e.surface, distance))}
        )
        # Half the widest passage that a line may ask.
        bus.update(
            {b.pk: b for b in LigneBus.objects.filter(insee=insee, geom__dwithin=(e.surface, BUS_MAX_M))}
        )
    return {
        "pei": [{"id": f"PEI-{p.numero}"[:40], "geometrie": _en_json(p.geom)} for p in pei.values()],
        "lignes_bus": [
            {"id": f"BUS-{b.code}"[:40], "geometrie": _en_json(b.geom), "largeur": str(b.largeur)}
            for b in bus.values()
        ],
        "parametres": parametres,
    }
