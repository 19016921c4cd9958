"""Secret links and public drafts: what lets in somebody without an account, and what he began."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class LienSecret(models.Model):
    """A secret that opens one object for one purpose; only its SHA-256 is kept.

    ``usage``: code declared by the app that opens it. Kept while its object lives: its uses are proof.
    """

    objet_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    objet_id = models.BigIntegerField("objet")
    objet = GenericForeignKey("objet_type", "objet_id")
    usage = models.CharField("usage", max_length=60)
    empreinte = models.BinaryField("empreinte", max_length=32, unique=True)
    insee = models.CharField("collectivité", max_length=9, blank=True)
    destinataire = models.CharField("remis à (fonction ou service)", max_length=120, blank=True)
    cree_le = models.DateTimeField("créé le", default=timezone.now)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    expire_le = models.DateTimeField("expire le")
    revoque_le = models.DateTimeField("révoqué le", null=True, blank=True)
    dernier_usage = models.DateTimeField("dernier usage", null=True, blank=True)
    usages = models.PositiveIntegerField("nombre d'usages", default=0)

    class Meta:
        verbose_name = "lien secret"
        verbose_name_plural = "liens secrets"
        indexes = (models.Index(fields=("objet_type", "objet_id", "usage"), name="lien_secret_objet"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(usage__regex=r"^[a-z]+\.[a-z0-9_]+$"), name="lien_secret_usage"
            ),
            models.CheckConstraint(condition=Q(expire_le__gt=F("cree_le")), name="lien_secret_dates"),
        )

    def __str__(self) -> str:
        return f"{self.usage} {self.pk}"


class UsageLien(models.Model):
    """One opening of a secret link: when, what for, from where (truncated hash, never the address)."""

    lien = models.ForeignKey(LienSecret, models.CASCADE, related_name="journal")
    le = models.DateTimeField("le", default=timezone.now)
    action = models.CharField("action", max_length=40)
    origine = models.CharField("empreinte de l'adresse", max_length=16, blank=True)

    class Meta:
        verbose_name = "usage d'un lien"
        verbose_name_plural = "usages de liens"
        ordering = ("-le",)
        indexes = (models.Index(fields=("lien", "-le"), name="usage_lien_journal"),)

    def __str__(self) -> str:
        return f"{self.lien_id} {self.action}"


class EssaiLien(models.Model):
    """A failed opening, counted to slow down who guesses; purged after a day."""

    origine = models.CharField("empreinte", max_length=80)
    le = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "essai manqué"
        verbose_name_plural = "essais manqués"
        indexes = (models.Index(fields=("origine", "le"), name="essai_lien_origine"),)

    def __str__(self) -> str:
        return self.origine


class DemandeNouveauLien(models.Model):
    """Somebody whose link is dead asks for another; the agents of the object's collectivité see it."""

    lien = models.ForeignKey(LienSecret, models.CASCADE, related_name="demandes")
    le = models.DateTimeField("demandé le", default=timezone.now)
    traitee_le = models.DateTimeField("traitée le", null=True, blank=True)
    traitee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "demande de nouveau lien"
        verbose_name_plural = "demandes de nouveaux liens"
        constraints = (
            models.UniqueConstraint(
                fields=("lien",), condition=Q(traitee_le__isnull=True), name="demande_lien_une_ouverte"
            ),
        )

    def __str__(self) -> str:
        return f"{self.lien_id} {self.le:%Y-%m-%d}"


class Brouillon(models.Model):
    """A public form begun and not yet sent: JSON values by step, resumed by a secret link, then erased."""

    USAGE_LIEN: ClassVar[str] = "mairie.brouillon"

    genre = models.CharField("formulaire", max_length=60)
    insee = models.CharField("commune", max_length=5, blank=True)
    etape = models.CharField("étape", max_length=40, blank=True)
    donnees = models.JSONField("saisie", default=dict, blank=True)
    version = models.PositiveIntegerField("version", default=1)
    cree_le = models.DateTimeField("commencé le", default=timezone.now)
    modifie_le = models.DateTimeField("modifié le", default=timezone.now)
    expire_le = models.DateTimeField("effacé le")

    class Meta:
        verbose_name = "brouillon"
        verbose_name_plural = "brouillons"
        indexes = (models.Index(fields=("expire_le",), name="brouillon_expiration"),)
        constraints = (
            models.CheckConstraint(condition=Q(genre__regex=r"^[a-z]+\.[a-z0-9_]+$"), name="brouillon_genre"),
            models.CheckConstraint(condition=Q(expire_le__gt=F("cree_le")), name="brouillon_dates"),
        )

    def __str__(self) -> str:
        return f"{self.genre} {self.pk}"
