"""Sheets printed: what bounds the rate of visitors, and the series that agents fetch."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


def chemin_impression(instance: Impression, filename: str) -> str:
    """Path of a PDF in the storage: a name that nobody can guess."""
    return f"impressions/{timezone.now():%Y/%m}/{secrets.token_urlsafe(24)}.pdf"


class Impression(models.Model):
    """A sheet or a series. ``origine``: keyed hash of a visitor's address, for the rate; no one's name.

    ``demande``: parameters of the address, with the objects of a series; ``fichier``: the PDF of a task.
    """

    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="auteur",
    )
    origine = models.CharField("origine", max_length=16, blank=True)
    titre = models.CharField("titre", max_length=120, blank=True)
    demande: Any = models.JSONField("demande", default=dict, blank=True)
    fichier = models.FileField("fichier", upload_to=chemin_impression, max_length=200, blank=True)
    pages = models.PositiveIntegerField("pages", default=0)
    tache = models.ForeignKey(
        "mairie.Tache", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="tâche"
    )
    cree_le = models.DateTimeField("demandée le", default=timezone.now)

    class Meta:
        verbose_name = "impression"
        verbose_name_plural = "impressions"
        ordering = ("-cree_le", "-pk")
        indexes = (
            models.Index(
                fields=("origine", "-cree_le"), name="impression_origine", condition=~models.Q(origine="")
            ),
            models.Index(fields=("auteur", "-cree_le"), name="impression_auteur"),
        )

    def __str__(self) -> str:
        return self.titre or f"impression {self.pk}"
