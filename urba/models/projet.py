"""What is built, as the form says it: versioned JSON checked by a schema, readable for ever."""

from __future__ import annotations

from django.db import models

from urba.models.dossiers import DossierInstruction


class DonneesTechniques(models.Model):
    """Technical data of a request; ``schema``: version of the form's schema that checks ``donnees``."""

    dossier = models.OneToOneField(DossierInstruction, models.CASCADE, related_name="donnees_techniques")
    cerfa = models.CharField("formulaire", max_length=20, blank=True)
    schema = models.PositiveSmallIntegerField("version du schéma", default=1)
    donnees = models.JSONField("données", default=dict, blank=True)
    # Of a modification that took effect: what the authorisation said before it, for the day it is withdrawn.
    remplacees = models.JSONField("données remplacées", null=True, blank=True)

    class Meta:
        verbose_name = "données techniques"
        verbose_name_plural = "données techniques"

    def __str__(self) -> str:
        return f"{self.cerfa} {self.dossier}"
