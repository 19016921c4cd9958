"""What takes the street, for everybody: occupations with what they hinder, day by day; never a name."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import shapely
from django.contrib.gis.db.models import MultiPolygonField
from django.contrib.gis.db.models.functions import AsGeoJSON, Transform
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Func, Q, QuerySet
from django.urls import reverse

from domainepublic.models import Emprise
from domainepublic.models.emprises import SRID
from domainepublic.publication import emprises_publiques
from domainepublic.regles.creneaux import Creneau, creneaux_gardes, en_mots, occupe_entre
from domainepublic.regles.effets import (
    EFFETS,
    MESURES_LISIBLES,
    SANS_GENE,
    SANS_GENE_LISIBLE,
    effet_principal,
    effets,
)
from mairie.models import Voie

MAXIMUM = 2_000
# A street closed without numbers is barred along the works, and so far beyond.
AUTOUR_M = 25
ICONES = {
    "rue_fermee": "bi-dash-lg",
    "circulation_alternee": "bi-arrow-left-right",
    "stationnement_supprime": "bi-sign-no-parking",
    "trottoir_reduit": "bi-person-walking",
    SANS_GENE: "bi-cone-striped",
}
LIBELLES = {**EFFETS, SANS_GENE: SANS_GENE_LISIBLE}


class _SensDirect(Func):
    """Outer rings counter-clockwise, as RFC 7946 §3.1.6 wants them."""

    function = "ST_ForcePolygonCCW"
    output_field = MultiPolygonField(srid=4326)


@dataclass(frozen=True)
class Chantier:
    """One occupation as the public sees it. ``gene``: (effect, from, until) of each hindrance."""

    emprise: Emprise
    gene: tuple[tuple[str, date, date | None], ...]
    mesures: tuple[str, ...]

    @property
    def libelle(self) -> str:
        """What it is."""
        return str(self.emprise.type.libelle_public)

    @property
    def voie(self) -> str:
        """Where."""
        v = self.emprise.dossier.voie
        return v.nom if v else ""

    @property
    def adresse(self) -> str:
        """Its public page."""
        return reverse("odp_chantier", args=[self.emprise.pk])

    def effets(self, jour: date | None = None, dernier: date | None = None) -> tuple[str, ...]:
        """Hindrances of a day, of the days until ``dernier``, or of all its days."""
        fin = dernier or jour
        trouves = {
            e
            for e, du, au in self.gene
            if jour is None or fin is None or (du <= fin and (au is None or jour <= au))
        }
        return tuple(c for c in EFFETS if c in trouves)

    def principal(self, jour: date | None = None, dernier: date | None = None) -> str:
        """The heaviest of them."""
        return effet_principal(self.effets(jour, dernier))

    @cached_property
    def creneaux(self) -> tuple[Creneau, ...]:
        """Its hours; empty: day and night."""
        return creneaux_gardes(self.emprise.creneaux)

    @property
    def heures(self) -> list[str]:
        """« samedi, 06:00 – 14:00 »; empty: day and night."""
        return [en_mots(x) for x in self.emprise.creneaux]

    def rencontre(self, du: date, au: date) -> bool:
        """Whether it takes the street on one of those days, its days of the week counted."""
        return occupe_entre(self.creneaux, self.emprise.debut, self.emprise.fin, du, au)


def entre(
    du: date, au: date, voie: Voie | None = None, base: QuerySet[Emprise] | None = None
) -> list[Chantier]:
    """Public occupations of those days, the first to begin first."""
    # The night of the last day may run into the next one.
    requete = (emprises_publiques() if base is None else base).filter(
        Q(fin__isnull=True) | Q(fin__gte=du - timedelta(days=1)), debut__lte=au
    )
    if voie is not None:
        requete = requete.filter(dossier__voie=voie)
    lignes = requete.select_related("type", "dossier", "dossier__voie").prefetch_related("dossier__mesures")
    trouves = (en_chantier(e) for e in lignes.order_by("debut", "pk")[:MAXIMUM])
    return [c for c in trouves if c.rencontre(du, au)]


def en_chantier(e: Emprise) -> Chantier:
    """An emprise with what it hinders."""
    gene: list[tuple[str, date, date | None]] = []
    mesures = list(e.dossier.mesures.all())
    for m in mesures:
        gene += [(code, m.debut, m.fin) for code in effets([m.type])]
    gene += [(code, e.debut, e.fin) for code in effets([], [(e.largeur_libre, e.sans_obstacle_lateral)])]
    return Chantier(e, tuple(gene), tuple(dict.fromkeys(MESURES_LISIBLES[m.type] for m in mesures)))


def en_json(chantiers: Sequence[Chantier]) -> list[dict[str, Any]]:
    """As the page of the works reads them: ground in degrees, closed list of attributes."""
    formes = dict(
        Emprise.objects.filter(pk__in=[c.emprise.pk for c in chantiers])
        .annotate(forme=AsGeoJSON(_SensDirect(Transform("surface", 4326)), precision=7))
        .values_list("pk", "forme")
    )
    return [
        {
            "id": c.emprise.pk,
            "libelle": c.libelle,
            "voie": c.voie,
            "du": c.emprise.debut.isoformat(),
            "au": c.emprise.fin.isoformat() if c.emprise.fin else None,
            "heures": c.heures,
            "gene": [
                {"effet": e, "du": du.isoformat(), "au": au.isoformat() if au else None}
                for e, du, au in c.gene
            ],
            "lien": c.adresse,
            "geometrie": json.loads(formes[c.emprise.pk]),
            "rue": _rue_fermee(c),
        }
        for c in chantiers
    ]


def semaines(chantiers: Iterable[Chantier]) -> dict[int, list[list[int]]]:
    """Of those that have hours: days of the week taken (Monday 0), then those whose night spills over."""
    return {
        c.emprise.pk: [
            sorted({j for x in c.creneaux for j in x.jours}),
            sorted({j for x in c.creneaux if x.passe_minuit for j in x.jours}),
        ]
        for c in chantiers
        if c.creneaux
    }


def _rue_fermee(c: Chantier) -> dict[str, Any] | None:
    """The part of the street's axis that is closed, as a line in degrees; null when none is."""
    v = c.emprise.dossier.voie
    if v is None or v.axe is None or not any(e == "rue_fermee" for e, _, _ in c.gene):
        return None
    axe = shapely.from_wkb(bytes(v.axe.wkb))
    autour = shapely.buffer(shapely.from_wkb(bytes(c.emprise.surface.wkb)), AUTOUR_M)
    pris = shapely.line_merge(shapely.intersection(axe, autour))
    if pris.is_empty:
        return None
    geom = GEOSGeometry(memoryview(shapely.to_wkb(pris)), srid=SRID).transform(4326, clone=True)
    forme: dict[str, Any] = json.loads(geom.geojson)
    return forme


def voies_de(chantiers: Iterable[Chantier]) -> list[Voie]:
    """Streets concerned, by name."""
    trouvees = {c.emprise.dossier.voie for c in chantiers if c.emprise.dossier.voie}
    return sorted(trouvees, key=lambda v: v.nom)
