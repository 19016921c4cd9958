"""Deadlines that trades publish for the agents' desks, and how each agent wants to hear of them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.gis.db import models as geo
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mairie.requetes import RequeteVisible


class EcheanceRequete(RequeteVisible):
    """Rows whose trade's right the person holds, where she holds it."""

    def visibles_par(self, utilisateur: Any) -> Any:
        """Deadlines that this person may read; none for who holds no trade's right."""
        from mairie.echeances.registre import codes_par_droit
        from mairie.habilitations import portee

        condition = Q(pk__in=())
        for droit, codes in codes_par_droit().items():
            p = portee(utilisateur, droit)
            if p:
                condition |= Q(code__in=codes) & p.filtre("insee", "lieu")
        return self.filter(condition)


class Echeance(models.Model):
    """An open deadline of a dossier: one row for each (dossier, code, key), deleted once settled.

    ``reference``, ``libelle`` and ``consequence`` name no person: they go into feeds and mails. ``pourquoi``:
    the steps that give the date, as ``DossierSuivi.explication``. ``lieu``: for rights held inside a polygon.
    """

    dossier_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    dossier_id = models.BigIntegerField("dossier")
    dossier = GenericForeignKey("dossier_type", "dossier_id")
    code = models.CharField("code", max_length=80)
    cle = models.CharField("clé", max_length=60, blank=True)
    insee = models.CharField("collectivité", max_length=9)
    date = models.DateField("date")
    libelle = models.CharField("libellé", max_length=200)
    reference = models.CharField("dossier", max_length=120)
    adresse = models.CharField("page du dossier", max_length=300, blank=True)
    consequence = models.CharField("conséquence", max_length=200, blank=True)
    pourquoi = models.JSONField("pourquoi", default=list, blank=True, encoder=DjangoJSONEncoder)
    responsable = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="echeances"
    )
    service = models.ForeignKey("mairie.Service", models.SET_NULL, null=True, blank=True, related_name="+")
    lieu = geo.PointField("lieu", srid=settings.TERRITOIRE_SRID, null=True, blank=True)
    publiee_le = models.DateTimeField("publiée le", default=timezone.now)

    objects: ClassVar[Any] = EcheanceRequete.as_manager()

    class Meta:
        verbose_name = "échéance"
        verbose_name_plural = "échéances"
        ordering = ("date", "id")
        indexes = (
            models.Index(fields=("date", "id"), name="echeance_date"),
            models.Index(fields=("insee", "date"), name="echeance_commune"),
            models.Index(fields=("responsable", "date"), name="echeance_responsable"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("dossier_type", "dossier_id", "code", "cle"), name="echeance_unique"
            ),
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z_]+\.[a-z0-9_]+$"), name="echeance_code_pointe"
            ),
            models.CheckConstraint(
                condition=Q(adresse="") | Q(adresse__regex=r"^/[^/]"), name="echeance_adresse_interne"
            ),
        )

    def __str__(self) -> str:
        return f"{self.reference} : {self.libelle} le {self.date:%d/%m/%Y}"


class PreferenceBureau(models.Model):
    """How an agent wants to hear of her deadlines by mail; without a row, each morning."""

    class Resume(models.TextChoices):
        """When the digest is sent."""

        QUOTIDIEN = "quotidien", "chaque matin où une date approche"
        HEBDOMADAIRE = "hebdomadaire", "le lundi"
        JAMAIS = "jamais", "jamais"

    utilisateur = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="preference_bureau"
    )
    resume = models.CharField("résumé par courriel", max_length=12, choices=Resume, default=Resume.QUOTIDIEN)

    class Meta:
        verbose_name = "préférence du bureau"
        verbose_name_plural = "préférences du bureau"

    def __str__(self) -> str:
        return f"{self.utilisateur} : {self.get_resume_display()}"
