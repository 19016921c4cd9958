"""Connections to the sewer, their derogations, their controls (spec §3)."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.db.models.functions import Transform
from django.contrib.postgres.indexes import GistIndex
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

from assainissement.circuits import etats_ac
from assainissement.circuits.controle_ac import CONTROLE_AC, Contexte
from assainissement.models.installations import IDU, INSEE, SRID
from assainissement.models.visibles import RequeteControlesAC
from assainissement.regles.raccordement import etat_branchement
from mairie.adresses.presentation import nom_parcelle
from mairie.models import DossierSuivi, contrainte_etats
from mairie.requetes import RequeteVisible


class RequeteBranchements(RequeteVisible):
    """Connections of the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"

    def avec_etat(self, jour: date) -> Any:
        """The derived state of a day as a column ``etat``: what ``Branchement.etat_au`` says of each row."""
        derogations = DerogationRaccordement.objects.filter(
            branchement=OuterRef("pk"), du__lte=jour, au__gte=jour
        )
        return self.annotate(
            etat=Case(
                When(raccorde_le__lte=jour, then=Value("raccorde")),
                When(Exists(derogations), then=Value("deroge")),
                When(raccorder_avant__lt=jour, then=Value("en_retard")),
                default=Value("a_raccorder"),
            )
        )


class Branchement(models.Model):
    """A connection to make or made. ``raccorder_avant`` is computed from the day the sewer was put into
    service; only ``assainissement.raccordements`` writes it."""

    insee = models.CharField("commune", max_length=5)
    numero = models.CharField("numéro", max_length=20, unique=True, editable=False)
    geom = models.PointField("emplacement", srid=SRID, null=True, blank=True, spatial_index=False)
    geom_3857 = models.GeneratedField(
        expression=Transform("geom", 3857),
        output_field=models.PointField(srid=3857),
        db_persist=True,
        verbose_name="emplacement (tuiles)",
    )
    adresse = models.ForeignKey(
        "mairie.Adresse", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="adresse"
    )
    proprietaire = models.ForeignKey(
        "mairie.Tiers", models.PROTECT, null=True, blank=True, related_name="branchements",
        verbose_name="propriétaire",
    )  # fmt: skip
    type_reseau = models.CharField(
        "réseau", max_length=8, choices=list(etats_ac.RESEAUX.items()), default="EU"
    )
    mise_en_service_le = models.DateField("réseau mis en service le", null=True, blank=True)
    raccorder_avant = models.DateField("à raccorder avant le", null=True, blank=True, editable=False)
    raccorde_le = models.DateField("raccordé le", null=True, blank=True)
    boite = models.BooleanField("boîte de branchement", default=False)
    notes = models.TextField("notes", blank=True)
    client_uuid = models.UUIDField("clé de saisie", null=True, blank=True, unique=True)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    modifie_le = models.DateTimeField("modifié le", default=timezone.now, editable=False)
    modifie_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteBranchements.as_manager()

    class Meta:
        verbose_name = "branchement"
        verbose_name_plural = "branchements"
        ordering = ("numero",)
        indexes = (
            models.Index(fields=("insee", "raccorder_avant"), name="ac_branchement_retard"),
            GistIndex(fields=("geom",), name="ac_branchement_geom"),
            GistIndex(fields=("geom_3857",), name="ac_branchement_3857"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="ac_branchement_insee"),
            models.CheckConstraint(
                condition=Q(type_reseau__in=list(etats_ac.RESEAUX)), name="ac_branchement_reseau"
            ),
            models.CheckConstraint(
                condition=Q(mise_en_service_le__isnull=True, raccorder_avant__isnull=True)
                | Q(raccorder_avant__gt=F("mise_en_service_le")),
                name="ac_branchement_echeance",
            ),
        )

    def __str__(self) -> str:
        return self.numero

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/branchements/{self.pk}/"

    @property
    def lieu(self) -> str:
        """Its address in words."""
        return str(self.adresse) if self.adresse else ""

    def etat_au(self, jour: date) -> str:
        """The derived state by the rule; derogations are read."""
        if self.mise_en_service_le is None:
            derogations = any(d.du <= jour <= d.au for d in self.derogations.all())
            if self.raccorde_le is not None and self.raccorde_le <= jour:
                return "raccorde"
            return "deroge" if derogations else "a_raccorder"
        return etat_branchement(
            jour,
            self.mise_en_service_le,
            self.raccorde_le,
            tuple((d.du, d.au) for d in self.derogations.all()),
        )


class BranchementParcelle(models.Model):
    """A parcel that a connection serves, by its 14 characters."""

    branchement = models.ForeignKey(Branchement, models.CASCADE, related_name="parcelles")
    reference = models.CharField("parcelle", max_length=14)

    class Meta:
        verbose_name = "parcelle d'un branchement"
        verbose_name_plural = "parcelles des branchements"
        ordering = ("reference",)
        indexes = (models.Index(fields=("reference",), name="ac_parcelle"),)
        constraints = (
            models.UniqueConstraint(fields=("branchement", "reference"), name="ac_parcelle_une_fois"),
            models.CheckConstraint(condition=Q(reference__regex=IDU), name="ac_parcelle_reference"),
        )

    def __str__(self) -> str:
        return self.reference


class DerogationRaccordement(models.Model):
    """A building that need not be connected for a time, with its act."""

    branchement = models.ForeignKey(Branchement, models.PROTECT, related_name="derogations")
    motif = models.CharField("motif", max_length=200)
    du = models.DateField("du")
    au = models.DateField("au")
    acte = models.CharField("arrêté", max_length=160)
    cree_le = models.DateTimeField("créée le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = "dérogation de raccordement"
        verbose_name_plural = "dérogations de raccordement"
        ordering = ("-du", "-id")
        indexes = (models.Index(fields=("branchement", "du", "au"), name="ac_derogation_periode"),)
        constraints = (
            models.CheckConstraint(condition=Q(au__gte=F("du")), name="ac_derogation_periode_juste"),
            models.CheckConstraint(condition=~Q(motif="") & ~Q(acte=""), name="ac_derogation_motivee"),
        )

    def __str__(self) -> str:
        return f"{self.acte} : {self.motif}"


class ControleAC(DossierSuivi):
    """A control of connection. ``points``: answer by code. A contre-visite names the control it follows."""

    WORKFLOW = "assainissement.controle_ac"

    insee = models.CharField("commune", max_length=5)
    numero = models.CharField("numéro", max_length=28, unique=True, editable=False)
    branchement = models.ForeignKey(
        Branchement, models.PROTECT, null=True, blank=True, related_name="controles"
    )
    reference = models.CharField("parcelle", max_length=14, blank=True)
    adresse = models.ForeignKey(
        "mairie.Adresse", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="adresse"
    )
    demandeur = models.ForeignKey(
        "mairie.Tiers", models.PROTECT, null=True, blank=True, related_name="controles_ac",
        verbose_name="demandeur",
    )  # fmt: skip
    motif = models.CharField("motif", max_length=12, choices=list(etats_ac.MOTIFS.items()))
    logement = models.CharField(
        "logement", max_length=12, choices=list(etats_ac.LOGEMENTS.items()), default="maison"
    )
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="controles_ac",
        verbose_name="contrôleur",
    )  # fmt: skip
    prestataire = models.ForeignKey(
        "assainissement.Prestataire", models.PROTECT, null=True, blank=True, related_name="controles_ac",
        verbose_name="prestataire",
    )  # fmt: skip
    origine = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="suites",
        verbose_name="contrôle d'origine",
    )
    points = models.JSONField("points contrôlés", default=dict, blank=True)
    observations = models.TextField("observations", blank=True)
    client_uuid = models.UUIDField("clé de saisie", null=True, blank=True, unique=True)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    # --- kept by the engine ---
    demande_le = models.DateField("demandé le", null=True, blank=True, editable=False)
    visite_le = models.DateField("visite", null=True, blank=True, editable=False)
    valide_le = models.DateField("validé le", null=True, blank=True, editable=False)
    remise_avant = models.DateField("document à remettre avant le", null=True, blank=True, editable=False)
    fin_validite = models.DateField("valable jusqu'au", null=True, blank=True, editable=False)
    conclusion = models.CharField("conclusion", max_length=12, blank=True, editable=False)

    objects: ClassVar[Any] = RequeteControlesAC.as_manager()

    class Meta:
        verbose_name = "contrôle de branchement"
        verbose_name_plural = "contrôles de branchement"
        ordering = ("-demande_le", "-id")
        indexes = (
            models.Index(fields=("insee", "etat", "remise_avant"), name="ac_controle_bureau"),
            models.Index(fields=("insee", "fin_validite"), name="ac_controle_validite"),
            models.Index(fields=("reference",), name="ac_controle_parcelle", condition=~Q(reference="")),
        )
        constraints = (
            contrainte_etats("ac_controle_etat", CONTROLE_AC),
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="ac_controle_insee"),
            models.CheckConstraint(condition=Q(motif__in=list(etats_ac.MOTIFS)), name="ac_controle_motif"),
            models.CheckConstraint(
                condition=Q(logement__in=list(etats_ac.LOGEMENTS)), name="ac_controle_logement"
            ),
            models.CheckConstraint(
                condition=Q(reference="") | Q(reference__regex=IDU), name="ac_controle_reference"
            ),
            models.CheckConstraint(
                condition=Q(branchement__isnull=False) | ~Q(reference="") | Q(adresse__isnull=False),
                name="ac_controle_situe",
            ),
            models.CheckConstraint(
                condition=Q(conclusion__in=("", "conforme", "non_conforme")), name="ac_controle_conclusion"
            ),
            models.CheckConstraint(
                condition=Q(agent__isnull=True) | Q(prestataire__isnull=True), name="ac_controle_par_un_seul"
            ),
            models.UniqueConstraint(
                fields=("origine",),
                condition=Q(origine__isnull=False, valide_le__isnull=True) & ~Q(etat="annule"),
                name="ac_une_contre_visite",
            ),
        )

    def __str__(self) -> str:
        return self.numero

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/controles-ac/{self.pk}/"

    @property
    def contexte_regles(self) -> Contexte:
        """What the rules need besides the log."""
        return Contexte(self.motif, self.logement)

    @property
    def libelle_etat(self) -> str:
        """The state in words."""
        return etats_ac.CONTROLE_AC[self.etat]

    @property
    def controleur(self) -> str:
        """Who makes the visit; empty when nobody is named."""
        return str(self.agent or self.prestataire or "")

    @property
    def lieu(self) -> str:
        """Where, in words: its address, that of the connection, else the parcel."""
        if self.adresse is not None:
            return str(self.adresse)
        connu = self.branchement.lieu if self.branchement is not None else ""
        return connu or (f"parcelle {nom_parcelle(self.reference)}" if self.reference else "")

    @property
    def valide(self) -> bool:
        """Concluded: nothing of it changes any more."""
        return self.etat in etats_ac.VALIDES

    @property
    def saisissable(self) -> bool:
        """The points may be answered."""
        return self.etat in etats_ac.SAISISSABLES

    @property
    def resultat(self) -> dict[str, Any]:
        """The conclusion as frozen; empty before."""
        return dict(self.calculs.get("resultat") or {})
