"""Entries made in the field, each received once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class SaisieRecue(models.Model):
    """Answer given to an entry, by the key that its device drew: the same entry twice gets it again."""

    client_uuid = models.UUIDField("clé de la saisie", primary_key=True)
    personne = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    code = models.CharField("formulaire", max_length=60)
    cle = models.CharField("objet", max_length=80)
    empreinte = models.CharField("empreinte du contenu", max_length=64)
    reponse = models.JSONField("réponse")
    recue_le = models.DateTimeField("reçue le", db_default=Now())

    class Meta:
        verbose_name = "saisie de terrain reçue"
        verbose_name_plural = "saisies de terrain reçues"
        indexes = (models.Index(fields=("recue_le",), name="saisie_recue_le"),)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(empreinte__regex=r"^[0-9a-f]{64}$"), name="saisie_recue_empreinte"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.cle}"
