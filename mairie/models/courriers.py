"""Letters of dossiers, and what became of them once sent."""

from __future__ import annotations

import re
import secrets
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from mairie.models.collectivites import CODE_COLLECTIVITE, Collectivite
from mairie.models.delegations import Delegation
from mairie.models.modeles_courrier import FormeCourrier, ModeCourrier, VersionModele

_CHAMP = re.compile(r"\[[a-z0-9_. ]+\]")


def chemin_lettre(instance: Any, filename: str) -> str:
    """Where a PDF lies in the storage: a name that nobody can guess, and that says nothing."""
    return f"courriers/{timezone.now():%Y/%m}/{secrets.token_urlsafe(24)}.pdf"


def code_verification() -> str:
    """What the QR code of an act names: 128 random bits."""
    return secrets.token_urlsafe(16)


class RequeteCourriers(models.QuerySet[Any]):
    """Letters are seen by who sees their dossier."""

    def visibles_par(self, utilisateur: Any) -> RequeteCourriers:
        """Letters of the dossiers that this person may read."""
        from mairie.courriers.sujets import sujets

        condition = Q(pk__in=())
        for sujet in sujets():
            type_ = ContentType.objects.get_for_model(sujet.classe)
            dossiers = sujet.visibles(utilisateur).order_by().values("pk")
            condition |= Q(dossier_type=type_, dossier_id__in=dossiers)
        return self.filter(condition)

    def du_dossier(self, dossier: models.Model) -> RequeteCourriers:
        """Letters of one dossier."""
        return self.filter(dossier_type=ContentType.objects.get_for_model(dossier), dossier_id=dossier.pk)


class Courrier(models.Model):
    """A letter of a dossier. Only ``mairie.courriers`` writes it; once finalised, what was written never
    changes (database trigger): number, text, values, recipient, PDF and its hash.

    ``insee``: collectivité of the dossier. ``emetteur``: whose letterhead. ``valeurs``: fields as they were.
    ``tiers``: the recipient's sheet, if known. ``version``: for two agents on one draft.
    """

    class Etat(models.TextChoices):
        """Where a letter stands."""

        BROUILLON = "brouillon", "brouillon"
        FINALISE = "finalise", "finalisée"
        SIGNE = "signe", "signée"
        EN_ENVOI = "en_envoi", "en cours d'envoi"
        ENVOYE = "envoye", "envoyée"
        PRESENTE = "presente", "présentée"
        DISTRIBUE = "distribue", "distribuée"
        CONSULTE = "consulte", "consultée"
        RETOURNE = "retourne", "retournée"
        ABANDONNE = "abandonne", "abandonnée"

    Mode = ModeCourrier

    dossier_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    dossier_id = models.BigIntegerField("dossier")
    dossier = GenericForeignKey("dossier_type", "dossier_id")
    metier = models.CharField("métier", max_length=40)
    insee = models.CharField("collectivité du dossier", max_length=9)
    emetteur = models.ForeignKey(Collectivite, models.PROTECT, related_name="+", verbose_name="émetteur")
    modele = models.ForeignKey(
        VersionModele, models.PROTECT, null=True, blank=True, related_name="courriers", verbose_name="modèle"
    )
    libelle = models.CharField("nature", max_length=150)
    serie = models.CharField("série de numéros", max_length=60)
    numero = models.CharField("numéro", max_length=60, blank=True)
    objet = models.CharField("objet", max_length=250)
    corps = models.TextField("texte")
    forme = models.CharField("forme", max_length=6, choices=FormeCourrier, default=FormeCourrier.LETTRE)
    type_acte = models.CharField("type d'acte délégué", max_length=80, blank=True)
    a_signer = models.BooleanField("à signer avant l'envoi", default=True)
    public = models.BooleanField("acte public", default=False)
    code = models.CharField("code de vérification", max_length=22, default=code_verification, unique=True)
    mode = models.CharField("mode d'envoi", max_length=12, choices=ModeCourrier, default=ModeCourrier.SIMPLE)
    destinataire = models.CharField("destinataire", max_length=200, blank=True)
    destinataire_adresse = models.TextField("adresse", blank=True, max_length=400)
    destinataire_courriel = models.EmailField("courriel", blank=True)
    copies = models.CharField("copie à", max_length=300, blank=True)
    tiers_type = models.ForeignKey(ContentType, models.PROTECT, null=True, blank=True, related_name="+")
    tiers_id = models.BigIntegerField("personne", null=True, blank=True)
    tiers = GenericForeignKey("tiers_type", "tiers_id")

    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.BROUILLON)
    version = models.PositiveIntegerField("version", default=0)
    cree_par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    cree_le = models.DateTimeField("créée le", default=timezone.now)
    modifie_par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    modifie_le = models.DateTimeField("modifiée le", default=timezone.now)

    valeurs = models.JSONField("valeurs figées", default=dict, blank=True, encoder=DjangoJSONEncoder)
    html = models.TextField("page figée", blank=True)
    pdf = models.FileField("PDF", upload_to=chemin_lettre, blank=True, max_length=200)
    sha256 = models.CharField("empreinte SHA-256", max_length=64, blank=True)
    pages = models.PositiveIntegerField("pages", default=0)
    finalise_le = models.DateTimeField("finalisée le", null=True, blank=True)
    finalise_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    signe_le = models.DateField("signée le", null=True, blank=True)
    signataire = models.CharField("signataire", max_length=300, blank=True)
    delegation = models.ForeignKey(
        Delegation, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="délégation"
    )
    signe_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    pdf_signe = models.FileField("PDF signé", upload_to=chemin_lettre, blank=True, max_length=200)
    sha256_signe = models.CharField("empreinte du PDF signé", max_length=64, blank=True)

    envoye_le = models.DateField("envoyée le", null=True, blank=True)
    envoye_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    numero_recommande = models.CharField("numéro du recommandé", max_length=40, blank=True)
    premiere_presentation = models.DateField("première présentation", null=True, blank=True)
    distribue_le = models.DateField("distribuée le", null=True, blank=True)
    consulte_le = models.DateField("consultée le", null=True, blank=True)
    retourne_le = models.DateField("retournée le", null=True, blank=True)
    abandon_motif = models.CharField("motif de l'abandon", max_length=300, blank=True)
    remplace = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="remplacee_par", verbose_name="remplace"
    )

    objects: ClassVar[Any] = RequeteCourriers.as_manager()

    class Meta:
        verbose_name = "courrier"
        verbose_name_plural = "courriers"
        ordering = ("-cree_le", "-id")
        indexes = (
            models.Index(fields=("dossier_type", "dossier_id", "-cree_le"), name="courrier_du_dossier"),
            models.Index(fields=("insee", "etat", "-cree_le"), name="courrier_par_collectivite"),
            models.Index(fields=("tiers_type", "tiers_id"), name="courrier_du_tiers"),
            models.Index(fields=("envoye_le",), name="courrier_sans_accuse", condition=Q(etat="envoye")),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("emetteur", "serie", "numero"), condition=~Q(numero=""), name="courrier_numero_unique"
            ),
            models.CheckConstraint(condition=Q(insee__regex=CODE_COLLECTIVITE), name="courrier_collectivite"),
            models.CheckConstraint(
                condition=Q(finalise_le__isnull=True, numero="", pdf="", sha256="")
                & Q(etat__in=("brouillon", "abandonne"))
                | (
                    Q(finalise_le__isnull=False, sha256__regex=r"^[0-9a-f]{64}$")
                    & ~Q(numero="")
                    & ~Q(pdf="")
                    & ~Q(etat="brouillon")
                ),
                name="courrier_finalise_entier",
            ),
            models.CheckConstraint(
                condition=~Q(etat="signe") | Q(signe_le__isnull=False), name="courrier_signe_date"
            ),
            models.CheckConstraint(
                condition=~Q(etat__in=("en_envoi", "envoye", "presente", "distribue", "consulte", "retourne"))
                | Q(a_signer=False)
                | Q(signe_le__isnull=False),
                name="courrier_signe_avant_envoi",
            ),
            models.CheckConstraint(
                condition=~Q(etat__in=("envoye", "presente", "distribue", "consulte", "retourne"))
                | Q(envoye_le__isnull=False),
                name="courrier_envoye_date",
            ),
            models.CheckConstraint(
                # A date that is null passes.
                condition=Q(premiere_presentation__gte=F("envoye_le"))
                & Q(distribue_le__gte=F("envoye_le"))
                & Q(consulte_le__gte=F("envoye_le"))
                & Q(retourne_le__gte=F("envoye_le")),
                name="courrier_dates_dans_l_ordre",
            ),
            models.CheckConstraint(
                condition=(~Q(etat="presente") | Q(premiere_presentation__isnull=False))
                & (~Q(etat="distribue") | Q(distribue_le__isnull=False))
                & (~Q(etat="consulte") | Q(consulte_le__isnull=False))
                & (~Q(etat="retourne") | Q(retourne_le__isnull=False))
                & (~Q(etat="abandonne") | ~Q(abandon_motif="")),
                name="courrier_etat_et_date",
            ),
            models.CheckConstraint(
                condition=Q(tiers_type__isnull=True, tiers_id__isnull=True)
                | Q(tiers_type__isnull=False, tiers_id__isnull=False),
                name="courrier_tiers_entier",
            ),
        )

    def __str__(self) -> str:
        return f"{self.libelle} {self.numero}".strip()

    @property
    def objet_lisible(self) -> str:
        """Its subject in a list or a heading, without the merge fields of a draft: they have no value yet."""
        if not self.modifiable:
            return self.objet
        return " ".join(_CHAMP.sub("", self.objet).split()).strip(" –-:,")

    @property
    def modifiable(self) -> bool:
        """Whether its text may still change."""
        return self.etat == self.Etat.BROUILLON


class SuiviCourrier(models.Model):
    """One fact of the life of a letter; append-only (database trigger), the last of a kind holds."""

    class Fait(models.TextChoices):
        """What happened."""

        SIGNATURE = "signature", "signature"
        ENVOI = "envoi", "envoi"
        PRESENTATION = "presentation", "première présentation"
        DISTRIBUTION = "distribution", "distribution"
        CONSULTATION = "consultation", "consultation en ligne"
        RETOUR = "retour", "retour à l'expéditeur"
        ABANDON = "abandon", "abandon"

    courrier = models.ForeignKey(Courrier, models.PROTECT, related_name="suivi")
    fait = models.CharField("fait", max_length=12, choices=Fait)
    date = models.DateField("date")
    observation = models.CharField("observation", max_length=600, blank=True)
    corrige = models.BooleanField("corrige une date", default=False)
    saisi_le = models.DateTimeField("saisi le", default=timezone.now)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    au_nom_de = models.CharField("acteur sans compte", max_length=120, blank=True)

    class Meta:
        verbose_name = "suivi d'un courrier"
        verbose_name_plural = "suivis de courriers"
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(auteur__isnull=False, au_nom_de="") | (Q(auteur__isnull=True) & ~Q(au_nom_de="")),
                name="suivi_courrier_un_auteur",
            ),
            models.CheckConstraint(
                condition=Q(corrige=False) | ~Q(observation=""), name="suivi_courrier_correction_motivee"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_fait_display()} {self.date:%d/%m/%Y}"

    @property
    def par(self) -> str:
        """Who recorded it, as shown on screen."""
        return str(self.auteur) if self.auteur_id else self.au_nom_de
