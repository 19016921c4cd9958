"""Ground taken: one geometry × one type × one period. Metres, legal projection of the territory."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import shapely
from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Transform
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.indexes import GistIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MinValueValidator
from django.db.models import F, Func, Q, Value
from shapely.geometry.base import BaseGeometry

from domainepublic.models.dossiers import DossierODP
from domainepublic.models.types import TypeOccupation
from domainepublic.regles.geometrie import bande, disque
from domainepublic.regles.tables.redevance import UNITES
from mairie.montants import arrondi

SRID = settings.TERRITOIRE_SRID
UNITES_LISIBLES = {
    "m2": "m²",
    "ml": "m linéaires",
    "unite": "unités",
    "place": "places",
    "emplacement": "emplacements",
    "forfait": "forfait",
}
SINGULIERS = {"unite": "unité", "place": "place", "emplacement": "emplacement"}


class _EstValide(Func):
    function = "ST_IsValid"
    output_field = models.BooleanField()


class _Periode(Func):
    function = "daterange"
    output_field = DateRangeField()


def surface_de(geom: GEOSGeometry, largeur: Decimal | None, cote: str, rayon: Decimal | None) -> BaseGeometry:
    """Ground of what was drawn, as the conflict engine makes it; ``ValueError`` if a size lacks."""
    forme = shapely.from_wkb(bytes(geom.wkb))
    if forme.geom_type in ("Point", "MultiPoint"):
        if not rayon:
            raise ValueError("Un point demande un rayon, en mètres.")
        return disque(forme, float(rayon))
    if forme.geom_type in ("LineString", "MultiLineString"):
        if not largeur:
            raise ValueError("Une ligne demande une largeur, en mètres.")
        return bande(forme, float(largeur), cote or "axe")
    return forme


def multipolygone(forme: BaseGeometry) -> MultiPolygon:
    """The same ground as one multipolygon."""
    parties = [p for p in shapely.get_parts(forme) if p.geom_type == "Polygon"]
    return MultiPolygon([GEOSGeometry(memoryview(shapely.to_wkb(p))) for p in parties], srid=SRID)


class Emprise(models.Model):
    """One piece of ground of a file. ``surface`` and ``quantite_geom`` are computed from what is drawn."""

    class Cote(models.TextChoices):
        """Where the width of a line lies."""

        AXE = "axe", "de part et d'autre"
        GAUCHE = "gauche", "à gauche du tracé"
        DROITE = "droite", "à droite du tracé"

    class Source(models.TextChoices):
        """Which quantity is billed."""

        DESSIN = "geom", "mesurée sur le dessin"
        SAISIE = "saisie", "saisie par l'agent"

    dossier = models.ForeignKey(DossierODP, models.CASCADE, related_name="emprises")
    rang = models.PositiveSmallIntegerField("rang", default=1)
    type = models.ForeignKey(TypeOccupation, models.PROTECT, related_name="+", verbose_name="type")
    geom = models.GeometryField("dessin", srid=SRID, spatial_index=False)
    largeur = models.DecimalField(
        "largeur (m)",
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    cote = models.CharField("largeur prise", max_length=6, choices=Cote, default=Cote.AXE)
    rayon = models.DecimalField(
        "rayon (m)",
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    surface = models.MultiPolygonField("sol pris", srid=SRID, editable=False, spatial_index=False)
    surface_3857 = models.GeneratedField(
        expression=Transform("surface", 3857),
        output_field=models.MultiPolygonField(srid=3857),
        db_persist=True,
        verbose_name="sol pris (tuiles)",
    )
    reparee = models.BooleanField("contour réparé", default=False, editable=False)
    unite = models.CharField("unité", max_length=12, choices=[(u, UNITES_LISIBLES[u]) for u in UNITES])
    quantite_geom = models.DecimalField(
        "quantité mesurée", max_digits=12, decimal_places=2, null=True, editable=False
    )
    quantite_saisie = models.DecimalField(
        "quantité saisie", max_digits=12, decimal_places=2, null=True, blank=True
    )
    quantite_source = models.CharField(
        "quantité facturée", max_length=6, choices=Source, default=Source.DESSIN
    )
    debut = models.DateField("du")
    fin = models.DateField("au (compris)", null=True, blank=True)
    periode = models.GeneratedField(
        expression=_Periode(F("debut"), F("fin"), Value("[]")),
        output_field=DateRangeField(),
        db_persist=True,
        verbose_name="période",
    )
    # [{jours: [lun…dim], de: "HH:MM", a: "HH:MM"}] as the conflict engine reads them; empty: all day.
    creneaux = models.JSONField("créneaux", default=list, blank=True, encoder=DjangoJSONEncoder)
    largeur_libre = models.DecimalField(
        "largeur laissée aux piétons (m)", max_digits=5, decimal_places=2, null=True, blank=True
    )
    sans_obstacle_lateral = models.BooleanField("sans mur ni obstacle de part et d'autre", default=False)
    operateur = models.CharField("exploitant du réseau", max_length=80, blank=True)
    repere = models.CharField("repère", max_length=120, blank=True)

    class Meta:
        verbose_name = "emprise"
        verbose_name_plural = "emprises"
        ordering = ("dossier", "rang", "id")
        indexes = (
            # Space and time together: what the conflict engine asks.
            GistIndex(fields=("surface", "periode"), name="odp_emprise_lieu_temps"),
            GistIndex(fields=("surface",), name="odp_emprise_surface"),
            GistIndex(fields=("surface_3857",), name="odp_emprise_3857"),
        )
        constraints = (
            models.UniqueConstraint(fields=("dossier", "rang"), name="odp_emprise_rang"),
            models.CheckConstraint(
                condition=Q(fin__isnull=True) | Q(fin__gte=F("debut")), name="odp_emprise_dates"
            ),
            models.CheckConstraint(condition=Q(_EstValide("surface")), name="odp_emprise_valide"),
            models.CheckConstraint(condition=Q(unite__in=UNITES), name="odp_emprise_unite"),
            models.CheckConstraint(
                condition=Q(quantite_source="geom", quantite_geom__gt=0)
                | Q(quantite_source="saisie", quantite_saisie__gt=0),
                name="odp_emprise_quantite",
            ),
            models.CheckConstraint(
                condition=(Q(largeur__isnull=True) | Q(largeur__gt=0))
                & (Q(rayon__isnull=True) | Q(rayon__gt=0)),
                name="odp_emprise_dimensions",
            ),
        )

    def __str__(self) -> str:
        return f"{self.dossier} – {self.repere_court}"

    def save(self, *args: Any, **options: Any) -> None:
        """Save, with the ground and the measures that the drawing gives."""
        self.mesurer()
        champs = options.get("update_fields")
        if champs is not None:
            options["update_fields"] = {*champs, "surface", "quantite_geom"}
        super().save(*args, **options)

    def mesurer(self) -> None:
        """Set the ground, and the quantity in the unit: m², m along the line, else one."""
        forme = surface_de(self.geom, self.largeur, self.cote, self.rayon)
        self.surface = multipolygone(forme)
        dessin = shapely.from_wkb(bytes(self.geom.wkb))
        if self.unite == "m2":
            mesure = float(forme.area)
        elif self.unite == "ml":
            mesure = float(dessin.length if dessin.geom_type.endswith("LineString") else _plus_long(forme))
        else:
            mesure = float(max(1, len(shapely.get_parts(dessin))))
        self.quantite_geom = arrondi(Decimal(str(round(mesure, 6))))

    @property
    def quantite(self) -> Decimal:
        """What is billed."""
        q = self.quantite_saisie if self.quantite_source == self.Source.SAISIE else self.quantite_geom
        return Decimal(q or 0)

    @property
    def code(self) -> str:
        """Name by which the engines know it."""
        return f"E{self.pk}"

    @property
    def repere_court(self) -> str:
        """« emprise 2, benne »."""
        return f"emprise {self.rang}, {self.type.libelle}"

    @property
    def unite_lisible(self) -> str:
        """The unit as it is written."""
        if self.unite in SINGULIERS and self.quantite < 2:
            return SINGULIERS[self.unite]
        return UNITES_LISIBLES.get(self.unite, self.unite)

    @property
    def jours(self) -> int | None:
        """Length in days, both ends included; null while it has no end."""
        return (self.fin - self.debut).days + 1 if self.fin else None

    def couvre(self, jour: date) -> bool:
        """Whether the ground is taken that day."""
        return self.debut <= jour and (self.fin is None or jour <= self.fin)


def _plus_long(forme: BaseGeometry) -> float:
    """Longest side of the smallest rectangle round an area: its length along the street."""
    anneau = shapely.get_coordinates(shapely.minimum_rotated_rectangle(forme))
    return float(max(shapely.length(shapely.linestrings(anneau[i : i + 2])) for i in range(len(anneau) - 1)))
