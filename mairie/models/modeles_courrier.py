"""What letters are made from: templates with their versions, phrases, letterheads."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

from mairie.models.collectivites import Collectivite

_METIER = r"^[a-z_]+$"


class RequeteParMetier(models.QuerySet[Any]):
    """Rows of a trade and of a collectivité; without collectivité they serve all."""

    def visibles_par(self, utilisateur: Any) -> RequeteParMetier:
        """Those that this person manages or may read as a model: her trades and collectivités, the common."""
        from mairie.courriers.droits import portee_modeles

        condition = Q(pk__in=())
        for metier, p in portee_modeles(utilisateur).items():
            condition |= Q(metier=metier) & (Q(collectivite__isnull=True) | p.filtre("collectivite__code"))
        return self.filter(condition)


class RequeteEnTetes(models.QuerySet[Any]):
    """Letterheads of the collectivités for which the person manages templates."""

    def visibles_par(self, utilisateur: Any) -> RequeteEnTetes:
        """Letterheads of one's trades (the common one for who manages them all) and collectivités."""
        from mairie.courriers.droits import portee_modeles

        condition = Q(pk__in=())
        for metier, p in portee_modeles(utilisateur).items():
            condition |= Q(metier__in=(metier, "") if metier == "mairie" else (metier,)) & p.filtre(
                "collectivite__code"
            )
        return self.filter(condition)


class ModeCourrier(models.TextChoices):
    """How a letter leaves."""

    SIMPLE = "simple", "lettre simple"
    RECOMMANDE = "recommande", "lettre recommandée avec avis de réception"
    REMISE = "remise", "remise en main propre contre décharge"
    ELECTRONIQUE = "electronique", "courriel"


class FormeCourrier(models.TextChoices):
    """How a letter is laid out."""

    LETTRE = "lettre", "lettre"
    ACTE = "acte", "acte (arrêté, certificat)"


class EnTete(models.Model):
    """Letterhead of a collectivité, for one trade or (``metier`` empty) for all.

    ``logo``: checked picture, PNG or cleaned SVG. Texts are printed as typed, line by line.
    """

    collectivite = models.ForeignKey(Collectivite, models.CASCADE, related_name="entetes")
    metier = models.CharField("métier", max_length=40, blank=True)
    nom = models.CharField("nom affiché", max_length=150)
    sous_titre = models.CharField("service affiché", max_length=150, blank=True)
    adresse = models.TextField("adresse et coordonnées", blank=True, max_length=600)
    pied = models.TextField("pied de page", blank=True, max_length=300)
    logo = models.FileField("logo ou armes", upload_to="entetes/", blank=True, max_length=200)
    logo_mime = models.CharField("type du logo", max_length=20, blank=True)
    lieu = models.CharField("fait à", max_length=120, blank=True)
    signataire_nom = models.CharField("nom du signataire", max_length=150, blank=True)
    signataire_qualite = models.CharField("qualité du signataire", max_length=200, blank=True)
    signataire_delegation = models.CharField("délégation citée", max_length=300, blank=True)
    version = models.PositiveIntegerField("version", default=0)

    objects: ClassVar[Any] = RequeteEnTetes.as_manager()

    class Meta:
        verbose_name = "en-tête de lettre"
        verbose_name_plural = "en-têtes de lettre"
        ordering = ("collectivite", "metier")
        constraints = (
            models.UniqueConstraint(fields=("collectivite", "metier"), name="entete_unique"),
            models.CheckConstraint(
                condition=Q(logo="", logo_mime="")
                | (~Q(logo="") & Q(logo_mime__in=("image/png", "image/svg+xml"))),
                name="entete_logo",
            ),
        )

    def __str__(self) -> str:
        return f"{self.nom} ({self.metier})" if self.metier else self.nom


class ModeleCourrier(models.Model):
    """A kind of letter of a trade. ``collectivite`` null: served to all that have none of their own.

    ``serie``: code of the kind of numbers (``mairie.numerotation``) that its letters take. ``etape``: where
    the desk of a dossier lists it. ``genre``: kind of dossier it is for (empty: any of the trade).
    ``type_acte``: kind of act for delegations of signature (empty: whoever the letterhead names signs).
    """

    metier = models.CharField("métier", max_length=40)
    code = models.SlugField("code", max_length=60)
    libelle = models.CharField("libellé", max_length=150)
    collectivite = models.ForeignKey(
        Collectivite, models.CASCADE, null=True, blank=True, related_name="modeles_courrier"
    )
    genre = models.CharField("genre de dossier", max_length=60, blank=True)
    etape = models.CharField("étape", max_length=80, blank=True)
    serie = models.CharField("série de numéros", max_length=60, default="mairie.courrier")
    type_acte = models.CharField("type d'acte délégué", max_length=80, blank=True)
    actif = models.BooleanField("proposé aux agents", default=True)

    objects: ClassVar[Any] = RequeteParMetier.as_manager()

    class Meta:
        verbose_name = "modèle de lettre"
        verbose_name_plural = "modèles de lettre"
        ordering = ("metier", "etape", "libelle")
        constraints = (
            models.UniqueConstraint(
                fields=("metier", "code", "collectivite"), name="modele_courrier_unique", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(metier__regex=_METIER), name="modele_courrier_metier"),
        )

    def __str__(self) -> str:
        return self.libelle


class VersionModele(models.Model):
    """Text of a template. A draft (``publiee_le`` null, one a template) may change; once in service, never.

    In force from ``valide_du`` (included) to ``valide_au`` (excluded, or null). ``public``: its letters are
    acts that anybody may check (QR code). ``jeton``: for two persons on one draft.
    """

    modele = models.ForeignKey(ModeleCourrier, models.CASCADE, related_name="versions")
    numero = models.PositiveIntegerField("numéro")
    objet = models.CharField("objet", max_length=250)
    corps = models.TextField("texte")
    forme = models.CharField("forme", max_length=6, choices=FormeCourrier, default=FormeCourrier.LETTRE)
    mode = models.CharField("mode d'envoi", max_length=12, choices=ModeCourrier, default=ModeCourrier.SIMPLE)
    a_signer = models.BooleanField("à signer avant l'envoi", default=True)
    public = models.BooleanField("acte public", default=False)
    valide_du = models.DateField("en service du", null=True, blank=True)
    valide_au = models.DateField("au (exclu)", null=True, blank=True)
    publiee_le = models.DateTimeField("mise en service le", null=True, blank=True)
    note = models.CharField("ce qui change", max_length=200, blank=True)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    cree_le = models.DateTimeField("créée le", default=timezone.now)
    modifie_le = models.DateTimeField("modifiée le", default=timezone.now)
    jeton = models.PositiveIntegerField("version d'édition", default=0)

    class Meta:
        verbose_name = "version de modèle"
        verbose_name_plural = "versions de modèle"
        ordering = ("modele", "-numero")
        constraints = (
            models.UniqueConstraint(fields=("modele", "numero"), name="version_modele_numero"),
            models.UniqueConstraint(
                fields=("modele",), condition=Q(publiee_le__isnull=True), name="version_modele_un_brouillon"
            ),
            models.CheckConstraint(
                condition=Q(publiee_le__isnull=True, valide_du__isnull=True, valide_au__isnull=True)
                | Q(publiee_le__isnull=False, valide_du__isnull=False),
                name="version_modele_en_service",
            ),
            models.CheckConstraint(
                condition=Q(valide_au__isnull=True) | Q(valide_au__gte=F("valide_du")),
                name="version_modele_dates",
            ),
            ExclusionConstraint(
                name="version_modele_sans_chevauchement",
                expressions=[
                    ("modele", RangeOperators.EQUAL),
                    (
                        Func(
                            F("valide_du"),
                            F("valide_au"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(publiee_le__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.modele} v{self.numero}"


class Phrase(models.Model):
    """A ready-made passage. ``filtres``: words of a dossier (« zone:UA ») that bring it first."""

    metier = models.CharField("métier", max_length=40)
    collectivite = models.ForeignKey(
        Collectivite, models.CASCADE, null=True, blank=True, related_name="phrases"
    )
    categorie = models.CharField("catégorie", max_length=80)
    libelle = models.CharField("libellé", max_length=150)
    texte = models.TextField("texte")
    filtres = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, verbose_name="proposée d'abord pour"
    )
    actif = models.BooleanField("proposée aux agents", default=True)

    objects: ClassVar[Any] = RequeteParMetier.as_manager()

    class Meta:
        verbose_name = "phrase"
        verbose_name_plural = "phrases"
        ordering = ("metier", "categorie", "libelle")
        constraints = (
            models.UniqueConstraint(
                fields=("metier", "collectivite", "categorie", "libelle"),
                name="phrase_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(condition=Q(metier__regex=_METIER), name="phrase_metier"),
        )

    def __str__(self) -> str:
        return self.libelle
