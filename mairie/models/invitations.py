"""How an agent gets an account: by an invitation, never by signing up."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from mairie.models.collectivites import Collectivite, RequeteDeCollectivite


class Invitation(models.Model):
    """An address invited to work for a collectivité. The token is only in the mail: its SHA-256 is here.

    ``propositions``: habilitations given on acceptance, each with ``metier``, ``role``, ``collectivites``
    (codes), ``du``, ``au``, ``service`` (id) and ``finalites``. ``invitee_par`` null: by the command line.
    """

    collectivite = models.ForeignKey(
        Collectivite, models.PROTECT, related_name="invitations", verbose_name="collectivité"
    )
    email = models.EmailField("adresse électronique")
    nom = models.CharField("nom", max_length=150, blank=True)
    empreinte = models.CharField("empreinte du jeton", max_length=64, unique=True)
    propositions = models.JSONField("habilitations proposées", default=list, blank=True)
    invitee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    cree_le = models.DateTimeField("envoyée le", auto_now_add=True)
    expire_le = models.DateTimeField("expire le")
    revoquee_le = models.DateTimeField("révoquée le", null=True, blank=True)
    utilisee_le = models.DateTimeField("acceptée le", null=True, blank=True)
    utilisateur = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name="compte",
    )

    objects = RequeteDeCollectivite.as_manager()

    class Meta:
        verbose_name = "invitation"
        verbose_name_plural = "invitations"
        ordering = ("-cree_le", "-pk")
        indexes = (models.Index(fields=("collectivite", "-cree_le"), name="invitation_collectivite"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(empreinte__regex=r"^[0-9a-f]{64}$"), name="invitation_empreinte"
            ),
            models.CheckConstraint(condition=Q(expire_le__gt=F("cree_le")), name="invitation_expire_apres"),
            models.CheckConstraint(
                condition=Q(utilisee_le__isnull=True) | Q(revoquee_le__isnull=True),
                name="invitation_utilisee_ou_revoquee",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} ({self.collectivite})"
