"""Sanitation zoning, and zones with an issue: each polygon with its source (spec §3)."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Transform
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Q
from django.utils import timezone

from mairie.requetes import RequeteVisible

SRID = settings.TERRITOIRE_SRID
INSEE = r"^[0-9][0-9AB][0-9]{3}$"


class RequeteZones(RequeteVisible):
    """Zones of the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"

    def en_vigueur(self, jour: date) -> Any:
        """Zones of that day."""
        return self.filter(Q(au__isnull=True) | Q(au__gte=jour), du__lte=jour)


class ZoneDatee(models.Model):
    """A polygon of a commune, in force from ``du`` to ``au`` (included; null: still), with its source."""

    insee = models.CharField("commune", max_length=5)
    geom = models.MultiPolygonField("contour", srid=SRID, spatial_index=False)
    geom_3857 = models.GeneratedField(
        expression=Transform("geom", 3857),
        output_field=models.MultiPolygonField(srid=3857),
        db_persist=True,
        verbose_name="contour (tuiles)",
    )
    du = models.DateField("en vigueur du")
    au = models.DateField("au", null=True, blank=True)
    cree_le = models.DateTimeField("créée le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteZones.as_manager()

    GENRE: ClassVar[str] = ""

    class Meta:
        abstract = True

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/zonage/zones/{self.GENRE}/{self.pk}/"


class ZonageAssainissement(ZoneDatee):
    """One polygon of an approved zoning: what serves, or will serve, this ground."""

    GENRE = "zonage"

    class Type(models.TextChoices):
        """What serves it."""

        AC = "AC", "assainissement collectif"
        AC_FUTUR = "AC_futur", "assainissement collectif à venir"
        ANC = "ANC", "assainissement non collectif"
        EP = "EP", "eaux pluviales"

    type = models.CharField("type", max_length=8, choices=Type)
    acte = models.CharField("délibération ou arrêté", max_length=160)
    annexe_plu = models.BooleanField("annexé au PLU", default=False)

    class Meta:
        verbose_name = "zone d'assainissement"
        verbose_name_plural = "zonage d'assainissement"
        ordering = ("insee", "type", "id")
        indexes = (
            GistIndex(fields=("geom",), name="ass_zonage_geom"),
            GistIndex(fields=("geom_3857",), name="ass_zonage_3857"),
            models.Index(fields=("insee", "type"), name="ass_zonage_commune"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="ass_zonage_insee"),
            models.CheckConstraint(
                condition=Q(type__in=("AC", "AC_futur", "ANC", "EP")), name="ass_zonage_type"
            ),
            models.CheckConstraint(condition=~Q(acte=""), name="ass_zonage_acte"),
            models.CheckConstraint(
                condition=Q(au__isnull=True) | Q(au__gte=F("du")), name="ass_zonage_periode"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_type_display()}, {self.acte}"


class ZoneEnjeu(ZoneDatee):
    """A zone that makes a defect worse (arrêté du 27/04/2012, art. 2); its source is required."""

    GENRE = "enjeu"

    class Enjeu(models.TextChoices):
        """What it protects."""

        SANITAIRE = "sanitaire", "enjeu sanitaire"
        ENVIRONNEMENTAL = "environnemental", "enjeu environnemental"

    enjeu = models.CharField("enjeu", max_length=16, choices=Enjeu)
    source = models.CharField("source", max_length=160, help_text="Arrêté, profil de baignade, SAGE…")
    preuve_impact = models.BooleanField("impact prouvé", default=False)

    class Meta:
        verbose_name = "zone à enjeu"
        verbose_name_plural = "zones à enjeu"
        ordering = ("insee", "enjeu", "id")
        indexes = (
            GistIndex(fields=("geom",), name="ass_enjeu_geom"),
            GistIndex(fields=("geom_3857",), name="ass_enjeu_3857"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="ass_enjeu_insee"),
            models.CheckConstraint(
                condition=Q(enjeu__in=("sanitaire", "environnemental")), name="ass_enjeu_enjeu"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="ass_enjeu_source"),
            models.CheckConstraint(
                condition=Q(au__isnull=True) | Q(au__gte=F("du")), name="ass_enjeu_periode"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_enjeu_display()}, {self.source}"
