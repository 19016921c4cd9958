"""Who asks, in which role, from when to when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from urba.models.dossiers import DossierInstruction


class DemandeurDossier(models.Model):
    """A person on a request. A transfer closes one row and opens another: nothing is overwritten."""

    class Role(models.TextChoices):
        """What the person is to the request."""

        PETITIONNAIRE = "petitionnaire", "pétitionnaire"
        CO_DEMANDEUR = "co_demandeur", "co-demandeur"
        MANDATAIRE = "mandataire", "mandataire"
        PROPRIETAIRE = "proprietaire", "propriétaire"
        ARCHITECTE = "architecte", "architecte"

    dossier = models.ForeignKey(DossierInstruction, models.CASCADE, related_name="demandeurs")
    tiers = models.ForeignKey("mairie.Tiers", models.PROTECT, related_name="demandes_urba")
    role = models.CharField("rôle", max_length=14, choices=Role, default=Role.PETITIONNAIRE)
    ordre = models.PositiveSmallIntegerField("ordre", default=1)
    depuis = models.DateField("depuis")
    jusqu_a = models.DateField("jusqu'à", null=True, blank=True)
    accepte_electronique = models.BooleanField("accepte les envois électroniques", default=False)
    # The transfers that opened and closed the row; null for who came with the deposit.
    ouvert_par = models.ForeignKey(
        DossierInstruction, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="transfert"
    )
    clos_par = models.ForeignKey(DossierInstruction, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "demandeur"
        verbose_name_plural = "demandeurs"
        ordering = ("dossier", "role", "ordre", "id")
        indexes = (models.Index(fields=("tiers", "dossier"), name="urba_demandeur_tiers"),)
        constraints = (
            models.UniqueConstraint(
                fields=("dossier",),
                condition=Q(role="petitionnaire", jusqu_a__isnull=True),
                name="urba_un_petitionnaire",
            ),
            models.CheckConstraint(
                condition=Q(jusqu_a__isnull=True) | Q(jusqu_a__gte=F("depuis")), name="urba_demandeur_dates"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()} : {self.tiers}"
