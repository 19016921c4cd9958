"""What is billed: contracts, fee lines frozen at their creation, the files sent to the finance software."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from assainissement.circuits.redevance import LIBELLES, LIBRES, REDEVANCE
from assainissement.models.controles import Controle
from assainissement.models.installations import Installation
from assainissement.models.raccordements import ControleAC
from assainissement.models.tarifs import ABONNEMENT, ENTRETIEN, NATURES_TARIF
from mairie.models import DossierSuivi, contrainte_etats
from mairie.periodes import PeriodeJours
from mairie.requetes import RequeteVisible


class RequeteContrats(RequeteVisible):
    """Contracts of the communes where one bills."""

    DROIT_LIRE = "assainissement.facturer"


class Contrat(models.Model):
    """A customer of the service: upkeep or subscription of one installation, billed each year begun."""

    class Genre(models.TextChoices):
        """What is bought."""

        ENTRETIEN = ENTRETIEN, "entretien"
        ABONNEMENT = ABONNEMENT, "abonnement"

    insee = models.CharField("commune", max_length=5)
    installation = models.ForeignKey(Installation, models.PROTECT, related_name="contrats")
    genre = models.CharField("contrat", max_length=12, choices=Genre)
    payeur = models.ForeignKey(
        "mairie.Tiers", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="payeur",
        help_text="Vide : le propriétaire du moment.",
    )  # fmt: skip
    debut = models.DateField("début")
    fin = models.DateField("fin (compris)", null=True, blank=True)
    motif_fin = models.CharField("motif de la fin", max_length=160, blank=True)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteContrats.as_manager()

    class Meta:
        verbose_name = "contrat"
        verbose_name_plural = "contrats"
        ordering = ("insee", "-debut", "id")
        indexes = (models.Index(fields=("insee", "debut"), name="ass_contrat_annee"),)
        constraints = (
            models.CheckConstraint(condition=Q(genre__in=(ENTRETIEN, ABONNEMENT)), name="ass_contrat_genre"),
            models.CheckConstraint(
                condition=Q(fin__isnull=True) | Q(fin__gte=F("debut")), name="ass_contrat_dates"
            ),
            ExclusionConstraint(
                name="ass_contrat_un_par_jour",
                expressions=[
                    ("installation", RangeOperators.EQUAL),
                    ("genre", RangeOperators.EQUAL),
                    (PeriodeJours(F("debut"), F("fin"), Value("[]")), RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"Contrat d'{self.get_genre_display()}, {self.installation}"


class RequeteLots(RequeteVisible):
    """Files of the communes where one bills."""

    DROIT_LIRE = "assainissement.facturer"


class LotRedevance(models.Model):
    """A file for the finance software: written once, served as it is for ever."""

    insee = models.CharField("commune", max_length=5)
    numero = models.CharField("numéro", max_length=20, unique=True)
    annee = models.PositiveSmallIntegerField("exercice")
    le = models.DateField("transmis le")
    echeance = models.DateField("à payer avant le")
    contenu = models.TextField("fichier CSV", editable=False)
    empreinte = models.CharField("empreinte SHA-256", max_length=64, editable=False)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteLots.as_manager()

    class Meta:
        verbose_name = "envoi aux finances"
        verbose_name_plural = "envois aux finances"
        ordering = ("-annee", "-numero")

    def __str__(self) -> str:
        return self.numero

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/finances/{self.pk}/"


class RequeteRedevances(RequeteVisible):
    """Lines of the communes where one bills."""

    DROIT_LIRE = "assainissement.facturer"


class LigneRedevance(DossierSuivi):
    """One sum asked for one thing. A trigger refuses to change its figures; euros.

    ``tarif``: the row and the deliberation as they were; ``reference``: given when it leaves for finance.
    """

    WORKFLOW = "assainissement.redevance"

    class Genre(models.TextChoices):
        """What it asks for."""

        REDEVANCE = "redevance", "redevance"
        MAJORATION = "majoration", "majoration"
        CONTRAT = "contrat", "contrat"

    insee = models.CharField("commune", max_length=5)
    genre = models.CharField("genre", max_length=12, choices=Genre)
    controle = models.ForeignKey(
        Controle, models.PROTECT, null=True, blank=True, related_name="redevances", verbose_name="contrôle"
    )
    controle_ac = models.ForeignKey(
        ControleAC, models.PROTECT, null=True, blank=True, related_name="redevances",
        verbose_name="contrôle de raccordement",
    )  # fmt: skip
    contrat = models.ForeignKey(
        Contrat, models.PROTECT, null=True, blank=True, related_name="lignes", verbose_name="contrat"
    )
    installation = models.ForeignKey(
        Installation, models.PROTECT, null=True, blank=True, related_name="redevances"
    )
    exercice = models.PositiveSmallIntegerField("exercice")
    nature = models.CharField("nature", max_length=20, choices=list(NATURES_TARIF.items()))
    libelle = models.CharField("objet", max_length=200)
    tarif = models.JSONField("tarif figé", encoder=DjangoJSONEncoder)
    montant_ht = models.DecimalField("montant hors taxe", max_digits=10, decimal_places=2)
    taux_tva = models.DecimalField("TVA (%)", max_digits=4, decimal_places=2, null=True, blank=True)
    montant_tva = models.DecimalField("TVA", max_digits=10, decimal_places=2)
    montant_ttc = models.DecimalField("montant", max_digits=10, decimal_places=2)
    cree_le = models.DateTimeField("ouverte le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    # --- written when it leaves for finance ---
    lot = models.ForeignKey(
        LotRedevance, models.PROTECT, null=True, blank=True, related_name="lignes", editable=False
    )
    reference = models.CharField("référence", max_length=40, blank=True, editable=False)
    # --- kept by the engine ---
    annoncee_le = models.DateField("annoncée le", null=True, blank=True, editable=False)
    exportee_le = models.DateField("transmise le", null=True, blank=True, editable=False)
    payee_le = models.DateField("payée le", null=True, blank=True, editable=False)

    objects: ClassVar[Any] = RequeteRedevances.as_manager()

    class Meta:
        verbose_name = "ligne de redevance"
        verbose_name_plural = "lignes de redevance"
        ordering = ("-exercice", "-id")
        indexes = (models.Index(fields=("insee", "etat"), name="ass_redevance_etat"),)
        constraints = (
            contrainte_etats("ass_redevance_circuit", REDEVANCE),
            models.CheckConstraint(
                condition=Q(
                    genre__in=("redevance", "majoration"),
                    controle__isnull=False,
                    controle_ac__isnull=True,
                    contrat__isnull=True,
                    installation__isnull=False,
                )
                | Q(
                    genre="redevance",
                    controle__isnull=True,
                    controle_ac__isnull=False,
                    contrat__isnull=True,
                    installation__isnull=True,
                )
                | Q(
                    genre="contrat",
                    controle__isnull=True,
                    controle_ac__isnull=True,
                    contrat__isnull=False,
                    installation__isnull=False,
                ),
                name="ass_redevance_objet",
            ),
            models.CheckConstraint(
                condition=Q(montant_ht__gte=0, montant_tva__gte=0)
                & Q(montant_ttc=F("montant_ht") + F("montant_tva")),
                name="ass_redevance_montants",
            ),
            models.CheckConstraint(
                condition=~Q(etat__in=("exportee", "payee")) | ~Q(reference=""),
                name="ass_redevance_transmise_a_sa_reference",
            ),
            # Billed twice by two agents at once: the second is refused by the base.
            models.UniqueConstraint(
                fields=("controle", "genre"),
                condition=~Q(etat="annulee") & Q(controle__isnull=False),
                name="ass_redevance_une_par_controle",
            ),
            models.UniqueConstraint(
                fields=("controle_ac",),
                condition=~Q(etat="annulee") & Q(controle_ac__isnull=False),
                name="ass_redevance_une_par_controle_ac",
            ),
            models.UniqueConstraint(
                fields=("contrat", "exercice"),
                condition=~Q(etat="annulee") & Q(contrat__isnull=False),
                name="ass_redevance_une_par_an",
            ),
            models.UniqueConstraint(
                fields=("insee", "reference"), condition=~Q(reference=""), name="ass_redevance_reference"
            ),
        )

    def __str__(self) -> str:
        return self.libelle

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/redevances/{self.pk}/"

    @property
    def libelle_etat(self) -> str:
        """The state in words."""
        return LIBELLES[self.etat]

    @property
    def objet(self) -> Any:
        """What it is asked for: the control, else the installation of the contract."""
        return self.controle or self.controle_ac or self.installation

    @property
    def lieu(self) -> str:
        """Where, in words."""
        de = self.installation or self.controle_ac
        return de.lieu if de is not None else ""

    @property
    def visite_le(self) -> date | None:
        """Day of the visit that it pays, once made."""
        if self.controle is not None:
            return self.controle.date_visite
        return self.controle_ac.visite_le if self.controle_ac is not None else None

    @property
    def libre(self) -> bool:
        """Nothing left yet for finance."""
        return self.etat in LIBRES

    @property
    def deliberation(self) -> str:
        """The vote behind its price."""
        return str(self.tarif.get("deliberation", ""))


class AvoirRedevance(models.Model):
    """What is given back on a line that has left for finance; positive sums, kept by a trigger."""

    insee = models.CharField("commune", max_length=5)
    ligne = models.ForeignKey(LigneRedevance, models.PROTECT, related_name="avoirs")
    le = models.DateField("émis le")
    raison = models.CharField("erreur corrigée", max_length=300)
    montant_ht = models.DecimalField("montant hors taxe", max_digits=10, decimal_places=2)
    montant_tva = models.DecimalField("TVA", max_digits=10, decimal_places=2)
    montant_ttc = models.DecimalField("montant", max_digits=10, decimal_places=2)
    cree_le = models.DateTimeField("saisi le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    # --- written when it leaves for finance ---
    lot = models.ForeignKey(
        LotRedevance, models.PROTECT, null=True, blank=True, related_name="avoirs", editable=False
    )
    reference = models.CharField("référence", max_length=40, blank=True, editable=False)

    objects: ClassVar[Any] = RequeteRedevances.as_manager()

    class Meta:
        verbose_name = "avoir sur une redevance"
        verbose_name_plural = "avoirs sur les redevances"
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(montant_ttc__gt=0, montant_ht__gte=0, montant_tva__gte=0)
                & Q(montant_ttc=F("montant_ht") + F("montant_tva")),
                name="ass_avoir_montants",
            ),
            models.CheckConstraint(
                condition=Q(lot__isnull=True, reference="") | Q(lot__isnull=False) & ~Q(reference=""),
                name="ass_avoir_transmis_a_sa_reference",
            ),
            models.UniqueConstraint(
                fields=("insee", "reference"), condition=~Q(reference=""), name="ass_avoir_reference"
            ),
        )

    def __str__(self) -> str:
        return f"Avoir : {self.ligne.libelle}"
