"""Lots of a subdivision, and who holds each of them once a permit is transferred in part."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Transform
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Func, Q

from mairie.requetes import RequeteVisible
from urba.models.dossiers import DossierInstruction

SRID = settings.TERRITOIRE_SRID


class _EstValide(Func):
    function = "ST_IsValid"
    output_field = models.BooleanField()


class RequeteLots(RequeteVisible):
    """Lots of the requests that one may read."""

    DROIT_LIRE = "urba.lire"
    CHAMP_CODE = "dossier__insee"


class Lot(models.Model):
    """A lot of the first request of an authorisation. ``surface``: as the file says it (m²)."""

    dossier = models.ForeignKey(DossierInstruction, models.CASCADE, related_name="lots")
    numero = models.CharField("numéro", max_length=10)
    surface = models.PositiveIntegerField("surface (m²)", null=True, blank=True)
    emprise = models.MultiPolygonField("emprise", srid=SRID, null=True, blank=True)
    emprise_3857 = models.GeneratedField(
        expression=Transform(F("emprise"), 3857),
        output_field=models.MultiPolygonField(srid=3857, null=True),
        db_persist=True,
        verbose_name="emprise (tuiles)",
    )

    objects: ClassVar[Any] = RequeteLots.as_manager()

    class Meta:
        verbose_name = "lot"
        verbose_name_plural = "lots"
        ordering = ("dossier", "numero", "id")
        # Django makes none on a generated column.
        indexes = (GistIndex(fields=("emprise_3857",), name="urba_lot_emprise_3857"),)
        constraints = (
            models.UniqueConstraint(fields=("dossier", "numero"), name="urba_lot_numero"),
            models.CheckConstraint(condition=~Q(numero=""), name="urba_lot_numerote"),
            models.CheckConstraint(
                condition=Q(emprise__isnull=True) | Q(_EstValide("emprise")), name="urba_lot_emprise_valide"
            ),
        )

    def __str__(self) -> str:
        return f"lot {self.numero}"

    @property
    def insee(self) -> str:
        """Commune, by which rights are asked."""
        return self.dossier.insee


class TitulaireLot(models.Model):
    """Who holds a lot, from when to when: written by a transfer in part, closed by the next one."""

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="titulaires")
    tiers = models.ForeignKey("mairie.Tiers", models.PROTECT, related_name="lots_urba")
    depuis = models.DateField("depuis")
    jusqu_a = models.DateField("jusqu'à", null=True, blank=True)
    ouvert_par = models.ForeignKey(
        DossierInstruction, models.PROTECT, related_name="+", verbose_name="transfert"
    )
    clos_par = models.ForeignKey(DossierInstruction, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "titulaire d'un lot"
        verbose_name_plural = "titulaires des lots"
        ordering = ("lot", "depuis", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("lot",), condition=Q(jusqu_a__isnull=True), name="urba_lot_un_titulaire"
            ),
            models.CheckConstraint(
                condition=Q(jusqu_a__isnull=True) | Q(jusqu_a__gte=F("depuis")), name="urba_lot_dates"
            ),
        )

    def __str__(self) -> str:
        return f"{self.lot} : {self.tiers}"
