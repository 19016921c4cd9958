"""The field: firms that make controls, rounds, days of absence, photos of a visit (spec §3)."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from assainissement.models.points import PointControle
from assainissement.models.visibles import RequeteConfies, RequeteTournees
from mairie.regles.tiers import motif_siret
from mairie.requetes import RequeteVisible


class RequetePrestataires(RequeteVisible):
    """Firms of the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"


class RequeteIndisponibilites(RequeteVisible):
    """Absences of the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"


def _siret(valeur: str) -> None:
    if motif := motif_siret(valeur):
        raise ValidationError(motif)


class Prestataire(models.Model):
    """A firm that makes controls for the service; an expired date blocks what is entrusted to it."""

    insee = models.CharField("commune", max_length=5)
    nom = models.CharField("nom", max_length=150)
    siret = models.CharField("SIRET", max_length=14, validators=[_siret], help_text="Quatorze chiffres.")
    assurance_jusqu_au = models.DateField("assurance valable jusqu'au")
    agrement_jusqu_au = models.DateField("agrément valable jusqu'au")
    courriel = models.EmailField("courriel", blank=True)
    telephone = models.CharField("téléphone", max_length=20, blank=True)
    comptes = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="prestataires_anc",
        verbose_name="comptes",
        help_text="Comptes du rôle « Prestataire » : ils voient les contrôles confiés, et rien d'autre.",
    )
    actif = models.BooleanField("actif", default=True)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequetePrestataires.as_manager()

    class Meta:
        verbose_name = "prestataire"
        verbose_name_plural = "prestataires"
        ordering = ("nom", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("insee", "siret"),
                name="anc_prestataire_une_fois",
                violation_error_message="Ce SIRET est déjà celui d'un prestataire de la commune.",
            ),
            models.CheckConstraint(condition=Q(siret__regex=r"^[0-9]{14}$"), name="anc_prestataire_siret"),
        )

    def __str__(self) -> str:
        return self.nom

    def empechement(self, jour: date) -> str:
        """Why nothing may be entrusted to it for a day, in French; empty when it may."""
        if not self.actif:
            return f"{self.nom} n'est plus actif."
        for libelle, fin in (("assurance", self.assurance_jusqu_au), ("agrément", self.agrement_jusqu_au)):
            if fin < jour:
                return (
                    f"{self.nom} ne peut pas recevoir de contrôle pour le {jour:%d/%m/%Y}. Son {libelle}"
                    f" a expiré le {fin:%d/%m/%Y} : enregistrez la nouvelle date, ou choisissez quelqu'un"
                    " d'autre."
                )
        return ""


def _un_seul(nom: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(agent__isnull=False, prestataire__isnull=True)
        | Q(agent__isnull=True, prestataire__isnull=False),
        name=nom,
        violation_error_message="Dites qui : un agent, ou un prestataire.",
    )


class Indisponibilite(models.Model):
    """Days when somebody makes no visit, both included."""

    insee = models.CharField("commune", max_length=5)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="absences_anc",
        verbose_name="agent",
    )  # fmt: skip
    prestataire = models.ForeignKey(
        Prestataire, models.CASCADE, null=True, blank=True, related_name="absences",
        verbose_name="ou prestataire",
    )  # fmt: skip
    du = models.DateField("du")
    au = models.DateField("au")
    motif = models.CharField("motif", max_length=120, blank=True)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)

    objects: ClassVar[Any] = RequeteIndisponibilites.as_manager()

    class Meta:
        verbose_name = "indisponibilité"
        verbose_name_plural = "indisponibilités"
        ordering = ("-du", "id")
        indexes = (models.Index(fields=("insee", "du", "au"), name="anc_absence"),)
        constraints = (
            _un_seul("anc_absence_de_qui"),
            models.CheckConstraint(
                condition=Q(au__gte=F("du")),
                name="anc_absence_periode",
                violation_error_message="La fin précède le début.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.agent or self.prestataire}, du {self.du:%d/%m/%Y} au {self.au:%d/%m/%Y}"


class Tournee(models.Model):
    """The visits of one person on one day, in order."""

    insee = models.CharField("commune", max_length=5)
    date = models.DateField("jour")
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="tournees_anc",
        verbose_name="agent",
    )  # fmt: skip
    prestataire = models.ForeignKey(
        Prestataire, models.PROTECT, null=True, blank=True, related_name="tournees",
        verbose_name="ou prestataire",
    )  # fmt: skip
    notes = models.CharField("notes", max_length=300, blank=True)
    version = models.PositiveIntegerField("version", default=1, editable=False)
    client_uuid = models.UUIDField("clé de saisie", null=True, blank=True, unique=True)
    cree_le = models.DateTimeField("créée le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteTournees.as_manager()

    class Meta:
        verbose_name = "tournée"
        verbose_name_plural = "tournées"
        ordering = ("-date", "id")
        indexes = (models.Index(fields=("insee", "-date"), name="anc_tournee_jour"),)
        constraints = (
            _un_seul("anc_tournee_de_qui"),
            models.UniqueConstraint(
                fields=("insee", "date", "agent"),
                condition=Q(agent__isnull=False),
                name="anc_tournee_agent",
                violation_error_message="Cette personne a déjà une tournée ce jour-là.",
            ),
            models.UniqueConstraint(
                fields=("insee", "date", "prestataire"),
                condition=Q(prestataire__isnull=False),
                name="anc_tournee_prestataire",
                violation_error_message="Ce prestataire a déjà une tournée ce jour-là.",
            ),
        )

    def __str__(self) -> str:
        return f"tournée du {self.date:%d/%m/%Y}, {self.qui}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/tournees/{self.pk}/"

    @property
    def qui(self) -> str:
        """Who makes it."""
        return str(self.agent or self.prestataire)


class EtapeTournee(models.Model):
    """One visit of a round."""

    tournee = models.ForeignKey(Tournee, models.CASCADE, related_name="etapes")
    controle = models.ForeignKey("assainissement.Controle", models.CASCADE, related_name="etapes_tournee")
    rang = models.PositiveSmallIntegerField("rang")

    class Meta:
        verbose_name = "étape d'une tournée"
        verbose_name_plural = "étapes des tournées"
        ordering = ("rang", "id")
        constraints = (
            models.UniqueConstraint(fields=("tournee", "controle"), name="anc_etape_une_fois"),
            models.UniqueConstraint(
                fields=("tournee", "rang"), name="anc_etape_rang", deferrable=models.Deferrable.DEFERRED
            ),
        )

    def __str__(self) -> str:
        return f"{self.rang}. {self.controle}"


class PhotoControle(models.Model):
    """A photo of a visit, of which question; its file holds no place nor device any more."""

    controle = models.ForeignKey("assainissement.Controle", models.CASCADE, related_name="photos")
    piece = models.OneToOneField("mairie.Piece", models.PROTECT, related_name="+", verbose_name="fichier")
    rang = models.PositiveSmallIntegerField("rang", default=1)
    legende = models.CharField("légende", max_length=200, blank=True)
    point = models.ForeignKey(
        PointControle, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="point contrôlé"
    )

    objects: ClassVar[Any] = RequeteConfies.as_manager()

    class Meta:
        verbose_name = "photo d'un contrôle"
        verbose_name_plural = "photos des contrôles"
        ordering = ("rang", "id")

    def __str__(self) -> str:
        return self.legende or f"photo {self.rang}"
