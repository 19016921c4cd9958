"""Tables of the planning documents, of the servitudes, and of the layers that technicians declare."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models as geo
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

SRID = settings.TERRITOIRE_SRID


class DocumentUrbanisme(models.Model):
    """A version of a planning document, or of a lot of servitudes of one category, on a territory.

    In force from ``valide_du`` (included) to ``valide_au`` (excluded; null: still). Importing a later version
    closes the one before; two versions never hold on the same day for the same territory.
    """

    class Famille(models.TextChoices):
        """What replaces what."""

        DU = "du", "document d'urbanisme"
        PSMV = "psmv", "plan de sauvegarde et de mise en valeur"
        SUP = "sup", "servitudes d'utilité publique"

    famille = models.CharField("famille", max_length=4, choices=Famille)
    type_document = models.CharField("type", max_length=4)
    identifiant = models.CharField("identifiant", max_length=80)
    categorie = models.CharField("catégorie de servitude", max_length=10, blank=True)
    # INSEE of a commune, SIREN of an EPCI, code of a département or of a region.
    territoire = models.CharField("code du territoire", max_length=9)
    communes = ArrayField(models.CharField(max_length=5), default=list, blank=True, verbose_name="communes")
    standard = models.CharField("version du standard CNIG", max_length=10, blank=True)
    etat = models.CharField("état CNIG", max_length=2, blank=True)
    valide_du = models.DateField("en vigueur du")
    valide_au = models.DateField("au (exclu)", null=True, blank=True)
    date_fin = models.DateField("fin dite par le document", null=True, blank=True)
    attributs = models.JSONField("autres attributs du document", default=dict, blank=True)
    # Layer as delivered (« ZONE_URBA ») → number of objects written; a layer that is not there was not given.
    couches = models.JSONField("couches livrées", default=dict)
    source = models.CharField("fichier reçu", max_length=200)
    empreinte = models.CharField("empreinte SHA-256", max_length=64)
    srid_source = models.PositiveIntegerField("projection du fichier")
    importe_le = models.DateTimeField("importé le", default=timezone.now)
    travail = models.ForeignKey(
        "gis_data.ImportTravail", models.SET_NULL, null=True, blank=True, related_name="documents"
    )

    class Meta:
        verbose_name = "document d'urbanisme"
        verbose_name_plural = "documents d'urbanisme"
        ordering = ("famille", "categorie", "territoire", "-valide_du")
        constraints = (
            models.CheckConstraint(
                condition=Q(valide_au__isnull=True) | Q(valide_au__gt=F("valide_du")), name="du_dates"
            ),
            models.CheckConstraint(
                condition=(Q(famille="sup") & ~Q(categorie="")) | (~Q(famille="sup") & Q(categorie="")),
                name="du_categorie_des_sup",
            ),
            ExclusionConstraint(
                name="du_une_version_a_la_fois",
                expressions=[
                    ("famille", RangeOperators.EQUAL),
                    ("categorie", RangeOperators.EQUAL),
                    ("territoire", RangeOperators.EQUAL),
                    (
                        Func("valide_du", "valide_au", function="DATERANGE", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        )

    def __str__(self) -> str:
        return self.libelle

    @property
    def libelle(self) -> str:
        """Short name: type, or category of servitude, and day of approval."""
        quoi = f"Servitudes {self.categorie}" if self.famille == self.Famille.SUP else self.type_document
        return f"{quoi} du {self.valide_du:%d/%m/%Y}"


class PieceEcrite(models.Model):
    """A written piece (PDF) that came in the package: regulation of a zone, decree of a servitude."""

    document = models.ForeignKey(DocumentUrbanisme, models.CASCADE, related_name="pieces")
    nom = models.CharField("nom du fichier", max_length=200)
    fichier = models.FileField("fichier", upload_to="documents-urbanisme/%Y/")
    octets = models.PositiveBigIntegerField("taille")
    empreinte = models.CharField("empreinte SHA-256", max_length=64)

    class Meta:
        verbose_name = "pièce écrite"
        verbose_name_plural = "pièces écrites"
        ordering = ("document", "nom")
        constraints = (models.UniqueConstraint(fields=("document", "nom"), name="piece_ecrite_unique"),)

    def __str__(self) -> str:
        return self.nom


class ObjetDocument(models.Model):
    """An object of a document. ``numero``: rank in the delivered layer; ``autres``: attributes kept as is."""

    document = models.ForeignKey(DocumentUrbanisme, models.CASCADE, related_name="%(class)ss")
    couche_source = models.CharField("couche livrée", max_length=60)
    numero = models.PositiveIntegerField("rang dans la couche")
    identifiant = models.CharField("identifiant dans le document", max_length=60, blank=True)
    libelle = models.TextField("libellé", blank=True)
    nomfic = models.CharField("pièce écrite", max_length=200, blank=True)
    urlfic = models.TextField("adresse de la pièce", blank=True)
    date_validation = models.DateField("date de validation", null=True, blank=True)
    autres = models.JSONField("autres attributs", default=dict, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.libelle or self.identifiant


class PluZone(ObjetDocument):
    """A zone of a PLU, or a sector of a carte communale."""

    typezone = models.CharField("type de zone", max_length=10)
    libelong = models.TextField("libellé long", blank=True)
    destdomi = models.CharField("destination dominante", max_length=10, blank=True)
    insee = models.CharField("commune", max_length=5, blank=True)
    geom = geo.MultiPolygonField(srid=SRID)
    geom_3857 = geo.MultiPolygonField(srid=3857)

    class Meta:
        verbose_name = "zone d'urbanisme"
        verbose_name_plural = "zones d'urbanisme"
        ordering = ("pk",)


class PluPrescription(ObjetDocument):
    """A prescription of a PLU (surface, line or point)."""

    type_code = models.CharField("type", max_length=4)
    sous_type = models.CharField("sous-type", max_length=4, default="00")
    txt = models.CharField("étiquette", max_length=60, blank=True)
    nature = models.CharField("nature", max_length=120, blank=True)
    geom = geo.GeometryField(srid=SRID)
    geom_3857 = geo.GeometryField(srid=3857)

    class Meta:
        verbose_name = "prescription"
        verbose_name_plural = "prescriptions"
        ordering = ("pk",)


class PluInformation(ObjetDocument):
    """An information perimeter in the annexes of a PLU (surface, line or point)."""

    type_code = models.CharField("type", max_length=4)
    sous_type = models.CharField("sous-type", max_length=4, default="00")
    txt = models.CharField("étiquette", max_length=60, blank=True)
    nature = models.CharField("nature", max_length=120, blank=True)
    geom = geo.GeometryField(srid=SRID)
    geom_3857 = geo.GeometryField(srid=3857)

    class Meta:
        verbose_name = "périmètre d'information"
        verbose_name_plural = "périmètres d'information"
        ordering = ("pk",)


class SupAssiette(ObjetDocument):
    """Ground on which a servitude bears."""

    categorie = models.CharField("catégorie", max_length=10)
    type_assiette = models.CharField("type d'assiette", max_length=80, blank=True)
    mode = models.CharField("mode de production", max_length=60, blank=True)
    rayon = models.FloatField("paramètre de calcul (m)", null=True, blank=True)
    source_geo = models.CharField("source géographique", max_length=80, blank=True)
    id_generateur = models.CharField("générateur", max_length=60, blank=True)
    id_servitude = models.CharField("servitude", max_length=60, blank=True)
    servitude = models.TextField("nom de la servitude", blank=True)
    # Each: nom, type, date, fichier, lien.
    actes = models.JSONField("actes", default=list, blank=True)
    geom = geo.GeometryField(srid=SRID)
    geom_3857 = geo.GeometryField(srid=3857)

    class Meta:
        verbose_name = "assiette de servitude"
        verbose_name_plural = "assiettes de servitude"
        ordering = ("pk",)


class SupGenerateur(ObjetDocument):
    """What a servitude comes from: a monument, a pipe, a burial ground."""

    categorie = models.CharField("catégorie", max_length=10)
    type_generateur = models.CharField("type de générateur", max_length=80, blank=True)
    id_servitude = models.CharField("servitude", max_length=60, blank=True)
    geom = geo.GeometryField(srid=SRID)
    geom_3857 = geo.GeometryField(srid=3857)

    class Meta:
        verbose_name = "générateur de servitude"
        verbose_name_plural = "générateurs de servitude"
        ordering = ("pk",)


class CoucheDeclaree(models.Model):
    """A layer that a technician declares from a file, or announces before having one (no ``chargee_le``)."""

    class Theme(models.TextChoices):
        """Where it stands among the constraints; the value begins its name."""

        RISQUES = "risques", "Risques"
        PATRIMOINE = "patrimoine", "Patrimoine"
        AUTRES = "sig", "Autres"

    class Forme(models.TextChoices):
        """Kind of shapes."""

        SURFACE = "surface", "surfaces"
        LIGNE = "ligne", "lignes"
        POINT = "point", "points"
        MIXTE = "mixte", "formes mêlées"

    nom = models.SlugField("nom technique", max_length=50, unique=True)
    libelle = models.CharField("nom", max_length=120)
    theme = models.CharField("thème", max_length=10, choices=Theme, default=Theme.RISQUES)
    description = models.TextField("description", blank=True)
    forme = models.CharField("formes", max_length=7, choices=Forme, default=Forme.SURFACE)
    # Fields kept, in order: {"champ": name in the file, "libelle": shown, "genre": type}.
    champs = models.JSONField("champs gardés", default=list)
    champ_titre = models.CharField("champ qui nomme un objet", max_length=60, blank=True)
    style = models.JSONField("dessin", default=dict)
    # Those that it is about; none: the whole territory, and any technician may change it.
    communes = ArrayField(models.CharField(max_length=5), default=list, blank=True, verbose_name="communes")
    publique = models.BooleanField("visible de tous", default=False)
    contrainte = models.BooleanField("compte parmi les contraintes", default=True)
    source = models.CharField("source", max_length=200)
    millesime = models.DateField("millésime", null=True, blank=True)
    zoom_min = models.PositiveSmallIntegerField("dès le zoom", default=11)
    fichier = models.CharField("fichier reçu", max_length=200, blank=True)
    srid_source = models.PositiveIntegerField("projection du fichier", null=True, blank=True)
    version = models.PositiveIntegerField("version", default=0)
    nombre = models.PositiveIntegerField("objets", default=0)
    chargee_le = models.DateTimeField("chargée le", null=True, blank=True)
    modifiee_le = models.DateTimeField("modifiée le", default=timezone.now)
    declaree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, verbose_name="déclarée par"
    )

    class Meta:
        verbose_name = "couche déclarée"
        verbose_name_plural = "couches déclarées"
        ordering = ("theme", "libelle")
        constraints = (
            models.CheckConstraint(
                condition=Q(nom__regex=r"^(risques|patrimoine|sig)_[a-z0-9_]+$"), name="couche_declaree_nom"
            ),
        )

    def __str__(self) -> str:
        return self.libelle


class ObjetDeclare(models.Model):
    """An object of a declared layer; ``attributs`` holds the fields kept, by their name in the file."""

    couche = models.ForeignKey(CoucheDeclaree, models.CASCADE, related_name="objets")
    titre = models.CharField("titre", max_length=250, blank=True)
    attributs = models.JSONField("attributs", default=dict)
    geom = geo.GeometryField(srid=SRID)
    geom_3857 = geo.GeometryField(srid=3857)

    class Meta:
        verbose_name = "objet d'une couche déclarée"
        verbose_name_plural = "objets des couches déclarées"
        ordering = ("pk",)
