"""Works on the streets to coordinate (CVR L115-1), and the surfaces laid there."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Transform
from django.contrib.postgres.indexes import GistIndex
from django.core.validators import MinValueValidator
from django.db.models import F, Q
from django.urls import reverse

from domainepublic.coordination.etats import LIBELLES
from domainepublic.coordination.workflow import TRAVAUX
from domainepublic.models.dossiers import INSEE, DossierODP
from domainepublic.models.emprises import SRID
from mairie.models import DossierSuivi, contrainte_etats
from mairie.requetes import RequeteVisible


class RequeteTravaux(RequeteVisible):
    """Works of the communes where one may read."""

    DROIT_LIRE = "domainepublic.lire"


class RevetementVoie(models.Model):
    """A surface and the day it was laid: works that cut it early are told."""

    insee = models.CharField("commune", max_length=5)
    voie = models.ForeignKey("mairie.Voie", models.SET_NULL, null=True, blank=True, related_name="+")
    geom = models.MultiPolygonField("sol", srid=SRID, spatial_index=False)
    reference = models.CharField("référence", max_length=60, blank=True)
    pose_le = models.DateField("posé le")
    nature = models.CharField("nature", max_length=80, blank=True)
    source = models.CharField("source", max_length=120, blank=True)

    objects: ClassVar[Any] = RequeteTravaux.as_manager()

    class Meta:
        verbose_name = "revêtement de voie"
        verbose_name_plural = "revêtements de voie"
        ordering = ("insee", "-pose_le", "id")
        indexes = (GistIndex(fields=("geom",), name="odp_revetement_lieu"),)
        constraints = (
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="odp_revetement_insee"),
            # A file brought in twice makes nothing more.
            models.UniqueConstraint(
                fields=("insee", "reference"),
                condition=~Q(reference=""),
                name="odp_revetement_reference",
                violation_error_message="Cette référence existe déjà dans la commune.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.nature or 'revêtement'} du {self.pose_le:%d/%m/%Y}"


class DemandeTravaux(DossierSuivi):
    """Works of an operator: put in a year's programme, asked for, or urgent. ``debut``, ``fin``: as asked."""

    WORKFLOW = "domainepublic.travaux"

    insee = models.CharField("commune", max_length=5)
    numero = models.CharField("numéro", max_length=24, unique=True, null=True, blank=True, editable=False)
    maitre_ouvrage = models.ForeignKey(
        "mairie.Tiers", models.PROTECT, related_name="+", verbose_name="maître d'ouvrage"
    )
    nature = models.CharField("nature des travaux", max_length=200)
    voie = models.ForeignKey("mairie.Voie", models.SET_NULL, null=True, blank=True, related_name="+")
    geom = models.GeometryField("tracé", srid=SRID, spatial_index=False)
    geom_3857 = models.GeneratedField(
        expression=Transform("geom", 3857),
        output_field=models.GeometryField(srid=3857),
        db_persist=True,
        verbose_name="tracé (tuiles)",
    )
    largeur = models.DecimalField(
        "largeur de la fouille (m)",
        max_digits=5,
        decimal_places=2,
        default=1,
        validators=[MinValueValidator(0)],
    )
    annee = models.PositiveSmallIntegerField("programme de l'année", null=True, blank=True)
    debut = models.DateField("début demandé")
    fin = models.DateField("fin prévue")
    ouvre_sol = models.BooleanField("ouvre le sol", default=True)
    publiee = models.BooleanField("au calendrier public", default=False)
    dt_numero = models.CharField("n° de la DT", max_length=40, blank=True)
    dict_numero = models.CharField("n° de la DICT", max_length=40, blank=True)
    dossier = models.ForeignKey(DossierODP, models.SET_NULL, null=True, blank=True, related_name="travaux")
    client_uuid = models.UUIDField("clé de saisie", null=True, blank=True, unique=True)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    # --- kept by the engine ---
    reponse_avant = models.DateField("réponse avant le", null=True, blank=True, editable=False)
    debut_autorise = models.DateField("peut commencer le", null=True, blank=True, editable=False)

    objects: ClassVar[Any] = RequeteTravaux.as_manager()

    class Meta:
        verbose_name = "travaux à coordonner"
        verbose_name_plural = "travaux à coordonner"
        ordering = ("debut", "id")
        indexes = (
            models.Index(fields=("insee", "annee"), name="odp_travaux_annee"),
            models.Index(fields=("insee", "debut", "fin"), name="odp_travaux_periode"),
            GistIndex(fields=("geom",), name="odp_travaux_lieu"),
            GistIndex(fields=("geom_3857",), name="odp_travaux_3857"),
        )
        constraints = (
            contrainte_etats("odp_travaux_etat", TRAVAUX),
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="odp_travaux_insee"),
            models.CheckConstraint(condition=Q(fin__gte=F("debut")), name="odp_travaux_dates"),
        )

    def __str__(self) -> str:
        return self.numero or f"travaux n° {self.pk}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("odp_travail", args=[self.pk])

    @property
    def libelle_etat(self) -> str:
        """The state in words."""
        return LIBELLES[self.etat]

    @property
    def maitre_public(self) -> str:
        """Who has them done, for the public: legal persons only."""
        t = self.maitre_ouvrage
        return t.raison_sociale if t.nature == "morale" else "un particulier"

    @property
    def contexte_regles(self) -> Any:
        """What the rules need besides the log."""
        from domainepublic.coordination.workflow import Contexte

        return Contexte(self.debut)
