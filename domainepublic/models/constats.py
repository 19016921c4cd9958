"""What an agent saw in the street: place, day, photos, on a file or on an occupation without title."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.core.validators import MinValueValidator
from django.db.models import Q
from django.urls import reverse

from domainepublic.models.dossiers import INSEE, DossierODP
from domainepublic.models.emprises import SRID
from mairie.requetes import RequeteVisible


class RequeteConstats(RequeteVisible):
    """Reports of the communes where one may read."""

    DROIT_LIRE = "domainepublic.lire"


class Constat(models.Model):
    """One report. Photos are pieces of it (sealed as received); ``precision_m``: what the device said."""

    class Etat(models.TextChoices):
        """What became of it."""

        A_TRAITER = "a_traiter", "à traiter"
        RATTACHE = "rattache", "rattaché à un dossier"
        SANS_SUITE = "sans_suite", "sans suite"

    class Conclusion(models.TextChoices):
        """What was seen."""

        CONFORME = "conforme", "conforme au titre"
        NON_CONFORME = "non_conforme", "non conforme au titre"
        SANS_TITRE = "sans_titre", "sans titre"

    insee = models.CharField("commune", max_length=5)
    numero = models.CharField("numéro", max_length=24, unique=True, editable=False)
    geom = models.PointField("position", srid=SRID, null=True, blank=True, spatial_index=False)
    precision_m = models.DecimalField(
        "précision de la position (m)", max_digits=8, decimal_places=1, null=True, blank=True
    )
    vu_le = models.DateTimeField("vu le")
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    conclusion = models.CharField("conclusion", max_length=12, choices=Conclusion)
    type = models.ForeignKey(
        "domainepublic.TypeOccupation", models.PROTECT, null=True, blank=True, related_name="+"
    )
    tiers_presume = models.CharField("occupant présumé", max_length=120, blank=True)
    quantite = models.DecimalField(
        "mesure relevée", max_digits=10, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(0)],
    )  # fmt: skip
    # What was measured there: drawn on the map of the phone, or typed from a tape.
    dessin = models.GeometryField("dessin mesuré", srid=SRID, null=True, blank=True, spatial_index=False)
    longueur_m = models.DecimalField(
        "longueur relevée (m)", max_digits=6, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
    )  # fmt: skip
    largeur_m = models.DecimalField(
        "largeur relevée (m)", max_digits=6, decimal_places=2, null=True, blank=True,
        validators=[MinValueValidator(Decimal("0.01"))],
    )  # fmt: skip
    jours_estimes = models.PositiveSmallIntegerField("durée estimée (jours)", null=True, blank=True)
    lieu = models.CharField("lieu", max_length=200, blank=True)
    texte = models.TextField("ce qui a été vu", blank=True)
    etat = models.CharField("état", max_length=12, choices=Etat, default=Etat.A_TRAITER)
    motif_suite = models.CharField("motif du classement", max_length=300, blank=True)
    dossier = models.ForeignKey(DossierODP, models.PROTECT, null=True, blank=True, related_name="constats")
    client_uuid = models.UUIDField("clé de saisie", unique=True)
    purge_le = models.DateField("noms et photos effacés le", null=True, blank=True, editable=False)

    objects: ClassVar[Any] = RequeteConstats.as_manager()

    class Meta:
        verbose_name = "constat"
        verbose_name_plural = "constats"
        ordering = ("-vu_le", "-id")
        indexes = (
            models.Index(fields=("insee", "etat", "-vu_le"), name="odp_constat_liste"),
            GistIndex(fields=("geom",), name="odp_constat_lieu"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="odp_constat_insee"),
            models.CheckConstraint(
                condition=Q(etat="rattache", dossier__isnull=False) | ~Q(etat="rattache"),
                name="odp_constat_rattache_a_un_dossier",
            ),
            models.CheckConstraint(
                condition=~Q(etat="sans_suite") | ~Q(motif_suite=""), name="odp_constat_sans_suite_motive"
            ),
            models.CheckConstraint(
                condition=(Q(longueur_m__isnull=True) | Q(longueur_m__gt=0))
                & (Q(largeur_m__isnull=True) | Q(largeur_m__gt=0)),
                name="odp_constat_dimensions",
            ),
        )

    def __str__(self) -> str:
        return self.numero

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("odp_constat", args=[self.pk])
