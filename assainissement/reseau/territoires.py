"""Communes of a network: one, or those of an EPCI; which of them each object of a file falls in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from django.db.models import Q, QuerySet
from django.utils import timezone

from cadastre.models import Commune
from mairie.habilitations import communes_du_droit
from mairie.models import Appartenance, Collectivite

TOUTES = "toutes"


def _membres() -> QuerySet[Appartenance]:
    """Communes that belong to an EPCI today."""
    jour = timezone.localdate()
    return Appartenance.objects.filter(
        Q(au__isnull=True) | Q(au__gt=jour), du__lte=jour, epci__active=True, commune__active=True
    )


def intercommunalites(communes: Iterable[str]) -> dict[str, tuple[str, list[str]]]:
    """EPCI of which two at least of these communes are members: SIREN → (name, these communes)."""
    sortie: dict[str, tuple[str, list[str]]] = {}
    liens = _membres().filter(commune__code__in=list(communes)).order_by("epci__nom", "commune__code")
    for siren, nom, code in liens.values_list("epci__code", "epci__nom", "commune__code"):
        sortie.setdefault(siren, (nom, []))[1].append(code)
    return {siren: (nom, codes) for siren, (nom, codes) in sortie.items() if len(codes) > 1}


def choix(utilisateur: Any, droit: str) -> dict[str, tuple[str, list[str]]]:
    """What a person may bring in or send out at once: code → (name, communes where she holds the right)."""
    communes = communes_du_droit(utilisateur, droit)
    sortie = {
        siren: (f"{nom} ({len(codes)} communes)", codes)
        for siren, (nom, codes) in intercommunalites(communes).items()
    }
    return sortie | {code: (nom, [code]) for code, nom in communes.items()}


def toutes(utilisateur: Any, droit: str) -> dict[str, tuple[str, list[str]]]:
    """The same, after all of her communes at once where no EPCI holds them all."""
    offerts, communes = choix(utilisateur, droit), sorted(communes_du_droit(utilisateur, droit))
    if len(communes) < 2 or any(sorted(codes) == communes for _, codes in offerts.values()):
        return offerts
    return offerts | {TOUTES: (f"Toutes mes communes ({len(communes)})", communes)}


def membres(siren: str) -> list[str]:
    """Communes of an EPCI today."""
    lignes = _membres().filter(epci__code=siren).order_by("commune__code")
    return list(lignes.values_list("commune__code", flat=True))


def groupes(communes: Iterable[str]) -> list[list[str]]:
    """Communes whose pipes may be joined, with these: those of one EPCI, and of another that shares one.

    A network never passes from an EPCI to another that has no commune in common with it.
    """
    epcis: dict[str, set[str]] = {}
    for siren, code in _membres().values_list("epci__code", "commune__code"):
        epcis.setdefault(siren, set()).add(code)
    restent, sortie = set(communes), []
    while restent:
        groupe = {restent.pop()}
        while plus := [membres for membres in epcis.values() if membres & groupe and not membres <= groupe]:
            groupe = groupe.union(*plus)
        restent -= groupe
        sortie.append(sorted(groupe))
    return sorted(sortie)


def noms(communes: Iterable[str]) -> list[str]:
    """Names of communes, their code where they have none."""
    codes = list(communes)
    connus = dict(Collectivite.objects.filter(code__in=codes).values_list("code", "nom"))
    return [connus.get(code, code) for code in codes]


@dataclass
class Situeur:
    """Which of the communes of an import each shape falls in, by their contours of the cadastre."""

    communes: list[str]
    codes: list[str]
    arbre: Any

    @classmethod
    def ouvrir(cls, communes: list[str]) -> Situeur:
        """Read the contours of these communes; those that are not loaded are missing."""
        lues = Commune.objects.filter(insee__in=communes, geom__isnull=False).order_by("insee")
        connues = [(c.insee, shapely.from_wkb(bytes(c.geom.wkb))) for c in lues if c.geom is not None]
        return cls(communes, [code for code, _ in connues], shapely.STRtree([forme for _, forme in connues]))

    @property
    def manquantes(self) -> list[str]:
        """Communes without a contour."""
        return [code for code in self.communes if code not in self.codes]

    def situer(self, formes: Any) -> tuple[list[str], Any]:
        """(commune of each shape, whether it lies out of them all: never where a contour is missing).

        A line is where its middle is; what lies out of the communes goes to the nearest.
        """
        sortie = [self.communes[0]] * len(formes)
        dehors = np.zeros(len(formes), dtype=bool)
        if not self.codes:
            return sortie, dehors
        lieux = np.array(formes, dtype=object)
        lignes = np.flatnonzero(shapely.get_type_id(lieux) == 1)
        lieux[lignes] = shapely.line_interpolate_point(lieux[lignes], 0.5, normalized=True)
        places = np.flatnonzero((shapely.get_type_id(lieux) == 0) & ~shapely.is_empty(lieux))
        if not len(places):
            return sortie, dehors
        (rangs, proches), distances = self.arbre.query_nearest(
            lieux[places], return_distance=True, all_matches=False
        )
        for rang, proche in zip(rangs.tolist(), proches.tolist(), strict=True):
            sortie[places[rang]] = self.codes[proche]
        if not self.manquantes:
            dehors[places[rangs]] = distances > 0
        return sortie, dehors
