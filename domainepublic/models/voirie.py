"""What the street is: who manages it, who polices it, its hydrants and its bus lines."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.core.validators import MinValueValidator
from django.db.models import F, Q, Value

from domainepublic.models.dossiers import INSEE, DossierODP
from domainepublic.models.emprises import SRID
from domainepublic.models.travaux import RequeteTravaux
from domainepublic.regles.tables import actes as table
from mairie.periodes import PeriodeJours

_DATES = Q(au__isnull=True) | Q(du__isnull=True) | Q(au__gte=F("du"))


class GestionVoirie(models.Model):
    """Ground of a manager over days (included, null: no bound). One ground, one manager a day (form)."""

    insee = models.CharField("commune", max_length=5)
    reference = models.CharField("référence", max_length=60, help_text="Par exemple RD 12, section 3.")
    geom = models.MultiPolygonField("sol", srid=SRID, spatial_index=False)
    domaine = models.CharField("domaine", max_length=28, choices=DossierODP.Domaine)
    gestionnaire = models.CharField(
        "gestionnaire", max_length=12, choices=DossierODP.Gestionnaire, blank=True
    )
    en_agglomeration = models.BooleanField("en agglomération", default=True)
    grande_circulation = models.BooleanField("route à grande circulation", default=False)
    source = models.CharField("source", max_length=120, blank=True)
    du = models.DateField("du", null=True, blank=True)
    au = models.DateField("au (compris)", null=True, blank=True)

    objects: ClassVar[Any] = RequeteTravaux.as_manager()

    class Meta:
        verbose_name = "gestion de voirie"
        verbose_name_plural = "gestions de voirie"
        ordering = ("insee", "reference", "id")
        indexes = (GistIndex(fields=("geom",), name="odp_gestion_lieu"),)
        constraints = (
            models.UniqueConstraint(
                fields=("insee", "reference", "du"), nulls_distinct=False, name="odp_gestion_reference",
                violation_error_message="Cette référence existe déjà à cette date.",
            ),
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="odp_gestion_insee"),
            models.CheckConstraint(condition=Q(domaine__in=table.DOMAINES), name="odp_gestion_domaine"),
            models.CheckConstraint(condition=_DATES, name="odp_gestion_dates"),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.reference


class TransfertPolice(models.Model):
    """Police of the mayor given to the president of the intercommunality (CGCT L5211-9-2)."""

    insee = models.CharField("commune", max_length=5)
    epci = models.CharField("intercommunalité", max_length=150)
    circulation = models.BooleanField("circulation et stationnement", default=True)
    taxis = models.BooleanField("taxis", default=False)
    acte = models.CharField("acte", max_length=150, help_text="Arrêté ou délibération, numéro et date.")
    du = models.DateField("du")
    au = models.DateField("au (compris)", null=True, blank=True)

    objects: ClassVar[Any] = RequeteTravaux.as_manager()

    class Meta:
        verbose_name = "transfert de police"
        verbose_name_plural = "transferts de police"
        ordering = ("insee", "-du", "id")
        constraints = (
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="odp_transfert_insee"),
            models.CheckConstraint(
                condition=_DATES, name="odp_transfert_dates",
                violation_error_message="La fin précède le début.",
            ),
            ExclusionConstraint(
                name="odp_transfert_un_par_jour",
                expressions=[
                    ("insee", RangeOperators.EQUAL),
                    (PeriodeJours(F("du"), F("au"), Value("[]")), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Un autre transfert vaut un de ces jours dans cette commune.",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.epci}, depuis le {self.du:%d/%m/%Y}"


class PointEau(models.Model):
    """A fire hydrant or water point: nothing stands within five metres of it without a word."""

    insee = models.CharField("commune", max_length=5)
    numero = models.CharField("numéro", max_length=40)
    geom = models.PointField("position", srid=SRID, spatial_index=False)
    nature = models.CharField("nature", max_length=80, blank=True)
    source = models.CharField("source", max_length=120, blank=True)

    objects: ClassVar[Any] = RequeteTravaux.as_manager()

    class Meta:
        verbose_name = "point d'eau incendie"
        verbose_name_plural = "points d'eau incendie"
        ordering = ("insee", "numero")
        indexes = (GistIndex(fields=("geom",), name="odp_pei_lieu"),)
        constraints = (
            models.UniqueConstraint(
                fields=("insee", "numero"), name="odp_pei_numero",
                violation_error_message="Ce numéro est déjà celui d'un autre point d'eau.",
            ),
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="odp_pei_insee"),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"PEI {self.numero}"


class LigneBus(models.Model):
    """A line of public transport along the streets, with the width that its buses need."""

    insee = models.CharField("commune", max_length=5)
    code = models.CharField("ligne", max_length=40)
    libelle = models.CharField("libellé", max_length=120, blank=True)
    geom = models.MultiLineStringField("tracé", srid=SRID, spatial_index=False)
    largeur = models.DecimalField(
        "largeur de passage (m)", max_digits=4, decimal_places=2, default=7,
        validators=[MinValueValidator(1)],
    )  # fmt: skip
    source = models.CharField("source", max_length=120, blank=True)

    objects: ClassVar[Any] = RequeteTravaux.as_manager()

    class Meta:
        verbose_name = "ligne de bus"
        verbose_name_plural = "lignes de bus"
        ordering = ("insee", "code")
        indexes = (GistIndex(fields=("geom",), name="odp_bus_lieu"),)
        constraints = (
            models.UniqueConstraint(
                fields=("insee", "code"), name="odp_bus_code",
                violation_error_message="Cette ligne existe déjà dans la commune.",
            ),
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="odp_bus_insee"),
            models.CheckConstraint(condition=Q(largeur__gte=1), name="odp_bus_largeur"),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"ligne {self.code}"
