"""Tariffs as voted: a grid by deliberation with its dates, its zones, its lines."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Q, Value

from mairie.periodes import PeriodeJours
from mairie.requetes import RequeteVisible

SRID = settings.TERRITOIRE_SRID


class RequeteGrilles(RequeteVisible):
    """Grids of the communes where one may read."""

    DROIT_LIRE = "domainepublic.lire"


class GrilleTarifaire(models.Model):
    """What the council voted. ``regles``: §6.1, read by the engine's own validator."""

    insee = models.CharField("commune", max_length=5)
    libelle = models.CharField("libellé", max_length=120)
    deliberation = models.CharField("délibération n°", max_length=40)
    deliberation_le = models.DateField("délibération du")
    du = models.DateField("en vigueur du")
    au = models.DateField("au (compris)", null=True, blank=True)
    regles = models.JSONField("règles", default=dict, blank=True, encoder=DjangoJSONEncoder)

    objects: ClassVar[Any] = RequeteGrilles.as_manager()

    class Meta:
        verbose_name = "grille tarifaire"
        verbose_name_plural = "grilles tarifaires"
        ordering = ("insee", "-du")
        constraints = (
            models.CheckConstraint(
                condition=Q(au__isnull=True) | Q(au__gte=F("du")), name="odp_grille_dates"
            ),
            # No two grids of one commune in force on one day.
            ExclusionConstraint(
                name="odp_grille_une_par_jour",
                expressions=[
                    ("insee", RangeOperators.EQUAL),
                    (PeriodeJours(F("du"), F("au"), Value("[]")), RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return self.libelle

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/domaine-public/tarifs/{self.pk}/"


class ZoneTarifaire(models.Model):
    """Where a price holds. Zones of one grid do not overlap by more than 1 m² (service)."""

    grille = models.ForeignKey(GrilleTarifaire, models.CASCADE, related_name="zones")
    code = models.CharField("code", max_length=12)
    libelle = models.CharField("libellé", max_length=120, blank=True)
    geom = models.MultiPolygonField("contour", srid=SRID)

    class Meta:
        verbose_name = "zone tarifaire"
        verbose_name_plural = "zones tarifaires"
        ordering = ("grille", "code")
        constraints = (models.UniqueConstraint(fields=("grille", "code"), name="odp_zone_code"),)

    def __str__(self) -> str:
        return f"zone {self.code}"


class Tarif(models.Model):
    """One line of a grid: ``ligne`` is that of §6.1 but for its dates, which are the grid's."""

    grille = models.ForeignKey(GrilleTarifaire, models.CASCADE, related_name="tarifs")
    code = models.CharField("code", max_length=20)
    ligne = models.JSONField("ligne", encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "tarif"
        verbose_name_plural = "tarifs"
        ordering = ("grille", "code")
        constraints = (models.UniqueConstraint(fields=("grille", "code"), name="odp_tarif_code"),)

    def __str__(self) -> str:
        return self.code
