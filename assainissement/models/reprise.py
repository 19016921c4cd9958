"""What comes in by file: rows of old controls, files of a zoning (spec §8 Zoning, §16.11)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assainissement.models.controles import Controle
from assainissement.models.installations import IDU, INSEE, Installation
from assainissement.regles.tables import anc, natures
from mairie.requetes import RequeteVisible


class RequeteReprises(RequeteVisible):
    """Rows taken over in the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"


class ControleRepris(models.Model):
    """One row of an old software, as given, and the control made of it: the same row never makes two."""

    insee = models.CharField("commune", max_length=5)
    ancien_numero = models.CharField("ancien numéro", max_length=40)
    nature = models.CharField(
        "nature", max_length=20, choices=[(c, natures.NATURES[c]) for c in natures.EXISTANT]
    )
    visite = models.DateField("visite")
    regle = models.CharField("conclusion", max_length=2, blank=True)
    faits = models.CharField("constats", max_length=400, blank=True)
    notification = models.DateField("rapport reçu le", null=True, blank=True)
    travaux = models.CharField("travaux demandés", max_length=600, blank=True)
    reference = models.CharField("parcelle", max_length=14, blank=True)
    adresse = models.CharField("adresse", max_length=200, blank=True)
    proprietaire = models.CharField("propriétaire", max_length=150, blank=True)
    pose = models.DateField("installation posée le", null=True, blank=True)
    installation = models.ForeignKey(
        Installation, models.PROTECT, null=True, editable=False, related_name="reprises"
    )
    controle = models.OneToOneField(
        Controle, models.PROTECT, null=True, editable=False, related_name="reprise"
    )
    cree_le = models.DateTimeField("repris le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteReprises.as_manager()

    class Meta:
        verbose_name = "contrôle repris"
        verbose_name_plural = "contrôles repris"
        ordering = ("-cree_le", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("insee", "ancien_numero", "nature", "visite"), name="ass_repris_une_fois"
            ),
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="ass_repris_insee"),
            models.CheckConstraint(condition=~Q(ancien_numero=""), name="ass_repris_numero"),
            models.CheckConstraint(condition=Q(regle__in=("", *anc.CODES_REGLES)), name="ass_repris_regle"),
            models.CheckConstraint(
                condition=Q(reference="") | Q(reference__regex=IDU), name="ass_repris_reference"
            ),
        )

    def __str__(self) -> str:
        return f"{self.ancien_numero}, visite du {self.visite:%d/%m/%Y}"


class ImportZonage(models.Model):
    """A file of zones read and checked, waiting to be confirmed. ``objets``: zones as read, with faults."""

    class Etat(models.TextChoices):
        """Where it is."""

        LU = "lu", "à confirmer"
        APPLIQUE = "applique", "importé"

    insee = models.CharField("commune", max_length=5)
    nom_fichier = models.CharField("fichier", max_length=200)
    acte = models.CharField("délibération ou arrêté", max_length=160)
    du = models.DateField("en vigueur du")
    annexe_plu = models.BooleanField("annexé au PLU", default=False)
    remplace = models.BooleanField("remplace le zonage en vigueur", default=False)
    objets = models.JSONField("objets lus", encoder=DjangoJSONEncoder)
    etat = models.CharField("état", max_length=8, choices=Etat, default=Etat.LU)
    cree_le = models.DateTimeField("déposé le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    applique_le = models.DateTimeField("importé le", null=True, blank=True, editable=False)

    objects: ClassVar[Any] = RequeteReprises.as_manager()

    class Meta:
        verbose_name = "import de zonage"
        verbose_name_plural = "imports de zonage"
        ordering = ("-cree_le", "-id")
        constraints = (
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="ass_import_zonage_insee"),
            models.CheckConstraint(condition=Q(etat__in=("lu", "applique")), name="ass_import_zonage_etat"),
        )

    def __str__(self) -> str:
        return f"{self.nom_fichier} ({self.acte})"

    def get_absolute_url(self) -> str:
        """Its report."""
        return f"/assainissement/zonage/imports/{self.pk}/"

    @property
    def valides(self) -> list[dict[str, Any]]:
        """Zones without fault."""
        return [o for o in self.objets if not o["fautes"]]

    @property
    def rejetes(self) -> list[dict[str, Any]]:
        """Zones with a fault."""
        return [o for o in self.objets if o["fautes"]]
