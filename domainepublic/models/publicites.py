"""Who says, during a publicity, that the place interests them too (CG3P L2122-1-4)."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from domainepublic.models.dossiers import DossierODP

MESSAGE_MAX = 2000


class Interet(models.Model):
    """One interest declared on line, read by the agents of the file only, erased after two years."""

    dossier = models.ForeignKey(DossierODP, models.CASCADE, related_name="interets")
    nom = models.CharField("nom ou raison sociale", max_length=150)
    courriel = models.EmailField("courriel", blank=True)
    telephone = models.CharField("téléphone", max_length=20, blank=True)
    message = models.TextField("projet", max_length=MESSAGE_MAX, blank=True)
    recu_le = models.DateTimeField("reçu le", default=timezone.now)

    class Meta:
        verbose_name = "intérêt déclaré"
        verbose_name_plural = "intérêts déclarés"
        ordering = ("dossier", "recu_le", "id")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(courriel="", telephone=""), name="odp_interet_joignable"
            ),
        )

    def __str__(self) -> str:
        return self.nom
