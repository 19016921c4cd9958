"""Who says, during a publicity, that the place interests them too (CG3P L2122-1-4)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from domainepublic.models.conflits import MOTIF_MIN
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
    # A joke, an advertisement, a message withdrawn: kept, counted no more.
    ecarte_le = models.DateTimeField("écarté le", null=True, blank=True, editable=False)
    ecarte_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    motif_ecart = models.TextField("motif", max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = "intérêt déclaré"
        verbose_name_plural = "intérêts déclarés"
        ordering = ("dossier", "recu_le", "id")
        constraints = (
            models.CheckConstraint(
                condition=~models.Q(courriel="", telephone=""), name="odp_interet_joignable"
            ),
            models.CheckConstraint(
                condition=Q(ecarte_le__isnull=True, motif_ecart="")
                | Q(ecarte_le__isnull=False, motif_ecart__length__gte=MOTIF_MIN),
                name="odp_interet_ecarte_avec_motif",
            ),
        )

    def __str__(self) -> str:
        return self.nom
