"""Around a file: its neighbours, what the other trades told of it, the works that may need it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from domainepublic.models.dossiers import INSEE, DossierODP
from mairie.requetes import RequeteVisible


class Riverain(models.Model):
    """A parcel of today within five metres of the ground of a file. Metres."""

    dossier = models.ForeignKey(DossierODP, models.CASCADE, related_name="riverains")
    idu = models.CharField("parcelle", max_length=14)
    distance = models.DecimalField("distance (m)", max_digits=5, decimal_places=2)

    class Meta:
        verbose_name = "parcelle riveraine"
        verbose_name_plural = "parcelles riveraines"
        ordering = ("dossier", "distance", "idu")
        indexes = (models.Index(fields=("idu",), name="odp_riverain_idu"),)
        constraints = (
            models.UniqueConstraint(fields=("dossier", "idu"), name="odp_riverain_une_fois"),
            models.CheckConstraint(condition=Q(distance__gte=0), name="odp_riverain_distance"),
        )

    def __str__(self) -> str:
        return self.idu


class Alerte(models.Model):
    """What happened elsewhere that an agent must look at in a file; closed by him. No name within.

    ``reference``: number of the permit or of the establishment. ``details``: for neighbours,
    ``{"ajoutes": [idu], "retires": [idu]}``.
    """

    class Genre(models.TextChoices):
        """What it is about."""

        TRAVAUX_FINIS = "travaux_finis", "travaux déclarés achevés"
        PERMIS_RETIRE = "permis_retire", "autorisation d'urbanisme retirée ou abandonnée"
        ETABLISSEMENT = "etablissement", "établissement fermé"
        RIVERAINS = "riverains", "riverains changés par le cadastre"

    dossier = models.ForeignKey(DossierODP, models.CASCADE, related_name="alertes")
    genre = models.CharField("motif", max_length=16, choices=Genre)
    le = models.DateField("depuis le")
    reference = models.CharField("référence", max_length=40, blank=True)
    details = models.JSONField("détails", default=dict, blank=True, encoder=DjangoJSONEncoder)
    # Key of the domain event that told it: delivered again, it tells nothing more.
    evenement = models.BigIntegerField("événement", editable=False)
    cree_le = models.DateTimeField("reçue le", default=timezone.now, editable=False)
    traitee_le = models.DateTimeField("traitée le", null=True, blank=True, editable=False)
    traitee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = "alerte sur une occupation"
        verbose_name_plural = "alertes sur les occupations"
        ordering = ("dossier", "le", "id")
        indexes = (
            models.Index(
                fields=("genre", "dossier"), name="odp_alerte_ouverte", condition=Q(traitee_le__isnull=True)
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("dossier", "genre", "evenement"), name="odp_alerte_une_fois"),
        )

    def __str__(self) -> str:
        return f"{self.dossier} : {self.get_genre_display()}"


class RequetePropositions(RequeteVisible):
    """Proposals of the communes where one may read."""

    DROIT_LIRE = "domainepublic.lire"


class Proposition(models.Model):
    """Works allowed or begun on private ground, that may need the street: one a permit. No name within."""

    class Origine(models.TextChoices):
        """What told it."""

        DECISION = "decision", "autorisation accordée"
        OUVERTURE = "ouverture", "chantier ouvert"

    class Etat(models.TextChoices):
        """What the agent made of it."""

        OUVERTE = "ouverte", "à examiner"
        REPRISE = "reprise", "occupation préparée"
        ECARTEE = "ecartee", "écartée"

    insee = models.CharField("commune", max_length=5)
    autorisation = models.CharField("autorisation d'urbanisme", max_length=20)
    origine = models.CharField("origine", max_length=10, choices=Origine)
    le = models.DateField("le")
    idus = models.JSONField("parcelles", default=list, blank=True)
    etat = models.CharField("état", max_length=8, choices=Etat, default=Etat.OUVERTE)
    dossier = models.ForeignKey(DossierODP, models.SET_NULL, null=True, blank=True, related_name="+")
    traitee_le = models.DateTimeField("traitée le", null=True, blank=True, editable=False)
    traitee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar = RequetePropositions.as_manager()

    class Meta:
        verbose_name = "occupation à proposer"
        verbose_name_plural = "occupations à proposer"
        ordering = ("-le", "-id")
        indexes = (models.Index(fields=("insee", "etat", "-le"), name="odp_proposition_bureau"),)
        constraints = (
            models.UniqueConstraint(fields=("insee", "autorisation"), name="odp_proposition_une_par_permis"),
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="odp_proposition_insee"),
        )

    def __str__(self) -> str:
        return self.autorisation
