"""Files of dossiers: each version kept, sealed by its hash, with what was found when it came in."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mairie.pieces.chemins import chemin_copie, chemin_piece, chemin_vignette


class RequetePieces(models.QuerySet[Any]):
    """Pieces are reached through their dossier: ``mairie.pieces.acces`` says who may."""

    def courantes(self) -> RequetePieces:
        """Last version of each, not withdrawn."""
        return self.filter(courante=True, retiree_le__isnull=True)

    def du_dossier(self, dossier: models.Model) -> RequetePieces:
        """Pieces of one dossier, all versions."""
        return self.filter(dossier_type=ContentType.objects.get_for_model(dossier), dossier_id=dossier.pk)


class Piece(models.Model):
    """One version of one file. ``lignee`` is shared by the versions of a piece; ``courante`` is the last.

    ``fichier`` is the file as received, never changed (``sha256`` seals it). ``copie``: for a photo, what is
    shown and published: without EXIF, upright, at most 1600 pixels, blurred where asked.
    """

    class Origine(models.TextChoices):
        """By which way it came."""

        AGENT = "agent", "déposée par un agent"
        USAGER = "usager", "déposée en ligne"
        GUICHET = "guichet", "remise au guichet"
        COURRIER = "courrier", "reçue par courrier"
        COURRIEL = "courriel", "reçue par courriel"
        SERVICE = "service", "envoyée par un service consulté"
        TERRAIN = "terrain", "prise sur le terrain"
        SYSTEME = "systeme", "produite par l'application"

    class Antivirus(models.TextChoices):
        """What the antivirus said on deposit."""

        NON_VERIFIE = "non_verifie", "non vérifié par un antivirus"
        SAIN = "sain", "vérifié, sain"

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    dossier_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    dossier_id = models.BigIntegerField("dossier")
    dossier = GenericForeignKey("dossier_type", "dossier_id")
    collectivite = models.CharField("collectivité", max_length=9, blank=True)
    code = models.CharField("code", max_length=40, blank=True)
    libelle = models.CharField("libellé", max_length=200)
    nom = models.CharField("nom du fichier reçu", max_length=255)
    fichier = models.FileField("fichier", upload_to=chemin_piece, max_length=200)
    sha256 = models.CharField("empreinte SHA-256", max_length=64)
    taille = models.PositiveBigIntegerField("taille (octets)")
    mime = models.CharField("type", max_length=120)
    pages = models.PositiveIntegerField("pages", null=True, blank=True)
    origine = models.CharField("origine", max_length=10, choices=Origine, default=Origine.AGENT)
    lignee = models.UUIDField(default=uuid4, editable=False)
    version = models.PositiveIntegerField("version", default=1)
    courante = models.BooleanField("version en cours", default=True)
    visible_public = models.BooleanField("publiée", default=False)
    visible_services = models.BooleanField("montrée aux services consultés", default=True)
    antivirus = models.CharField("antivirus", max_length=12, choices=Antivirus, default=Antivirus.NON_VERIFIE)
    photo = models.BooleanField("photographie", default=False)
    copie = models.FileField("copie montrée", upload_to=chemin_copie, max_length=200, blank=True)
    flous = models.JSONField("zones floutées", default=list, blank=True)
    vignette = models.FileField("vignette", upload_to=chemin_vignette, max_length=200, blank=True)
    depose_le = models.DateTimeField("déposée le", default=timezone.now)
    depose_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    au_nom_de = models.CharField("déposant sans compte", max_length=120, blank=True)
    retiree_le = models.DateTimeField("retirée le", null=True, blank=True)
    retiree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    retrait_motif = models.CharField("motif du retrait", max_length=300, blank=True)

    objects: ClassVar[Any] = RequetePieces.as_manager()

    class Meta:
        verbose_name = "pièce"
        verbose_name_plural = "pièces"
        ordering = ("code", "depose_le", "id")
        indexes = (
            models.Index(fields=("dossier_type", "dossier_id", "code"), name="piece_du_dossier"),
            models.Index(fields=("sha256",), name="piece_empreinte"),
        )
        constraints = (
            models.UniqueConstraint(fields=("lignee", "version"), name="piece_version_unique"),
            models.UniqueConstraint(
                fields=("lignee",), condition=Q(courante=True), name="piece_une_courante"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="piece_version_positive"),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="piece_empreinte_forme"
            ),
            models.CheckConstraint(condition=Q(taille__gt=0), name="piece_non_vide"),
            models.CheckConstraint(
                condition=Q(depose_par__isnull=False, au_nom_de="")
                | (Q(depose_par__isnull=True) & ~Q(au_nom_de="")),
                name="piece_un_deposant",
            ),
            models.CheckConstraint(
                condition=Q(retiree_le__isnull=True) | (Q(visible_public=False) & ~Q(retrait_motif="")),
                name="piece_retiree_non_publiee",
            ),
            # A photo is published by its copy: the file as received says where and when it was taken.
            models.CheckConstraint(
                condition=Q(visible_public=False) | Q(photo=False) | ~Q(copie=""),
                name="piece_photo_publiee_par_copie",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.libelle}".strip()

    @property
    def insee(self) -> str:
        """Code of the collectivité, under the name by which rights and the log ask for it."""
        return self.collectivite

    @property
    def par(self) -> str:
        """Who deposited it, as shown on screen."""
        return str(self.depose_par) if self.depose_par_id else self.au_nom_de
