"""Objects of the plan other than parcels: current version only, replaced whole with their sheet.

Texts that come from the files have no fixed length: nothing is cut. Areas and lines carry a Web Mercator
column for tiles; points are few in a tile and are transformed there.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models

from cadastre.models.feuilles import Feuille
from cadastre.models.texte import index_du_nom

SRID = settings.TERRITOIRE_SRID


class ObjetPlan(models.Model):
    """One object of a sheet. ``rid`` is unique only within its sheet and ``sous_ensemble``."""

    # No FK check a row: the import alone writes here, in the transaction that locks the sheet.
    feuille = models.ForeignKey(
        Feuille, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    sous_ensemble = models.CharField()
    rid = models.CharField()
    date_obs = models.DateField("créé le", null=True)
    date_maj = models.DateField("mis à jour le", null=True)

    class Meta:
        abstract = True
        constraints = (
            # Its index also serves every search by sheet.
            models.UniqueConstraint(
                fields=("feuille", "sous_ensemble", "rid"), name="%(class)s_objet_unique"
            ),
        )

    def __str__(self) -> str:
        return self.rid


class _Surface(ObjetPlan):
    geom = models.MultiPolygonField("contour", srid=SRID, null=True)
    geom_3857 = models.MultiPolygonField("contour (tuiles)", srid=3857, null=True)

    class Meta(ObjetPlan.Meta):
        abstract = True


class _Ligne(ObjetPlan):
    geom = models.MultiLineStringField("tracé", srid=SRID, null=True)
    geom_3857 = models.MultiLineStringField("tracé (tuiles)", srid=3857, null=True)

    class Meta(ObjetPlan.Meta):
        abstract = True


class _Point(ObjetPlan):
    geom = models.PointField("position", srid=SRID, null=True)

    class Meta(ObjetPlan.Meta):
        abstract = True


class Batiment(_Surface):
    """Building: ``dur`` 01 hard, 02 light, null when the file does not say."""

    dur = models.CharField("nature", max_length=2, null=True, choices=(("01", "en dur"), ("02", "léger")))
    nom = models.CharField("nom", blank=True)
    surface_geometrique = models.FloatField("surface au sol (m²)", null=True)

    class Meta(_Surface.Meta):
        verbose_name = "bâtiment"
        verbose_name_plural = "bâtiments"


class LieuDit(_Surface):
    """Named area."""

    nom = models.CharField("nom")

    class Meta(_Surface.Meta):
        verbose_name = "lieu-dit"
        verbose_name_plural = "lieux-dits"
        indexes = (index_du_nom("lieudit_nom_cherche"),)


class SubdivisionFiscale(_Surface):
    """Part of a parcel of one nature of culture."""

    lettre = models.CharField("lettre", blank=True)

    class Meta(_Surface.Meta):
        verbose_name = "subdivision fiscale"
        verbose_name_plural = "subdivisions fiscales"


class Charge(_Surface):
    """Charge on land (Alsace-Moselle)."""

    texte = models.CharField("texte", blank=True)

    class Meta(_Surface.Meta):
        verbose_name = "charge"
        verbose_name_plural = "charges"


class TronconRoute(_Surface):
    """Ground of a road."""

    nom = models.CharField("nom", blank=True)
    rcad = models.CharField("rattachement", blank=True)

    class Meta(_Surface.Meta):
        verbose_name = "tronçon de route"
        verbose_name_plural = "tronçons de route"


class CoursEau(_Surface):
    """Watercourse or water body."""

    nom = models.CharField("nom", blank=True)

    class Meta(_Surface.Meta):
        verbose_name = "cours d'eau"
        verbose_name_plural = "cours d'eau"


class AxeVoie(_Ligne):
    """Axis of a street, bearing its name."""

    nom = models.CharField("nom", blank=True)

    class Meta(_Ligne.Meta):
        verbose_name = "axe de voie"
        verbose_name_plural = "axes de voies"
        indexes = (index_du_nom("axevoie_nom_cherche"),)


class EnsembleImmobilier(_Point):
    """Named residence (VOIEP)."""

    nom = models.CharField("nom", blank=True)

    class Meta(_Point.Meta):
        verbose_name = "ensemble immobilier"
        verbose_name_plural = "ensembles immobiliers"
        indexes = (index_du_nom("ensemble_nom_cherche"),)


class NumeroVoirie(_Point):
    """Street number."""

    numero = models.CharField("numéro", blank=True)

    class Meta(_Point.Meta):
        verbose_name = "numéro de voirie"
        verbose_name_plural = "numéros de voirie"


class PointCanevas(_Point):
    """Point of the survey network."""

    idu = models.CharField("identifiant", blank=True)
    orientation = models.FloatField("orientation (°)", null=True)
    origine = models.CharField("origine (CAN)", blank=True)
    precision_plani = models.CharField("précision planimétrique (PPLN)", blank=True)
    precision_alti = models.CharField("précision altimétrique (PALT)", blank=True)
    materialisation = models.CharField("matérialisation (MAP)", blank=True)
    sym = models.CharField("symbole", blank=True)

    class Meta(_Point.Meta):
        verbose_name = "point de canevas"
        verbose_name_plural = "points de canevas"


class Borne(_Point):
    """Boundary mark: stone, bolt or cross."""

    genre = models.CharField(
        "genre", max_length=6, choices=(("BORNE", "borne"), ("BOULON", "boulon"), ("CROIX", "croix"))
    )
    orientation = models.FloatField("orientation (°)", null=True)

    class Meta(_Point.Meta):
        verbose_name = "borne"
        verbose_name_plural = "bornes"


class SymboleLimite(_Point):
    """Symbol on a limit: wall, ditch, fence, hedge; shared or not (SYM 39–46)."""

    sym = models.CharField("symbole", blank=True)
    orientation = models.FloatField("orientation (°)", null=True)

    class Meta(_Point.Meta):
        verbose_name = "symbole de limite"
        verbose_name_plural = "symboles de limite"


class DetailTopo(ObjetPlan):
    """Topographic detail: point, line or area (TPOINT, TLINE, TSURF)."""

    genre = models.CharField(
        "genre",
        max_length=6,
        choices=(("TPOINT", "ponctuel"), ("TLINE", "linéaire"), ("TSURF", "surfacique")),
    )
    sym = models.CharField("symbole", blank=True)
    texte = models.CharField("texte", blank=True)
    orientation = models.FloatField("orientation (°)", null=True)
    geom = models.GeometryField("géométrie", srid=SRID, null=True)
    geom_3857 = models.GeometryField("géométrie (tuiles)", srid=3857, null=True)

    class Meta(ObjetPlan.Meta):
        verbose_name = "détail topographique"
        verbose_name_plural = "détails topographiques"


class Ecriture(_Point):
    """A text drawn on the plan; ``angle`` degrees counter-clockwise from east, ``hauteur`` as given."""

    texte = models.CharField("texte", blank=True)
    angle = models.FloatField("angle (°)", null=True)
    hauteur = models.FloatField("hauteur", null=True)
    police = models.CharField("police", blank=True)
    attribut = models.CharField("attribut écrit", blank=True)
    objet_type = models.CharField("type de l'objet", blank=True)

    class Meta(_Point.Meta):
        verbose_name = "écriture"
        verbose_name_plural = "écritures"


class ObjetInconnu(ObjetPlan):
    """Object of a class that the standard of 2013 does not know: kept whole."""

    type = models.CharField("classe")
    attributs = models.JSONField("attributs", default=dict)
    geom = models.GeometryField("géométrie", srid=SRID, null=True)

    class Meta(ObjetPlan.Meta):
        verbose_name = "objet de classe inconnue"
        verbose_name_plural = "objets de classe inconnue"
