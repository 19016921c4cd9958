"""Backups made, for the desk of the administrator: a night without one must be seen."""

from __future__ import annotations

from django.db import models


class Sauvegarde(models.Model):
    """One backup, made or missed. Written after it: the archive does not hold its own row."""

    commencee_le = models.DateTimeField("commencée le")
    finie_le = models.DateTimeField("finie le", auto_now_add=True)
    reussie = models.BooleanField("réussie")
    dossier = models.CharField("dossier", max_length=500, blank=True)
    octets = models.BigIntegerField("octets", default=0)
    fichiers = models.PositiveIntegerField("fichiers", default=0)
    message = models.TextField("message", blank=True)

    class Meta:
        verbose_name = "sauvegarde"
        verbose_name_plural = "sauvegardes"
        ordering = ("-commencee_le",)
        indexes = (models.Index(fields=("-commencee_le",), name="sauvegarde_recentes"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(reussie=True) | ~models.Q(message=""), name="sauvegarde_echec_explique"
            ),
        )

    def __str__(self) -> str:
        return self.dossier or f"échec du {self.commencee_le:%d/%m/%Y}"
