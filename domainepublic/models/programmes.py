"""Rows of operators' yearly programmes, as given, and the works made of each: a row never makes two."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from domainepublic.models.dossiers import INSEE
from domainepublic.models.travaux import DemandeTravaux, RequeteTravaux


class LigneProgramme(models.Model):
    """One row. ``trace``: GeoJSON in degrees, WKT, or empty where the street says the place."""

    insee = models.CharField("commune", max_length=5)
    operateur = models.CharField("maître d'ouvrage", max_length=150)
    annee = models.PositiveSmallIntegerField(
        "programme de l'année", validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    reference = models.CharField("référence", max_length=60)
    nature = models.CharField("nature des travaux", max_length=200)
    voie = models.CharField("voie", max_length=200, blank=True)
    du_numero = models.CharField("du numéro", max_length=10, blank=True)
    au_numero = models.CharField("au numéro", max_length=10, blank=True)
    trace = models.TextField("tracé", blank=True)
    largeur = models.DecimalField(
        "largeur de la fouille (m)", max_digits=5, decimal_places=2, default=1,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    debut = models.DateField("début demandé")
    fin = models.DateField("fin prévue")
    ouvre_sol = models.BooleanField("ouvre le sol", default=True)
    dt_numero = models.CharField("n° de la DT", max_length=40, blank=True)
    travaux = models.OneToOneField(
        DemandeTravaux, models.CASCADE, null=True, editable=False, related_name="ligne_programme"
    )
    cree_le = models.DateTimeField("reçue le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteTravaux.as_manager()

    class Meta:
        verbose_name = "ligne de programme"
        verbose_name_plural = "lignes de programme"
        ordering = ("insee", "annee", "operateur", "reference")
        constraints = (
            models.UniqueConstraint(
                fields=("insee", "operateur", "annee", "reference"), name="odp_programme_une_fois"
            ),
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="odp_programme_insee"),
            models.CheckConstraint(condition=Q(fin__gte=F("debut")), name="odp_programme_dates"),
            models.CheckConstraint(
                condition=~Q(reference="") & ~Q(operateur=""), name="odp_programme_reconnue"
            ),
        )

    def __str__(self) -> str:
        return f"{self.operateur}, {self.annee}, {self.reference}"
