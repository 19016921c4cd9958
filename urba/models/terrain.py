"""The land of a request: parcels as typed and as they were that day, ground drawn or computed."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Transform
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce

from cadastre.models import Parcelle
from urba.models.dossiers import DossierInstruction

SRID = settings.TERRITOIRE_SRID


class _EstValide(Func):
    function = "ST_IsValid"
    output_field = models.BooleanField()


class Terrain(models.Model):
    """Ground of the request: what was drawn, else the union of its parcels. Areas in m², legal projection."""

    dossier = models.OneToOneField(DossierInstruction, models.CASCADE, related_name="terrain")
    adresse = models.CharField("adresse", max_length=200, blank=True)
    lieu_dit = models.CharField("lieu-dit", max_length=120, blank=True)
    superficie_declaree = models.PositiveIntegerField("superficie déclarée (m²)", null=True, blank=True)
    emprise_parcelles = models.MultiPolygonField("union des parcelles", srid=SRID, null=True, blank=True)
    emprise_dessinee = models.MultiPolygonField("emprise dessinée", srid=SRID, null=True, blank=True)
    emprise = models.GeneratedField(
        expression=Coalesce(F("emprise_dessinee"), F("emprise_parcelles")),
        output_field=models.MultiPolygonField(srid=SRID, null=True),
        db_persist=True,
        verbose_name="emprise",
    )
    emprise_3857 = models.GeneratedField(
        expression=Transform(Coalesce(F("emprise_dessinee"), F("emprise_parcelles")), 3857),
        output_field=models.MultiPolygonField(srid=3857, null=True),
        db_persist=True,
        verbose_name="emprise (tuiles)",
    )

    class Meta:
        verbose_name = "terrain"
        verbose_name_plural = "terrains"
        # Django makes none on a generated column.
        indexes = (
            GistIndex(fields=("emprise",), name="urba_terrain_emprise"),
            GistIndex(fields=("emprise_3857",), name="urba_terrain_emprise_3857"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(emprise_dessinee__isnull=True) | Q(_EstValide("emprise_dessinee")),
                name="urba_terrain_dessin_valide",
            ),
        )

    def __str__(self) -> str:
        return self.adresse or self.lieu_dit or str(self.dossier)


class DossierParcelle(models.Model):
    """A parcel of a request: as typed, and the version of the day when the cadastre knows it."""

    dossier = models.ForeignKey(DossierInstruction, models.CASCADE, related_name="parcelles")
    ordre = models.PositiveSmallIntegerField("ordre", default=1)
    texte_saisi = models.CharField("référence saisie", max_length=60)
    idu = models.CharField("identifiant", max_length=14, blank=True)
    # A correction of the plan at the same date may delete the version: the idu and the shape stay.
    parcelle = models.ForeignKey(
        Parcelle, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    contenance_declaree = models.PositiveIntegerField("contenance déclarée (m²)", null=True, blank=True)
    contenance = models.PositiveIntegerField("contenance du jour (m²)", null=True, blank=True)
    part = models.DecimalField("part", max_digits=5, decimal_places=4, default=1)
    geom_du_jour = models.MultiPolygonField("contour du jour", srid=SRID, null=True, blank=True)
    millesime = models.DateField("millésime", null=True, blank=True)

    class Meta:
        verbose_name = "parcelle du dossier"
        verbose_name_plural = "parcelles du dossier"
        ordering = ("dossier", "ordre", "id")
        indexes = (models.Index(fields=("idu",), name="urba_parcelle_idu", condition=~Q(idu="")),)
        constraints = (
            models.UniqueConstraint(
                fields=("dossier", "idu"), condition=~Q(idu=""), name="urba_parcelle_une_fois"
            ),
            models.CheckConstraint(condition=Q(part__gt=0, part__lte=1), name="urba_parcelle_part"),
        )

    def __str__(self) -> str:
        return self.texte_saisi
