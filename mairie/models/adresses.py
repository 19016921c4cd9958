"""Streets and addresses of a commune, from the plan, from the national base, or by hand."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.gis.db import models as geo
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mairie.models.texte import cherche, index_cherche
from mairie.regles import adresses as regles
from mairie.requetes import RequeteVisible

SRID = settings.TERRITOIRE_SRID
_INSEE = r"^[0-9][0-9AB][0-9]{3}$"


class RequeteAdresses(RequeteVisible):
    """Streets, addresses and their differences, of the communes where one may read."""

    DROIT_LIRE = "mairie.lire"


class Origine(models.TextChoices):
    """Where a street or an address comes from."""

    EDIGEO = "edigeo", "plan cadastral"
    BAN = "ban", "Base Adresse Nationale"
    SAISIE = "saisie", "saisie"


class BaseAdresses(models.Model):
    """What the address base of a commune needs besides its rows: postal code, national identifier.

    ``id_ban_commune`` is given by the national base; without it the export leaves all identifiers empty.
    """

    insee = models.CharField("commune", max_length=5, unique=True)
    code_postal = models.CharField("code postal", max_length=5, blank=True)
    id_ban_commune = models.UUIDField("identifiant BAN de la commune", null=True, blank=True)
    plan_recu_le = models.DateTimeField("plan cadastral reçu le", null=True, blank=True)
    ban_recue_le = models.DateTimeField("BAN importée le", null=True, blank=True)

    objects: ClassVar[Any] = RequeteAdresses.as_manager()

    class Meta:
        verbose_name = "base adresses d'une commune"
        verbose_name_plural = "bases adresses des communes"
        constraints = (
            models.CheckConstraint(condition=Q(insee__regex=_INSEE), name="base_adresses_insee"),
            models.CheckConstraint(
                condition=Q(code_postal="") | Q(code_postal__regex=r"^[0-9]{5}$"), name="base_adresses_postal"
            ),
        )

    def __str__(self) -> str:
        return self.insee


class Voie(models.Model):
    """A street, or a named place that bears addresses. ``code``: its four characters in FANTOIR.

    ``saisis``: columns that a person has set; no file writes over them. ``au_plan``: the plan shows it.
    """

    class Nature(models.TextChoices):
        """What bears the name."""

        VOIE = "voie", "voie"
        LIEU_DIT = "lieu_dit", "lieu-dit"

    insee = models.CharField("commune", max_length=5)
    deleguee_insee = models.CharField("commune déléguée", max_length=5, blank=True)
    deleguee_nom = models.CharField("nom de la commune déléguée", max_length=120, blank=True)
    nature = models.CharField("nature", max_length=10, choices=Nature, default=Nature.VOIE)
    nom = models.CharField("nom", max_length=200)
    type_voie = models.CharField("type", max_length=30, blank=True, editable=False)
    cle = models.CharField(max_length=200, editable=False)
    code = models.CharField("code de voie", max_length=4, blank=True, help_text="FANTOIR, ex. 0050")
    axe = geo.MultiLineStringField("axe", srid=SRID, null=True, blank=True)
    cherche = cherche("nom")
    source = models.CharField("source", max_length=10, choices=Origine, default=Origine.SAISIE)
    saisis = ArrayField(models.CharField(max_length=20), default=list, blank=True, editable=False)
    au_plan = models.BooleanField(default=False, editable=False)
    id_ban = models.UUIDField("identifiant BAN", default=uuid.uuid4, unique=True, editable=False)
    active = models.BooleanField("active", default=True)
    cree_le = models.DateTimeField("créée le", default=timezone.now, editable=False)
    modifie_le = models.DateTimeField("modifiée le", default=timezone.now, editable=False)
    modifie_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteAdresses.as_manager()

    class Meta:
        verbose_name = "voie"
        verbose_name_plural = "voies"
        ordering = ("insee", "nom", "id")
        indexes = (
            index_cherche("voie_cherche"),
            models.Index(fields=("insee", "nom"), name="voie_par_commune"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("insee", "deleguee_insee", "cle"), condition=Q(active=True), name="voie_nom_unique"
            ),
            models.CheckConstraint(condition=Q(insee__regex=_INSEE), name="voie_insee"),
            models.CheckConstraint(
                condition=Q(deleguee_insee="") | Q(deleguee_insee__regex=_INSEE), name="voie_deleguee_insee"
            ),
            models.CheckConstraint(
                condition=Q(code="") | Q(code__regex=r"^[0-9a-z][0-9]{3}$"), name="voie_code"
            ),
            models.CheckConstraint(condition=~Q(nom="") & ~Q(cle=""), name="voie_nommee"),
        )

    def __str__(self) -> str:
        return self.nom

    def save(self, *args: Any, **options: Any) -> None:
        """Save, with the key and the type that the name gives."""
        self.completer()
        champs = options.get("update_fields")
        if champs is not None:
            options["update_fields"] = {*champs, "cle", "type_voie"}
        super().save(*args, **options)

    def completer(self) -> None:
        """Set what the name gives."""
        self.cle, self.type_voie = regles.cle_voie(self.nom)[:200], regles.type_de_voie(self.nom)


class Adresse(models.Model):
    """A number of a street, and where it stands. Same meaning of ``saisis`` and ``au_plan`` as for ``Voie``.

    ``certifiee``: the commune answers for it, nothing but a person changes it. ``parcelles``: ``idu`` of
    the parcels that it serves, in order. ``cle_ban``: key found in the national base, when it gave one.
    """

    class Position(models.TextChoices):
        """Where the point stands (format BAL)."""

        ENTREE = "entrée", "entrée"
        BATIMENT = "bâtiment", "bâtiment"
        CAGE = "cage d’escalier", "cage d'escalier"
        LOGEMENT = "logement", "logement"
        PARCELLE = "parcelle", "parcelle"
        SEGMENT = "segment", "segment de voie"
        POSTALE = "délivrance postale", "délivrance postale"
        TECHNIQUE = "service technique", "service technique"

    insee = models.CharField("commune", max_length=5, editable=False)
    voie = models.ForeignKey(Voie, models.PROTECT, related_name="adresses", verbose_name="voie")
    numero = models.PositiveIntegerField("numéro")
    suffixe = models.CharField("suffixe", max_length=9, blank=True)
    complement = models.CharField("lieu-dit ou complément", max_length=120, blank=True)
    position = geo.PointField("position", srid=SRID, null=True, blank=True)
    type_position = models.CharField("position prise à", max_length=20, choices=Position, blank=True)
    parcelles = ArrayField(
        models.CharField(max_length=14), default=list, blank=True, verbose_name="parcelles"
    )
    source = models.CharField("source", max_length=10, choices=Origine, default=Origine.SAISIE)
    saisis = ArrayField(models.CharField(max_length=20), default=list, blank=True, editable=False)
    au_plan = models.BooleanField(default=False, editable=False)
    cle_ban = models.CharField("clé de la BAN", max_length=60, blank=True, editable=False)
    id_ban = models.UUIDField("identifiant BAN", default=uuid.uuid4, unique=True, editable=False)
    certifiee = models.BooleanField("certifiée par la commune", default=False)
    certifiee_le = models.DateTimeField("certifiée le", null=True, blank=True, editable=False)
    active = models.BooleanField("active", default=True)
    version = models.PositiveIntegerField("version", default=1, editable=False)
    cree_le = models.DateTimeField("créée le", default=timezone.now, editable=False)
    modifie_le = models.DateTimeField("modifiée le", default=timezone.now, editable=False)
    modifie_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteAdresses.as_manager()

    class Meta:
        verbose_name = "adresse"
        verbose_name_plural = "adresses"
        ordering = ("voie", "numero", "suffixe", "id")
        indexes = (
            models.Index(fields=("insee",), name="adresse_par_commune"),
            GinIndex(fields=("parcelles",), name="adresse_par_parcelle"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("voie", "numero", "suffixe"), condition=Q(active=True), name="adresse_numero_unique"
            ),
            models.CheckConstraint(condition=Q(insee__regex=_INSEE), name="adresse_insee"),
            models.CheckConstraint(condition=Q(numero__lte=regles.NUMERO_MAX), name="adresse_numero"),
            models.CheckConstraint(
                condition=Q(suffixe="") | Q(suffixe__regex=r"^[0-9a-z]{1,9}$"), name="adresse_suffixe"
            ),
            models.CheckConstraint(
                condition=Q(certifiee=False) | Q(position__isnull=False), name="adresse_certifiee_placee"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="adresse_version_positive"),
        )

    def __str__(self) -> str:
        return f"{self.libelle_numero} {self.voie}"

    @property
    def libelle_numero(self) -> str:
        """« 12 bis »."""
        return f"{self.numero} {self.suffixe}".strip()

    @property
    def cle_interop(self) -> str:
        """Key of the format BAL, from the commune, the street's code and the number."""
        return regles.cle_interop(self.insee, self.voie.code, self.numero, self.suffixe)


class EcartAdresse(models.Model):
    """What a file says otherwise than the base, where it may not write: to be settled by a person.

    ``propose``: values of the file. One open row an address (or street), file and nature.
    """

    class Nature(models.TextChoices):
        """What differs."""

        POSITION = "position", "position différente"
        PARCELLES = "parcelles", "parcelles différentes"
        ABSENTE = "absente", "absente du fichier"
        NOM = "nom", "nom écrit autrement"
        CODE = "code", "code de voie différent"

    class Decision(models.TextChoices):
        """What a person decided."""

        GARDER = "garder", "gardé tel quel"
        PRENDRE = "prendre", "valeur du fichier prise"
        DISPARU = "disparu", "le fichier n'en diffère plus"

    insee = models.CharField("commune", max_length=5)
    voie = models.ForeignKey(Voie, models.CASCADE, related_name="ecarts")
    adresse = models.ForeignKey(Adresse, models.CASCADE, null=True, blank=True, related_name="ecarts")
    origine = models.CharField("fichier", max_length=10, choices=Origine)
    nature = models.CharField("écart", max_length=10, choices=Nature)
    propose = models.JSONField("valeur du fichier", default=dict)
    position = geo.PointField("position du fichier", srid=SRID, null=True, blank=True)
    vu_le = models.DateTimeField("vu le", default=timezone.now)
    decision = models.CharField("décision", max_length=10, choices=Decision, blank=True)
    decide_le = models.DateTimeField("décidé le", null=True, blank=True)
    decide_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[Any] = RequeteAdresses.as_manager()

    class Meta:
        verbose_name = "écart d'adresse"
        verbose_name_plural = "écarts d'adresses"
        ordering = ("insee", "voie", "adresse", "nature")
        indexes = (models.Index(fields=("insee", "nature"), name="ecart_ouvert", condition=Q(decision="")),)
        constraints = (
            models.UniqueConstraint(
                fields=("voie", "adresse", "origine", "nature"),
                condition=Q(decision=""),
                nulls_distinct=False,
                name="ecart_un_ouvert",
            ),
            models.CheckConstraint(
                condition=Q(decision="", decide_le__isnull=True)
                | ~Q(decision="") & Q(decide_le__isnull=False),
                name="ecart_decide_date",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_nature_display()} : {self.adresse or self.voie}"
