"""Yearly figures: those typed by the service, and the annex as it was published (spec §3, §6.5)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assainissement.models.installations import INSEE
from assainissement.regles.tables.sispea import ANNEE_MAX, ANNEE_MIN
from mairie.requetes import RequeteVisible


class RequeteIndicateurs(RequeteVisible):
    """Figures of the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"


class IndicateurAnnuel(models.Model):
    """A figure typed for a year: an indicator, an answer of the service (1 or 0), a length of sewer."""

    insee = models.CharField("commune", max_length=5)
    annee = models.PositiveSmallIntegerField("année")
    code = models.CharField("indicateur", max_length=40)
    valeur = models.DecimalField("valeur", max_digits=14, decimal_places=4)
    commentaire = models.CharField("commentaire", max_length=300, blank=True)
    saisi_le = models.DateTimeField("saisi le", default=timezone.now, editable=False)
    saisi_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteIndicateurs.as_manager()

    class Meta:
        verbose_name = "indicateur annuel"
        verbose_name_plural = "indicateurs annuels"
        ordering = ("insee", "-annee", "code")
        constraints = (
            models.UniqueConstraint(fields=("insee", "annee", "code"), name="ass_indicateur_une_fois"),
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="ass_indicateur_insee"),
            models.CheckConstraint(
                condition=Q(annee__gte=ANNEE_MIN - 10, annee__lte=ANNEE_MAX), name="ass_indicateur_annee"
            ),
            models.CheckConstraint(condition=Q(valeur__gte=0), name="ass_indicateur_positif"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.annee}"


class AnnexeRPQS(models.Model):
    """The annex of a year as published, figures and rows; a corrected one is a new version."""

    insee = models.CharField("commune", max_length=5)
    annee = models.PositiveSmallIntegerField("année")
    version = models.PositiveSmallIntegerField("version", default=1)
    motif = models.CharField("motif de la nouvelle version", max_length=300, blank=True)
    contenu = models.JSONField("contenu", encoder=DjangoJSONEncoder)
    publiee_le = models.DateTimeField("publiée le", default=timezone.now, editable=False)
    publiee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteIndicateurs.as_manager()

    class Meta:
        verbose_name = "annexe au rapport annuel"
        verbose_name_plural = "annexes au rapport annuel"
        ordering = ("insee", "-annee", "-version")
        constraints = (
            models.UniqueConstraint(fields=("insee", "annee", "version"), name="ass_annexe_version"),
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="ass_annexe_insee"),
            models.CheckConstraint(condition=Q(version=1) | ~Q(motif=""), name="ass_annexe_motivee"),
        )

    def __str__(self) -> str:
        return f"Annexe {self.annee}, version {self.version}"
