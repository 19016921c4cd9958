"""Consulted services, what was asked of them on a dossier, and each version of their answer."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from mairie.requetes import RequeteVisible


class ServiceConsulte(models.Model):
    """A service that gives opinions (ABF, network manager, SDIS …), for one collectivité or for all."""

    class Nature(models.TextChoices):
        """Weight of the opinion."""

        ACCORD = "accord", "accord"
        AVIS_CONFORME = "avis_conforme", "avis conforme"
        AVIS_SIMPLE = "avis_simple", "avis simple"
        INFORMATION = "information", "information"

    class Silence(models.TextChoices):
        """What silence means at the end of the delay."""

        FAVORABLE = "favorable", "vaut avis favorable"
        DEFAVORABLE = "defavorable", "vaut avis défavorable"
        SANS_AVIS = "sans_avis", "ne vaut pas avis"

    class Unite(models.TextChoices):
        """Unit of the delay."""

        JOURS = "jours", "jours"
        MOIS = "mois", "mois"

    collectivite = models.CharField("collectivité (vide : toutes)", max_length=9, blank=True)
    code = models.SlugField("code", max_length=40)
    libelle = models.CharField("nom du service", max_length=160)
    metier = models.CharField("métier (vide : tous)", max_length=40, blank=True)
    courriel = models.EmailField("courriel", blank=True)
    adresse = models.TextField("adresse postale", blank=True)
    nature = models.CharField("nature de l'avis", max_length=20, choices=Nature, default=Nature.AVIS_SIMPLE)
    delai_valeur = models.PositiveSmallIntegerField("délai", default=1)
    delai_unite = models.CharField("unité", max_length=5, choices=Unite, default=Unite.MOIS)
    effet_silence = models.CharField(
        "silence du service", max_length=12, choices=Silence, default=Silence.FAVORABLE
    )
    article = models.CharField("fondement", max_length=120, blank=True)
    actif = models.BooleanField("actif", default=True)

    class Meta:
        verbose_name = "service consulté"
        verbose_name_plural = "services consultés"
        ordering = ("libelle",)
        constraints = (
            models.UniqueConstraint(fields=("collectivite", "code"), name="service_consulte_code"),
            models.CheckConstraint(condition=Q(delai_valeur__gte=1), name="service_consulte_delai"),
            models.CheckConstraint(
                condition=Q(collectivite="") | Q(collectivite__regex=r"^([0-9][0-9AB][0-9]{3}|[0-9]{9})$"),
                name="service_consulte_collectivite",
            ),
        )

    def __str__(self) -> str:
        return self.libelle


class DelaiService(models.Model):
    """The delay of a service for one kind of dossier, where it differs from its usual one."""

    service = models.ForeignKey(ServiceConsulte, models.CASCADE, related_name="delais")
    type_dossier = models.CharField("type de dossier", max_length=40)
    valeur = models.PositiveSmallIntegerField("délai")
    unite = models.CharField("unité", max_length=5, choices=ServiceConsulte.Unite)

    class Meta:
        verbose_name = "délai particulier"
        verbose_name_plural = "délais particuliers"
        constraints = (
            models.UniqueConstraint(fields=("service", "type_dossier"), name="delai_service_unique"),
            models.CheckConstraint(condition=Q(valeur__gte=1), name="delai_service_valeur"),
        )

    def __str__(self) -> str:
        return f"{self.service} {self.type_dossier}"


class ConsultationQuerySet(RequeteVisible):
    """Reached by who reads the town hall's shared records in the dossier's collectivité."""

    DROIT_LIRE = "mairie.lire"


class Consultation(models.Model):
    """One request for an opinion on one dossier; several of the same service are allowed.

    The delay is frozen at the sending: a later change of the service does not move a date already told.
    """

    class Avis(models.TextChoices):
        """The answer."""

        FAVORABLE = "favorable", "favorable"
        FAVORABLE_PRESCRIPTIONS = "favorable_prescriptions", "favorable avec prescriptions"
        DEFAVORABLE = "defavorable", "défavorable"
        SANS_AVIS = "sans_avis", "sans avis"
        SANS_OBJET = "sans_objet", "sans objet"

    dossier_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    dossier_id = models.BigIntegerField("dossier")
    dossier = GenericForeignKey("dossier_type", "dossier_id")
    metier = models.CharField("métier", max_length=40)
    insee = models.CharField("collectivité", max_length=9)
    service = models.ForeignKey(ServiceConsulte, models.PROTECT, related_name="consultations")
    objet = models.CharField("objet de la demande", max_length=200, blank=True)
    cree_le = models.DateTimeField("préparée le", default=timezone.now)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    envoyee_le = models.DateField("envoyée le", null=True, blank=True)
    recue_le = models.DateField("reçue par le service le", null=True, blank=True)
    delai_valeur = models.PositiveSmallIntegerField("délai")
    delai_unite = models.CharField("unité", max_length=5, choices=ServiceConsulte.Unite)
    effet_silence = models.CharField("silence", max_length=12, choices=ServiceConsulte.Silence)
    limite = models.DateField("réponse attendue au plus tard le", null=True, blank=True)
    avis = models.CharField("avis", max_length=24, choices=Avis, blank=True)
    tacite = models.BooleanField("avis né du silence", default=False)
    motivation = models.TextField("motivation", blank=True)
    avis_le = models.DateField("avis du", null=True, blank=True)
    close_le = models.DateField("close sans avis le", null=True, blank=True)
    motif_cloture = models.CharField("motif de clôture", max_length=200, blank=True)
    relances = ArrayField(models.DateField(), default=list, blank=True, verbose_name="relances")
    dans_decision = models.BooleanField("visée dans la décision", default=True)
    provisoire = models.JSONField("réponse en préparation", default=dict, blank=True)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        verbose_name = "consultation"
        verbose_name_plural = "consultations"
        ordering = ("cree_le", "id")
        indexes = (
            models.Index(fields=("dossier_type", "dossier_id"), name="consultation_dossier"),
            models.Index(
                fields=("insee", "limite"),
                name="consultation_en_attente",
                condition=Q(avis="", close_le__isnull=True, envoyee_le__isnull=False),
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(delai_valeur__gte=1), name="consultation_delai"),
            models.CheckConstraint(
                condition=Q(recue_le__isnull=True)
                | Q(envoyee_le__isnull=False, recue_le__gte=F("envoyee_le")),
                name="consultation_recue_apres_envoi",
            ),
            models.CheckConstraint(
                condition=Q(avis="", avis_le__isnull=True) | (~Q(avis="") & Q(avis_le__isnull=False)),
                name="consultation_avis_date",
            ),
            models.CheckConstraint(
                condition=Q(envoyee_le__isnull=True, limite__isnull=True)
                | Q(envoyee_le__isnull=False, limite__gt=F("envoyee_le")),
                name="consultation_limite",
            ),
            models.CheckConstraint(
                condition=Q(avis_le__isnull=True) | Q(envoyee_le__isnull=False, avis_le__gte=F("envoyee_le")),
                name="consultation_avis_apres_envoi",
            ),
            models.CheckConstraint(
                condition=Q(close_le__isnull=True) | Q(avis=""), name="consultation_close_sans_avis"
            ),
        )

    def __str__(self) -> str:
        return f"{self.service} – {self.get_avis_display() or 'en attente'}"


class VersionAvis(models.Model):
    """One version of an answer: a service may correct it until its last day, and each stays."""

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="versions")
    le = models.DateTimeField("le", default=timezone.now)
    avis = models.CharField("avis", max_length=24, choices=Consultation.Avis)
    motivation = models.TextField("motivation", blank=True)
    tacite = models.BooleanField("né du silence", default=False)
    saisi_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    par_lien = models.BooleanField("répondu par le lien", default=False)

    class Meta:
        verbose_name = "version d'avis"
        verbose_name_plural = "versions d'avis"
        ordering = ("le", "id")

    def __str__(self) -> str:
        return f"{self.get_avis_display()} {self.le:%Y-%m-%d}"
