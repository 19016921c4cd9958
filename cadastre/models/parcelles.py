"""Parcels, one row a version, with their filiation and what stands on them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db.models import F, Func, Q

from cadastre.models.feuilles import Feuille
from cadastre.models.plan import Batiment, NumeroVoirie, SubdivisionFiscale
from gis_data.models import ImportTravail

SRID = settings.TERRITOIRE_SRID


class _GeometrieValide(Func):
    """``ST_IsValid(geom)``; true for a missing geometry, as CHECK takes null."""

    function = "ST_IsValid"
    output_field = models.BooleanField()


class Parcelle(models.Model):
    """One version of a parcel, in force from ``valide_du`` (included) to ``valide_au`` (excluded).

    Areas: ``contenance`` m² of the tax file, the only legal one; ``surface_geometrique`` m² of the
    drawing in the delivered projection. ``idu`` null: the file's own identifier was unusable.
    """

    idu = models.CharField("identifiant", max_length=14, null=True)
    # One to one with idu, for the exclusion constraint: on the text it costs twice as much a row.
    cle_idu = models.BigIntegerField(null=True)
    idu_lu = models.CharField("identifiant lu")
    commune = models.CharField("commune", max_length=5)
    prefixe = models.CharField("préfixe", max_length=3)
    section = models.CharField("section", max_length=2)
    numero = models.IntegerField("numéro", null=True)
    # No FK check a row (12 µs each on millions): the import alone writes here, in one transaction.
    feuille = models.ForeignKey(
        Feuille, on_delete=models.PROTECT, related_name="parcelles", db_constraint=False
    )
    sous_ensemble = models.CharField()
    rid = models.CharField()
    valide_du = models.DateField("valide du")
    valide_au = models.DateField("valide au", null=True)
    contenance = models.IntegerField("contenance (m²)", null=True)
    surface_geometrique = models.FloatField("surface du plan (m²)", null=True)
    arpentee = models.BooleanField("arpentée")
    figuree = models.BooleanField("figurée au plan")
    date_obs = models.DateField("créée le", null=True)
    date_maj = models.DateField("mise à jour le", null=True)
    # Of the geometry to the centimetre; versions differ by it, contenance, arpentee and figuree.
    empreinte_geom = models.BigIntegerField("empreinte du contour", null=True)
    geom = models.MultiPolygonField("contour", srid=SRID, null=True)
    geom_3857 = models.MultiPolygonField("contour (tuiles)", srid=3857, null=True)

    class Meta:
        verbose_name = "parcelle"
        verbose_name_plural = "parcelles"
        indexes = (models.Index(fields=("commune", "section", "numero"), name="parcelle_reference"),)
        constraints = (
            models.UniqueConstraint(
                fields=("idu",),
                condition=Q(valide_au__isnull=True, idu__isnull=False),
                name="parcelle_idu_en_vigueur",
            ),
            models.UniqueConstraint(fields=("idu", "valide_du"), name="parcelle_idu_valide_du"),
            ExclusionConstraint(
                name="parcelle_sans_chevauchement",
                expressions=[
                    ("cle_idu", RangeOperators.EQUAL),
                    (
                        Func(
                            F("valide_du"),
                            F("valide_au"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(cle_idu__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(valide_au__isnull=True) | Q(valide_du__lt=F("valide_au")), name="parcelle_periode"
            ),
            models.CheckConstraint(
                condition=Q(contenance__isnull=True) | Q(contenance__gte=0),
                name="parcelle_contenance_positive",
            ),
            models.CheckConstraint(condition=Q(_GeometrieValide("geom")), name="parcelle_geometrie_valide"),
            models.CheckConstraint(
                condition=Q(idu__isnull=True, cle_idu__isnull=True)
                | Q(idu__isnull=False, cle_idu__isnull=False),
                name="parcelle_cle_idu",
            ),
        )

    def __str__(self) -> str:
        return self.idu or self.idu_lu


class Filiation(models.Model):
    """Parent and child versions share ``aire_commune`` m²; parts are of planar areas, 4 decimals."""

    class Source(models.TextChoices):
        GEOMETRIE = "geometrie", "géométrie"
        # No common ground to measure (no drawing on one side): the number alone makes the link.
        IDENTIFIANT = "identifiant", "même identifiant"
        MAJIC = "majic", "fichier MAJIC"
        MANUELLE = "manuelle", "saisie"

    parent = models.ForeignKey(Parcelle, on_delete=models.CASCADE, related_name="enfants")
    enfant = models.ForeignKey(Parcelle, on_delete=models.CASCADE, related_name="parents")
    aire_commune = models.FloatField("aire commune (m²)")
    part_parent = models.DecimalField("part du parent", max_digits=5, decimal_places=4)
    part_enfant = models.DecimalField("part de l'enfant", max_digits=5, decimal_places=4)
    source = models.CharField("source", max_length=11, choices=Source.choices, default=Source.GEOMETRIE)
    import_travail = models.ForeignKey(ImportTravail, on_delete=models.SET_NULL, null=True)

    class Meta:
        verbose_name = "filiation"
        verbose_name_plural = "filiations"
        constraints = (
            models.UniqueConstraint(fields=("parent", "enfant"), name="filiation_unique"),
            models.CheckConstraint(condition=~Q(parent=F("enfant")), name="filiation_deux_versions"),
        )


class FiliationAFaire(models.Model):
    """Queue of the step by commune (filiation, domain events), one row a sheet and run.

    Written in the sheet's own transaction, so that a kill never loses it; the counts are of versions.
    """

    commune = models.CharField(max_length=5)
    millesime = models.DateField()
    feuille = models.ForeignKey(Feuille, on_delete=models.CASCADE)
    import_travail = models.ForeignKey(ImportTravail, on_delete=models.CASCADE)
    creees = models.IntegerField(default=0)
    supprimees = models.IntegerField(default=0)
    modifiees = models.IntegerField(default=0)
    # A delivery of the same date replaced another one: its filiation is computed anew.
    reprise = models.BooleanField(default=False)

    class Meta:
        verbose_name = "filiation à faire"
        verbose_name_plural = "filiations à faire"
        indexes = (models.Index(fields=("commune",), name="filiation_a_faire_commune"),)


class _LienParcelle(models.Model):
    """A link to a version of a parcel; rewritten whole with its sheet.

    The unique constraint's index begins by the object: it needs no index of its own.
    """

    feuille = models.ForeignKey(Feuille, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    parcelle = models.ForeignKey(Parcelle, on_delete=models.CASCADE, db_constraint=False)

    class Meta:
        abstract = True


class NumeroVoirieParcelle(_LienParcelle):
    """A street number serves a parcel (relation NUMVOIE_PARCELLE)."""

    numero_voirie = models.ForeignKey(
        NumeroVoirie, on_delete=models.CASCADE, db_constraint=False, db_index=False
    )

    class Meta:
        verbose_name = "numéro de voirie d'une parcelle"
        verbose_name_plural = "numéros de voirie des parcelles"
        constraints = (
            models.UniqueConstraint(fields=("numero_voirie", "parcelle"), name="numero_parcelle_unique"),
        )


class BatimentParcelle(_LienParcelle):
    """A building touches a parcel; ``aire`` m² in common, ``part`` of the building (0–1)."""

    batiment = models.ForeignKey(Batiment, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    aire = models.FloatField("aire commune (m²)")
    part = models.FloatField("part du bâtiment")

    class Meta:
        verbose_name = "bâtiment d'une parcelle"
        verbose_name_plural = "bâtiments des parcelles"
        constraints = (
            models.UniqueConstraint(fields=("batiment", "parcelle"), name="batiment_parcelle_unique"),
        )


class SubdivisionParcelle(_LienParcelle):
    """A tax subdivision lies on a parcel; ``par_geometrie``: no link in the file, largest overlap."""

    subdivision = models.ForeignKey(
        SubdivisionFiscale, on_delete=models.CASCADE, db_constraint=False, db_index=False
    )
    par_geometrie = models.BooleanField(default=False)

    class Meta:
        verbose_name = "subdivision fiscale d'une parcelle"
        verbose_name_plural = "subdivisions fiscales des parcelles"
        constraints = (
            models.UniqueConstraint(fields=("subdivision", "parcelle"), name="subdivision_parcelle_unique"),
        )
