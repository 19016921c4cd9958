"""Import jobs of any format."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class ImportTravail(models.Model):
    """One run of an importer: its heartbeat tells a living run from a killed one."""

    class Etat(models.TextChoices):
        EN_COURS = "en_cours", "en cours"
        TERMINE = "termine", "terminé"
        INTERROMPU = "interrompu", "interrompu"

    genre = models.CharField("genre", max_length=30)
    utilisateur = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name="lancé par"
    )
    debut = models.DateTimeField("début", default=timezone.now)
    battement = models.DateTimeField("dernier signe de vie", default=timezone.now)
    fin = models.DateTimeField("fin", null=True, blank=True)
    etat = models.CharField("état", max_length=10, choices=Etat.choices, default=Etat.EN_COURS)
    options = models.JSONField("options", default=dict)
    totaux = models.JSONField("totaux", default=dict)
    rapport = models.JSONField("rapport", default=dict)

    class Meta:
        verbose_name = "import"
        verbose_name_plural = "imports"
        ordering = ("-debut",)
        indexes = (models.Index(fields=("genre", "-debut"), name="import_genre_debut"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(etat__in=["en_cours", "termine", "interrompu"]), name="import_etat_connu"
            ),
        )

    def __str__(self) -> str:
        return f"import {self.genre} du {self.debut:%d/%m/%Y %H:%M}"


# After ImportTravail, to which some point.
from gis_data.carte.models import SiteEncadrant, VueCarte  # noqa: E402
from gis_data.contraintes.models import (  # noqa: E402
    CoucheDeclaree,
    DocumentUrbanisme,
    ObjetDeclare,
    PieceEcrite,
    PluInformation,
    PluPrescription,
    PluZone,
    SupAssiette,
    SupGenerateur,
)

__all__ = [
    "CoucheDeclaree",
    "DocumentUrbanisme",
    "ImportTravail",
    "ObjetDeclare",
    "PieceEcrite",
    "PluInformation",
    "PluPrescription",
    "PluZone",
    "SiteEncadrant",
    "SupAssiette",
    "SupGenerateur",
    "VueCarte",
]
