"""What comes in by file: rows of old controls, files of a zoning (spec §8 Zoning, §16.11)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
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


class RequeteImportsZonage(RequeteReprises):
    """Files of which one may read every commune: their report shows the zones of them all."""

    def visibles_par(self, utilisateur: Any) -> Any:
        """Those of one's commune, and those of several for who reads them all."""
        from mairie.habilitations import portee

        p = portee(utilisateur, self.DROIT_LIRE)
        visibles = super().visibles_par(utilisateur)
        return visibles if p.totale else visibles.filter(autres_communes__contained_by=sorted(p.codes))


class ImportZonage(models.Model):
    """A file of zones read and checked, waiting to be confirmed. ``objets``: zones as read, with faults.

    ``insee`` and ``autres_communes``: communes served. ``acte``: for zones with an issue, the source of
    rows that say none, as ``du`` is their first day.
    """

    class Genre(models.TextChoices):
        """What its zones say."""

        ZONAGE = "zonage", "zonage d'assainissement"
        ENJEU = "enjeu", "zones à enjeu"

    class Etat(models.TextChoices):
        """Where it is."""

        LU = "lu", "à confirmer"
        APPLIQUE = "applique", "importé"

    genre = models.CharField("genre", max_length=8, choices=Genre, default=Genre.ZONAGE)
    insee = models.CharField("commune", max_length=5)
    autres_communes = ArrayField(
        models.CharField(max_length=5), default=list, blank=True, verbose_name="autres communes"
    )
    nom_fichier = models.CharField("fichier", max_length=200)
    acte = models.CharField("délibération ou arrêté", max_length=160, blank=True)
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

    objects: ClassVar[Any] = RequeteImportsZonage.as_manager()

    class Meta:
        verbose_name = "import de zonage"
        verbose_name_plural = "imports de zonage"
        ordering = ("-cree_le", "-id")
        constraints = (
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="ass_import_zonage_insee"),
            models.CheckConstraint(condition=Q(etat__in=("lu", "applique")), name="ass_import_zonage_etat"),
            models.CheckConstraint(
                condition=Q(genre__in=("zonage", "enjeu")), name="ass_import_zonage_genre"
            ),
        )

    def __str__(self) -> str:
        return f"{self.nom_fichier} ({self.acte})" if self.acte else self.nom_fichier

    def get_absolute_url(self) -> str:
        """Its report."""
        return f"/assainissement/zonage/imports/{self.pk}/"

    @property
    def communes(self) -> list[str]:
        """All the communes that it serves."""
        return [self.insee, *self.autres_communes]

    @property
    def valides(self) -> list[dict[str, Any]]:
        """Zones without fault."""
        return [o for o in self.objets if not o["fautes"]]

    @property
    def rejetes(self) -> list[dict[str, Any]]:
        """Zones with a fault."""
        return [o for o in self.objets if o["fautes"]]
