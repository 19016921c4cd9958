"""Sheets with their vintages, and the communes and sections derived from them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q

from cadastre.models.texte import index_du_nom
from gis_data.models import ImportTravail

SRID = settings.TERRITOIRE_SRID


class Feuille(models.Model):
    """A sheet (subdivision of section), unit of delivery and of import. ``id12`` never changes."""

    id12 = models.CharField("feuille", max_length=12, unique=True)
    commune = models.CharField("commune", max_length=5)
    prefixe = models.CharField("préfixe", max_length=3)
    section = models.CharField("section", max_length=2)
    subdivision = models.CharField("subdivision", max_length=2)
    version = models.OneToOneField(
        "VersionFeuille",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="version en vigueur",
    )

    class Meta:
        verbose_name = "feuille"
        verbose_name_plural = "feuilles"
        ordering = ("id12",)
        indexes = (models.Index(fields=("commune", "section"), name="feuille_commune_section"),)
        constraints = (
            models.CheckConstraint(condition=Q(id12__regex=r"^[0-9A-Z]{12}$"), name="feuille_id12_forme"),
        )

    def __str__(self) -> str:
        return self.id12


class VersionFeuille(models.Model):
    """What one delivery (``millesime`` = transmission date of the lot) said of a sheet."""

    feuille = models.ForeignKey(Feuille, on_delete=models.CASCADE, related_name="versions")
    millesime = models.DateField("millésime")
    empreinte = models.CharField("empreinte du contenu", max_length=64)
    empreinte_archive = models.CharField(
        "empreinte de l'archive",
        max_length=64,
        blank=True,
        help_text="permet de reconnaître une archive déjà importée sans la décompresser",
    )
    crs_declare = models.CharField("projection livrée", max_length=20)
    epsg = models.IntegerField("code EPSG livré")
    auteur = models.CharField(
        "auteur du lot", blank=True, db_default="", help_text="service qui l'a livré, d'après le THF"
    )
    qualite = models.CharField("qualité du plan", blank=True)
    confection = models.CharField("mode de confection", blank=True)
    echelle = models.IntegerField("dénominateur de l'échelle", null=True)
    date_edition = models.DateField("date d'édition", null=True)
    date_incorporation = models.DateField("date d'incorporation", null=True)
    date_reedition = models.DateField("date de réédition", null=True)
    geom = models.MultiPolygonField("emprise", srid=SRID, null=True)
    geom_3857 = models.MultiPolygonField("emprise (tuiles)", srid=3857, null=True)
    comptes = models.JSONField("comptes", default=dict)
    import_travail = models.ForeignKey(
        ImportTravail, on_delete=models.SET_NULL, null=True, verbose_name="import"
    )
    importee_le = models.DateTimeField("importée le", auto_now_add=True)

    class Meta:
        verbose_name = "version de feuille"
        verbose_name_plural = "versions de feuilles"
        constraints = (
            models.UniqueConstraint(fields=("feuille", "millesime"), name="version_feuille_millesime"),
        )

    def __str__(self) -> str:
        return f"{self.feuille_id} {self.millesime}"


class Commune(models.Model):
    """A commune as the newest sheet draws it."""

    insee = models.CharField("code INSEE", max_length=5, unique=True)
    nom = models.CharField("nom")
    feuille = models.ForeignKey(Feuille, on_delete=models.CASCADE, related_name="+", verbose_name="source")
    millesime = models.DateField("millésime")
    geom = models.MultiPolygonField("emprise", srid=SRID, null=True)
    geom_3857 = models.MultiPolygonField("emprise (tuiles)", srid=3857, null=True)

    class Meta:
        verbose_name = "commune"
        verbose_name_plural = "communes"
        ordering = ("insee",)
        indexes = (index_du_nom("commune_nom_cherche"),)

    def __str__(self) -> str:
        return self.nom


class Section(models.Model):
    """A section as the newest sheet draws it, whole even where it covers several sheets."""

    idu10 = models.CharField("identifiant", max_length=10, unique=True)
    commune = models.CharField("commune", max_length=5)
    prefixe = models.CharField("préfixe", max_length=3)
    section = models.CharField("section", max_length=2)
    feuille = models.ForeignKey(Feuille, on_delete=models.CASCADE, related_name="+", verbose_name="source")
    millesime = models.DateField("millésime")
    geom = models.MultiPolygonField("emprise", srid=SRID, null=True)
    geom_3857 = models.MultiPolygonField("emprise (tuiles)", srid=3857, null=True)

    class Meta:
        verbose_name = "section"
        verbose_name_plural = "sections"
        ordering = ("idu10",)
        indexes = (models.Index(fields=("commune", "section"), name="section_commune_section"),)

    def __str__(self) -> str:
        return self.idu10


class _Occurrence(models.Model):
    """COMMUNE and SECTION come whole in every sheet: each sheet's copy is kept."""

    feuille = models.ForeignKey(Feuille, on_delete=models.CASCADE, related_name="+")
    sous_ensemble = models.CharField()
    rid = models.CharField()
    millesime = models.DateField("millésime")
    date_obs = models.DateField("créé le", null=True)
    date_maj = models.DateField("mis à jour le", null=True)
    geom = models.MultiPolygonField("emprise", srid=SRID, null=True, spatial_index=False)

    class Meta:
        abstract = True


class OccurrenceCommune(_Occurrence):
    """The COMMUNE object of one sheet."""

    insee = models.CharField("code INSEE", max_length=5)
    nom = models.CharField("nom")

    class Meta:
        verbose_name = "occurrence de commune"
        verbose_name_plural = "occurrences de communes"
        constraints = (
            models.UniqueConstraint(fields=("feuille", "sous_ensemble", "rid"), name="occ_commune_unique"),
        )
        indexes = (models.Index(fields=("insee",), name="occ_commune_insee"),)


class OccurrenceSection(_Occurrence):
    """The SECTION object of one sheet."""

    idu10 = models.CharField("identifiant", max_length=10)

    class Meta:
        verbose_name = "occurrence de section"
        verbose_name_plural = "occurrences de sections"
        constraints = (
            models.UniqueConstraint(fields=("feuille", "sous_ensemble", "rid"), name="occ_section_unique"),
        )
        indexes = (models.Index(fields=("idu10",), name="occ_section_idu10"),)
