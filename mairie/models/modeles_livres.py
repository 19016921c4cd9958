"""What the present release ships for each common template, beside what the town hall has in service."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from mairie.models.modeles_courrier import FormeCourrier, ModeCourrier, ModeleCourrier


class ModeleLivre(models.Model):
    """Text last shipped for a template; written by the loading of the references, never by a person."""

    modele = models.OneToOneField(ModeleCourrier, models.CASCADE, related_name="livre")
    objet = models.CharField("objet", max_length=250)
    corps = models.TextField("texte")
    forme = models.CharField("forme", max_length=6, choices=FormeCourrier)
    mode = models.CharField("mode d'envoi", max_length=12, choices=ModeCourrier)
    a_signer = models.BooleanField("à signer avant l'envoi")
    public = models.BooleanField("acte public")
    livre_le = models.DateTimeField("livré le", default=timezone.now)

    class Meta:
        verbose_name = "texte livré d'un modèle"
        verbose_name_plural = "textes livrés des modèles"

    def __str__(self) -> str:
        return f"{self.modele} (livré)"
