"""Non-collective installations: where, whose, made of what. Their dates sum up their controls."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Transform
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Q
from django.utils import timezone

from assainissement.circuits.etats import INSTALLATION as LIBELLES
from assainissement.circuits.installation import INSTALLATION
from assainissement.regles.tables import anc, filiere
from mairie.models import DossierSuivi, contrainte_etats
from mairie.requetes import RequeteVisible

SRID = settings.TERRITOIRE_SRID
INSEE = r"^[0-9][0-9AB][0-9]{3}$"
IDU = r"^[0-9][0-9AB][0-9]{3}[0-9]{3}[0-9A-Z]{2}[0-9]{4}$"
SEUIL_EH = 20


class RequeteInstallations(RequeteVisible):
    """Installations of the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"


class Installation(DossierSuivi):
    """One installation: several parcels, several addresses; a geometry is never required.

    ``derniere_*``, ``prochain_controle``, ``echeance_travaux`` and ``fin_validite`` sum up its controls: only
    ``assainissement.suivi`` writes them.
    """

    WORKFLOW = "assainissement.installation"

    class TypeImmeuble(models.TextChoices):
        """What it serves."""

        MAISON = "maison", "maison"
        COLLECTIF = "collectif", "immeuble collectif"
        LOCAL = "local_commercial", "local d'activité"
        TEMPORAIRE = "habitation_temporaire", "habitation temporaire"
        GROUPEMENT = "groupement", "groupe d'habitations"
        AUTRE = "autre", "autre"

    insee = models.CharField("commune", max_length=5)
    numero = models.CharField("numéro", max_length=20, unique=True, null=True, blank=True, editable=False)
    ancien_numero = models.CharField("numéro dans l'ancien logiciel", max_length=40, blank=True)
    geom = models.PointField("emplacement", srid=SRID, null=True, blank=True, spatial_index=False)
    geom_3857 = models.GeneratedField(
        expression=Transform("geom", 3857),
        output_field=models.PointField(srid=3857),
        db_persist=True,
        verbose_name="emplacement (tuiles)",
    )
    type_immeuble = models.CharField(
        "immeuble desservi", max_length=24, choices=TypeImmeuble, default=TypeImmeuble.MAISON
    )
    pieces_principales = models.PositiveSmallIntegerField("pièces principales", null=True, blank=True)
    eh = models.DecimalField("capacité (EH)", max_digits=8, decimal_places=1, null=True, blank=True)
    date_creation = models.DateField("posée le", null=True, blank=True)
    electromecanique = models.BooleanField("équipement électromécanique", default=False)
    notes = models.TextField("notes", blank=True)
    client_uuid = models.UUIDField("clé de saisie", null=True, blank=True, unique=True)
    cree_le = models.DateTimeField("créée le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    modifie_le = models.DateTimeField("modifiée le", default=timezone.now, editable=False)
    modifie_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    # --- summary of its controls ---
    derniere_visite = models.DateField("dernière visite", null=True, blank=True, editable=False)
    derniere_regle = models.CharField("dernière conclusion", max_length=2, blank=True, editable=False)
    dernier_cas = models.CharField("cas", max_length=1, blank=True, editable=False)
    levee = models.BooleanField("non-conformité levée", default=False, editable=False)
    fin_validite = models.DateField("rapport valable jusqu'au", null=True, blank=True, editable=False)
    prochain_controle = models.DateField("prochain contrôle", null=True, blank=True, editable=False)
    echeance_travaux = models.DateField("travaux avant le", null=True, blank=True, editable=False)

    adresses = models.ManyToManyField(
        "mairie.Adresse", through="InstallationAdresse", related_name="installations_anc", blank=True
    )
    objects: ClassVar[Any] = RequeteInstallations.as_manager()

    class Meta:
        verbose_name = "installation d'assainissement non collectif"
        verbose_name_plural = "installations d'assainissement non collectif"
        ordering = ("numero", "id")
        indexes = (
            models.Index(fields=("insee", "etat", "prochain_controle"), name="anc_prochain"),
            models.Index(fields=("insee", "derniere_regle"), name="anc_regle"),
            models.Index(fields=("echeance_travaux",), name="anc_travaux"),
            models.Index(fields=("ancien_numero",), name="anc_ancien_numero", condition=~Q(ancien_numero="")),
            GistIndex(fields=("geom",), name="anc_geom"),
            GistIndex(fields=("geom_3857",), name="anc_geom_3857"),
        )
        constraints = (
            contrainte_etats("anc_etat", INSTALLATION),
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="anc_insee"),
            models.CheckConstraint(condition=Q(eh__isnull=True) | Q(eh__gte=0), name="anc_eh_positif"),
            models.CheckConstraint(
                condition=Q(derniere_regle__in=("", *anc.CODES_REGLES)), name="anc_regle_connue"
            ),
        )

    def __str__(self) -> str:
        return self.numero or "installation à enregistrer"

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/installations/{self.pk}/"

    @property
    def libelle_etat(self) -> str:
        """The state in words."""
        return LIBELLES[self.etat]

    @property
    def classe_eh(self) -> str:
        """Class of the règlement: up to 20 EH, or more; empty when unknown."""
        if self.eh is None:
            return ""
        return f"≤ {SEUIL_EH} EH" if self.eh <= SEUIL_EH else f"> {SEUIL_EH} EH"

    @property
    def lieu(self) -> str:
        """Its first address in words."""
        lien = next(iter(sorted(self.liens_adresses.all(), key=lambda x: (not x.principale, x.pk))), None)
        return str(lien.adresse) if lien else ""

    @property
    def proprietaire(self) -> Any:
        """The owner of today, the first where there are several; null when unknown."""
        lien = next(
            (
                x
                for x in self.personnes.all()
                if x.role == InstallationTiers.Role.PROPRIETAIRE and x.au is None
            ),
            None,
        )
        return lien.tiers if lien else None

    @property
    def filiere(self) -> list[Any]:
        """Its elements of today: those taken out are history."""
        return [e for e in self.elements.all() if e.retire_le is None]

    def filiere_au(self, jour: date | None) -> list[Any]:
        """Its elements of a day, as a report of that day says them; null: those of today."""
        if jour is None:
            return self.filiere
        return [e for e in self.elements.all() if e.retire_le is None or e.retire_le > jour]


class InstallationAdresse(models.Model):
    """An address that an installation serves."""

    installation = models.ForeignKey(Installation, models.CASCADE, related_name="liens_adresses")
    adresse = models.ForeignKey("mairie.Adresse", models.PROTECT, related_name="+")
    principale = models.BooleanField("principale", default=False)

    class Meta:
        verbose_name = "adresse desservie"
        verbose_name_plural = "adresses desservies"
        ordering = ("-principale", "id")
        constraints = (
            models.UniqueConstraint(fields=("installation", "adresse"), name="anc_adresse_une_fois"),
            models.UniqueConstraint(
                fields=("installation",), condition=Q(principale=True), name="anc_une_adresse_principale"
            ),
        )

    def __str__(self) -> str:
        return str(self.adresse)


class InstallationParcelle(models.Model):
    """A parcel by its 14 characters, kept when the cadastre is renewed: what it is today is looked up."""

    installation = models.ForeignKey(Installation, models.CASCADE, related_name="parcelles")
    reference = models.CharField("parcelle", max_length=14)
    # What the cadastre called it before it was renumbered and the link followed.
    ancienne = models.CharField("ancienne référence", max_length=14, blank=True)
    principale = models.BooleanField("principale", default=False)

    class Meta:
        verbose_name = "parcelle d'une installation"
        verbose_name_plural = "parcelles des installations"
        ordering = ("-principale", "reference")
        indexes = (models.Index(fields=("reference",), name="anc_parcelle"),)
        constraints = (
            models.UniqueConstraint(fields=("installation", "reference"), name="anc_parcelle_une_fois"),
            models.UniqueConstraint(
                fields=("installation",), condition=Q(principale=True), name="anc_une_parcelle_principale"
            ),
            models.CheckConstraint(condition=Q(reference__regex=IDU), name="anc_parcelle_reference"),
        )

    def __str__(self) -> str:
        return self.reference


class InstallationTiers(models.Model):
    """A person and what he is to an installation, from and to (both included)."""

    class Role(models.TextChoices):
        """What he is to it."""

        PROPRIETAIRE = "proprietaire", "propriétaire"
        OCCUPANT = "occupant", "occupant"
        PAYEUR = "payeur", "payeur"
        SYNDIC = "syndic", "syndic"
        NOTAIRE = "notaire", "notaire"

    installation = models.ForeignKey(Installation, models.CASCADE, related_name="personnes")
    tiers = models.ForeignKey("mairie.Tiers", models.PROTECT, related_name="installations_anc")
    role = models.CharField("qualité", max_length=12, choices=Role)
    indivision = models.BooleanField("en indivision", default=False)
    du = models.DateField("du", null=True, blank=True)
    au = models.DateField("au", null=True, blank=True)

    class Meta:
        verbose_name = "personne d'une installation"
        verbose_name_plural = "personnes des installations"
        ordering = ("role", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("installation",),
                condition=Q(role="proprietaire", au__isnull=True, indivision=False),
                name="anc_un_proprietaire",
                violation_error_message="Un propriétaire est déjà dit : donnez sa fin, ou l'indivision.",
            ),
            models.UniqueConstraint(
                fields=("installation", "tiers", "role"),
                condition=Q(au__isnull=True),
                name="anc_personne_une_fois",
            ),
            models.CheckConstraint(
                condition=Q(au__isnull=True) | Q(du__isnull=True) | Q(au__gte=F("du")),
                name="anc_personne_periode",
            ),
            models.CheckConstraint(
                condition=Q(indivision=False) | Q(role="proprietaire"), name="anc_indivision_de_proprietaires"
            ),
        )

    def __str__(self) -> str:
        return f"{self.tiers} ({self.get_role_display()})"


class Element(models.Model):
    """One element of the filière, drawn or not."""

    installation = models.ForeignKey(Installation, models.CASCADE, related_name="elements")
    famille = models.CharField("famille", max_length=5, choices=list(filiere.FAMILLES.items()))
    type = models.CharField("type", max_length=30)
    volume_m3 = models.DecimalField("volume (m³)", max_digits=7, decimal_places=2, null=True, blank=True)
    surface_m2 = models.DecimalField("surface (m²)", max_digits=8, decimal_places=2, null=True, blank=True)
    modele_agree = models.CharField("modèle agréé", max_length=120, blank=True)
    numero_agrement = models.CharField("numéro d'agrément", max_length=40, blank=True)
    date_pose = models.DateField("posé le", null=True, blank=True)
    # Replaced or taken out: it stays in history, and in the reports of before.
    retire_le = models.DateField("retiré le", null=True, blank=True)
    geom = models.GeometryField("emplacement", srid=SRID, null=True, blank=True)

    class Meta:
        verbose_name = "élément de la filière"
        verbose_name_plural = "éléments de la filière"
        ordering = ("installation", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(famille="PRE", type__in=list(filiere.TYPES["PRE"]))
                | Q(famille="TRAIT", type__in=list(filiere.TYPES["TRAIT"]))
                | Q(famille="REJET", type__in=list(filiere.TYPES["REJET"])),
                name="anc_element_type",
            ),
            models.CheckConstraint(
                condition=(Q(volume_m3__isnull=True) | Q(volume_m3__gt=0))
                & (Q(surface_m2__isnull=True) | Q(surface_m2__gt=0)),
                name="anc_element_mesures",
            ),
            models.CheckConstraint(
                condition=Q(retire_le__isnull=True)
                | Q(date_pose__isnull=True)
                | Q(retire_le__gte=F("date_pose")),
                name="anc_element_periode",
                violation_error_message=(
                    "L'élément est retiré avant d'être posé : corrigez l'une des deux dates."
                ),
            ),
        )

    def __str__(self) -> str:
        return self.libelle

    @property
    def libelle(self) -> str:
        """Its type in words."""
        return filiere.libelle(self.famille, self.type)
