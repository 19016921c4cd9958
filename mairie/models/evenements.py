"""Outbox of domain events, and their delivery to each subscriber."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
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


class Livraison(models.Model):
    """What one subscriber did with one event; marked in the same transaction as its effect.

    ``a_livrer`` until it succeeds, or until the last try fails (``echec``, shown to the administrator).
    """

    class Etat(models.TextChoices):
        """Where a delivery stands."""

        A_LIVRER = "a_livrer", "à livrer"
        LIVREE = "livree", "livrée"
        ECHEC = "echec", "en échec"

    evenement = models.ForeignKey(EvenementDomaine, models.PROTECT, related_name="livraisons")
    abonne = models.CharField("abonné", max_length=80)
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.A_LIVRER)
    essais = models.PositiveSmallIntegerField("essais", default=0)
    prochain_essai = models.DateTimeField("prochain essai", default=timezone.now)
    livree_le = models.DateTimeField("livrée le", null=True, blank=True)
    erreur = models.TextField("dernière erreur", blank=True)

    class Meta:
        verbose_name = "livraison d'événement"
        verbose_name_plural = "livraisons d'événements"
        indexes = (
            models.Index(
                fields=("abonne", "evenement"), name="livraison_en_attente", condition=Q(etat="a_livrer")
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("evenement", "abonne"), name="livraison_une_par_abonne"),
            models.CheckConstraint(
                condition=Q(etat="livree", livree_le__isnull=False)
                | Q(etat__in=("a_livrer", "echec"), livree_le__isnull=True),
                name="livraison_etat",
            ),
            models.CheckConstraint(
                condition=Q(abonne__regex=r"^[a-z]+\.[a-z0-9_]+$"), name="livraison_abonne"
            ),
        )

    def __str__(self) -> str:
        return f"{self.evenement_id} → {self.abonne}"
