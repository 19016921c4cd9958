"""What the import found: anomalies, and the file's own relations kept raw."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField

from cadastre.models.feuilles import Feuille
from gis_data.models import ImportTravail


class Anomalie(models.Model):
    """One finding of an import. ``ecrit`` false: the object was not stored."""

    class Gravite(models.TextChoices):
        ERREUR = "erreur", "erreur"
        AVERTISSEMENT = "avertissement", "avertissement"
        INFORMATION = "information", "information"

    import_travail = models.ForeignKey(ImportTravail, on_delete=models.CASCADE, related_name="anomalies")
    feuille = models.ForeignKey(Feuille, on_delete=models.CASCADE, null=True, related_name="anomalies")
    code = models.CharField("code", max_length=40)
    gravite = models.CharField("gravité", max_length=13, choices=Gravite.choices)
    type = models.CharField("type d'objet", blank=True)
    identifiant = models.CharField("identifiant", blank=True)
    detail = models.TextField("détail", blank=True)
    ecrit = models.BooleanField("objet enregistré", default=True)
    point = models.PointField("position", srid=settings.TERRITOIRE_SRID, null=True)
    traitee_le = models.DateTimeField("traitée le", null=True)
    note = models.TextField("note", blank=True)

    class Meta:
        verbose_name = "anomalie"
        verbose_name_plural = "anomalies"
        indexes = (models.Index(fields=("code", "feuille"), name="anomalie_code_feuille"),)

    def __str__(self) -> str:
        return f"{self.code} {self.identifiant}".strip()


class RelationEdigeo(models.Model):
    """All semantic relations of one name of a sheet: the row ids of their members, side by side.

    ``a[i]`` (of ``type_a``, as in the reports) is linked to ``b[i]`` (of ``type_b``). A row for each pair
    would be the largest table of the cadastre by far, for a search that always starts from a sheet.
    """

    feuille = models.ForeignKey(
        Feuille, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    nom = models.CharField()
    type_a = models.CharField()
    type_b = models.CharField()
    a = ArrayField(models.BigIntegerField())
    b = ArrayField(models.BigIntegerField())

    class Meta:
        verbose_name = "relations EDIGÉO"
        verbose_name_plural = "relations EDIGÉO"
        constraints = (
            models.UniqueConstraint(
                fields=("feuille", "nom", "type_a", "type_b"), name="relation_edigeo_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.nom} {self.type_a} {self.type_b}"
