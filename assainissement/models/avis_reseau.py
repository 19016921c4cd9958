"""Opinions that the sewer service gives on permits: a connection needed, or not (spec §14)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assainissement.circuits.avis_reseau import AVIS_RESEAU, LIBELLES
from assainissement.regles.tables.avis_reseau import BESOINS
from assainissement.regles.tables.projets import SENS
from mairie.adresses.presentation import nom_parcelle
from mairie.models import DossierSuivi, contrainte_etats
from mairie.requetes import RequeteVisible


class RequeteAvis(RequeteVisible):
    """Opinions of the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"


class AvisReseau(DossierSuivi):
    """One opinion for one authorisation and service. ``zonage``: what the ground was when it was asked.

    ``service``: code of the consulted service, as the permits know it. The rest comes from its log.
    """

    WORKFLOW = "assainissement.avis_reseau"

    insee = models.CharField("commune", max_length=5)
    parcelles = ArrayField(
        models.CharField(max_length=14), default=list, blank=True, verbose_name="parcelles"
    )
    autorisation = models.CharField("autorisation d'urbanisme", max_length=30)
    dossier_urba = models.CharField("dossier d'urbanisme", max_length=30)
    service = models.CharField("service consulté", max_length=30)
    objet = models.CharField("projet", max_length=200, blank=True)
    zonage = models.CharField("zonage", max_length=200, blank=True)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    # --- kept by the engine ---
    limite = models.DateField("réponse attendue le", null=True, blank=True, editable=False)
    avis_le = models.DateField("avis rendu le", null=True, blank=True, editable=False)
    sens = models.CharField("avis", max_length=24, blank=True, choices=list(SENS.items()), editable=False)
    besoin = models.CharField(
        "branchement", max_length=12, blank=True, choices=list(BESOINS.items()), editable=False
    )

    objects: ClassVar[Any] = RequeteAvis.as_manager()

    class Meta:
        verbose_name = "avis sur un raccordement"
        verbose_name_plural = "avis sur des raccordements"
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("insee", "etat", "limite"), name="ass_avis_reseau_bureau"),
            GinIndex(fields=("parcelles",), name="ass_avis_reseau_parcelles"),
        )
        constraints = (
            contrainte_etats("ass_avis_reseau_etat", AVIS_RESEAU),
            models.CheckConstraint(condition=Q(sens__in=("", *SENS)), name="ass_avis_reseau_sens"),
            models.CheckConstraint(condition=Q(besoin__in=("", *BESOINS)), name="ass_avis_reseau_besoin"),
            models.UniqueConstraint(fields=("autorisation", "service"), name="ass_avis_reseau_par_permis"),
        )

    def __str__(self) -> str:
        return f"Avis {self.dossier_urba}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/avis-reseau/{self.pk}/"

    @property
    def libelle_etat(self) -> str:
        """The state in words."""
        return LIBELLES[self.etat]

    @property
    def lieu(self) -> str:
        """Its ground, by the names of its parcels."""
        return ", ".join(nom_parcelle(p) for p in self.parcelles)
