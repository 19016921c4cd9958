"""The audit log: who did or saw what, when, and why; the monthly counts that outlive it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mairie.requetes import RequeteVisible


class JournalRequete(RequeteVisible):
    """Lines of the collectivités of the reader, and those of the house's own tasks that belong to none."""

    DROIT_LIRE = "mairie.lire_journal"
    SANS_COLLECTIVITE = Q(insee="", utilisateur__isnull=True)

    def visibles_par(self, utilisateur: Any) -> Any:
        """Lines that this person may read; none for who holds no right."""
        from mairie.habilitations import portee

        p = portee(utilisateur, self.DROIT_LIRE)
        if not p or p.totale:
            return self.all() if p else self.none()
        return self.filter(p.filtre() | self.SANS_COLLECTIVITE)


class TotauxRequete(JournalRequete):
    """Counts of the collectivités of the reader, and those that belong to none."""

    SANS_COLLECTIVITE = Q(insee="")


class JournalActe(models.Model):
    """One act, one consultation of personal data or one refusal.

    Append-only (database triggers): only ``mairie_journal_purger`` deletes, and nothing younger than 180
    days. ``resume`` and ``donnees`` hold no personal data; ``adresse`` is a truncated network address.
    """

    class Nature(models.TextChoices):
        """What a line is about; each has its own time of keeping."""

        ACTE = "acte", "acte"
        CONSULTATION = "consultation", "consultation"
        REFUS = "refus", "refus d'accès"

    quand = models.DateTimeField("quand", default=timezone.now)
    nature = models.CharField("nature", max_length=12, choices=Nature)
    action = models.CharField("action", max_length=60)
    utilisateur = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="qui"
    )
    acteur = models.CharField("acteur sans compte", max_length=120, blank=True)
    insee = models.CharField("collectivité", max_length=9, blank=True)
    objet_type = models.ForeignKey(ContentType, models.PROTECT, null=True, blank=True, related_name="+")
    objet_id = models.CharField("objet", max_length=64, blank=True)
    resume = models.CharField("résumé", max_length=300, blank=True)
    finalite = models.CharField("finalité", max_length=120, blank=True)
    donnees = models.JSONField("données", default=dict, blank=True, encoder=DjangoJSONEncoder)
    requete = models.CharField("requête", max_length=40, blank=True)
    adresse = models.CharField("adresse tronquée", max_length=45, blank=True)

    objects: ClassVar[Any] = JournalRequete.as_manager()

    class Meta:
        verbose_name = "ligne du journal"
        verbose_name_plural = "journal"
        ordering = ("-quand", "-id")
        indexes = (
            models.Index(fields=("-quand", "-id"), name="journal_quand"),
            models.Index(fields=("insee", "-quand"), name="journal_collectivite"),
            models.Index(fields=("utilisateur", "-quand"), name="journal_personne"),
            models.Index(fields=("action", "-quand"), name="journal_action"),
            models.Index(fields=("objet_type", "objet_id"), name="journal_objet"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(utilisateur__isnull=False, acteur="")
                | (Q(utilisateur__isnull=True) & ~Q(acteur="")),
                name="journal_un_acteur",
            ),
            models.CheckConstraint(
                condition=~Q(nature="consultation") | ~Q(finalite=""), name="journal_consultation_finalite"
            ),
            models.CheckConstraint(
                condition=Q(action__regex=r"^[a-z_]+\.[a-z0-9_]+$"), name="journal_code_action"
            ),
            models.CheckConstraint(
                condition=Q(objet_type__isnull=True, objet_id="")
                | (Q(objet_type__isnull=False) & ~Q(objet_id="")),
                name="journal_objet_entier",
            ),
        )

    def __str__(self) -> str:
        return f"{self.quand:%Y-%m-%d %H:%M} {self.action}"

    @property
    def par(self) -> str:
        """Who, as shown on screen."""
        return str(self.utilisateur) if self.utilisateur_id else self.acteur


class JournalTotal(models.Model):
    """Lines purged, counted by month, collectivité and action: no name remains."""

    mois = models.DateField("mois")
    insee = models.CharField("collectivité", max_length=9, blank=True)
    nature = models.CharField("nature", max_length=12, choices=JournalActe.Nature)
    action = models.CharField("action", max_length=60)
    nombre = models.PositiveIntegerField("nombre")

    objects: ClassVar[Any] = TotauxRequete.as_manager()

    class Meta:
        verbose_name = "total mensuel du journal"
        verbose_name_plural = "totaux mensuels du journal"
        ordering = ("-mois", "insee", "action")
        constraints = (
            models.UniqueConstraint(
                fields=("mois", "insee", "nature", "action"), name="journal_total_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.mois:%Y-%m} {self.action} : {self.nombre}"
