"""Batches of letters: one key each, so that a confirmation sent twice makes its letters once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class LotLettres(models.Model):
    """A batch that somebody confirmed."""

    cle = models.UUIDField("clé", unique=True)
    liste = models.CharField("liste", max_length=20)
    nombre = models.PositiveSmallIntegerField("lettres", default=0)
    cree_le = models.DateTimeField("confirmé le", default=timezone.now)
    cree_par = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = "lot de lettres"
        verbose_name_plural = "lots de lettres"
        ordering = ("-cree_le",)

    def __str__(self) -> str:
        return f"{self.liste}, {self.nombre} lettres"
