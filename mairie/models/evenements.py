"""Outbox of domain events."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class EvenementDomaine(models.Model):
    """Outbox: one row per domain event, written in the emitter's own transaction."""

    nom = models.CharField("nom", max_length=80)
    insee = models.CharField("commune", max_length=5, blank=True)
    charge = models.JSONField("contenu", default=dict)
    emis_le = models.DateTimeField("émis le", default=timezone.now)

    class Meta:
        verbose_name = "événement de domaine"
        verbose_name_plural = "événements de domaine"
        indexes = (models.Index(fields=("nom", "id"), name="evenement_domaine_nom"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(nom__regex=r"^[a-z_]+\.[a-z_]+$"), name="evenement_domaine_nom_pointe"
            ),
        )

    def __str__(self) -> str:
        return f"{self.nom} {self.insee}".strip()
