"""What is billed: frozen lines, the rolls sent to finance, one claim a payer. Never edited: corrected."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.utils import timezone

from domainepublic.models.dossiers import DossierODP
from domainepublic.models.emprises import Emprise
from domainepublic.models.tarifs import PeriodeJours
from mairie.requetes import RequeteVisible


class RequeteRoles(RequeteVisible):
    """Rolls of the communes where one may read."""

    DROIT_LIRE = "domainepublic.lire"

    def avec_accuse(self) -> RequeteRoles:
        """With ``accuse``: the finance software has answered, its file names a claim of the roll."""
        lus = Paiement.objects.filter(titre__role=OuterRef("pk"), importe=True)
        requete: RequeteRoles = self.annotate(accuse=Exists(lus))
        return requete


class Role(models.Model):
    """A batch of lines for the finance software. Once exported, the file is the same for ever."""

    class Etat(models.TextChoices):
        """Where the roll stands."""

        EN_PREPARATION = "en_preparation", "en préparation"
        VALIDE = "valide", "validé"
        EXPORTE = "exporte", "exporté"

    insee = models.CharField("commune", max_length=5)
    numero = models.CharField("numéro", max_length=16)
    annee = models.PositiveSmallIntegerField("exercice")
    etat = models.CharField("état", max_length=16, choices=Etat, default=Etat.EN_PREPARATION)
    cree_le = models.DateTimeField("préparé le", default=timezone.now)
    cree_par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    valide_le = models.DateField("validé le", null=True, blank=True)
    exporte_le = models.DateField("exporté le", null=True, blank=True)
    echeance = models.DateField("à payer avant le", null=True, blank=True)
    export_csv = models.TextField("fichier CSV", blank=True, editable=False)
    export_json = models.TextField("fichier JSON", blank=True, editable=False)
    empreinte = models.CharField("empreinte SHA-256", max_length=64, blank=True, editable=False)

    objects: ClassVar[Any] = RequeteRoles.as_manager()

    class Meta:
        verbose_name = "rôle"
        verbose_name_plural = "rôles"
        ordering = ("-annee", "-numero")
        constraints = (
            models.UniqueConstraint(fields=("insee", "numero"), name="odp_role_numero"),
            models.CheckConstraint(
                condition=~Q(etat="exporte") | ~Q(empreinte=""), name="odp_role_exporte_a_son_fichier"
            ),
        )

    def __str__(self) -> str:
        return self.numero

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/domaine-public/roles/{self.pk}/"


class RequeteTitres(RequeteVisible):
    """Claims of the communes where one bills."""

    DROIT_LIRE = "domainepublic.facturer"
    CHAMP_CODE = "role__insee"


class Titre(models.Model):
    """One claim to one payer, in one roll."""

    role = models.ForeignKey(Role, models.PROTECT, related_name="titres")
    payeur = models.ForeignKey("mairie.Tiers", models.PROTECT, related_name="titres_odp")
    reference = models.CharField("référence", max_length=24)
    montant = models.DecimalField("montant", max_digits=12, decimal_places=2)
    paye = models.DecimalField("payé", max_digits=12, decimal_places=2, default=0)
    paye_le = models.DateField("payé le", null=True, blank=True)

    objects: ClassVar[Any] = RequeteTitres.as_manager()

    class Meta:
        verbose_name = "titre"
        verbose_name_plural = "titres"
        ordering = ("role", "reference")
        constraints = (
            models.UniqueConstraint(fields=("role", "payeur"), name="odp_titre_un_par_payeur"),
            models.UniqueConstraint(fields=("role", "reference"), name="odp_titre_reference"),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def solde(self) -> bool:
        """Paid in full, or nothing to pay."""
        return self.paye >= self.montant

    @property
    def insee(self) -> str:
        """Commune, under the name by which rights ask for it."""
        return self.role.insee

    @property
    def reste(self) -> Any:
        """What is left to pay."""
        return max(self.montant - self.paye, 0)


class Paiement(models.Model):
    """A sum received on a claim, as the accountant tells it; never edited. Euros.

    ``numero_titre``: number of the claim in the finance software; ``importe``: read in its file, where the
    same line twice is one payment.
    """

    titre = models.ForeignKey(Titre, models.PROTECT, related_name="paiements")
    montant = models.DecimalField("montant", max_digits=12, decimal_places=2)
    le = models.DateField("payé le")
    numero_titre = models.CharField("numéro au logiciel de finances", max_length=40, blank=True)
    importe = models.BooleanField("lu dans un fichier", default=False)
    saisi_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    saisi_le = models.DateTimeField("enregistré le", default=timezone.now)

    class Meta:
        verbose_name = "paiement"
        verbose_name_plural = "paiements"
        ordering = ("titre", "le", "id")
        constraints = (
            models.CheckConstraint(condition=Q(montant__gt=0), name="odp_paiement_positif"),
            models.UniqueConstraint(
                fields=("titre", "le", "montant", "numero_titre"),
                condition=Q(importe=True),
                name="odp_paiement_importe_une_fois",
            ),
        )

    def __str__(self) -> str:
        return f"{self.titre} : {self.montant} €"


class LigneFacturable(models.Model):
    """Frozen result of one computation; a trigger refuses to change its figures. Euros."""

    class Nature(models.TextChoices):
        """What it claims."""

        REDEVANCE = "redevance", "redevance"
        SOLDE = "solde", "complément"
        AVOIR = "avoir", "avoir"

    class Etat(models.TextChoices):
        """Where it stands (spec §8)."""

        FIGEE = "figee", "figée"
        SOUS_SEUIL = "sous_seuil", "sous le seuil"
        EN_ROLE = "en_role", "en rôle"
        TITREE = "titree", "titrée"
        SOLDEE = "soldee", "soldée"
        ANNULEE = "annulee", "annulée"

    dossier = models.ForeignKey(DossierODP, models.PROTECT, related_name="lignes")
    emprise = models.ForeignKey(Emprise, models.PROTECT, related_name="lignes")
    nature = models.CharField("nature", max_length=10, choices=Nature, default=Nature.REDEVANCE)
    exercice = models.PositiveSmallIntegerField("exercice")
    debut = models.DateField("du")
    fin = models.DateField("au (compris)")
    libelle = models.CharField("objet", max_length=200)
    entree = models.JSONField("données du calcul", encoder=DjangoJSONEncoder)
    resultat = models.JSONField("résultat du calcul", encoder=DjangoJSONEncoder)
    montant = models.DecimalField("montant", max_digits=12, decimal_places=2)
    montant_theorique = models.DecimalField("montant théorique", max_digits=12, decimal_places=2)
    etat = models.CharField("état", max_length=12, choices=Etat, default=Etat.FIGEE)
    origine = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrections")
    motif = models.CharField("motif", max_length=20, blank=True)
    titre = models.ForeignKey(Titre, models.SET_NULL, null=True, blank=True, related_name="lignes")
    figee_le = models.DateTimeField("figée le", default=timezone.now)

    class Meta:
        verbose_name = "ligne facturable"
        verbose_name_plural = "lignes facturables"
        ordering = ("dossier", "debut", "id")
        indexes = (models.Index(fields=("etat", "dossier"), name="odp_ligne_etat"),)
        constraints = (
            models.CheckConstraint(condition=Q(fin__gte=F("debut")), name="odp_ligne_dates"),
            # Two agents who bill the same days of the same ground: the second is refused by the base.
            ExclusionConstraint(
                name="odp_ligne_une_fois",
                expressions=[
                    ("emprise", RangeOperators.EQUAL),
                    (PeriodeJours(F("debut"), F("fin"), Value("[]")), RangeOperators.OVERLAPS),
                ],
                condition=~Q(etat="annulee") & ~Q(nature="avoir") & ~Q(motif="depassement"),
            ),
            # Days taken after the end of a title left early: they were asked with it, then given back.
            ExclusionConstraint(
                name="odp_ligne_une_fois_depassement",
                expressions=[
                    ("emprise", RangeOperators.EQUAL),
                    (PeriodeJours(F("debut"), F("fin"), Value("[]")), RangeOperators.OVERLAPS),
                ],
                condition=~Q(etat="annulee") & ~Q(nature="avoir") & Q(motif="depassement"),
            ),
            models.CheckConstraint(
                condition=Q(nature="avoir", montant__lt=0, origine__isnull=False) & ~Q(motif="")
                | ~Q(nature="avoir") & Q(montant__gte=0),
                name="odp_ligne_avoir",
            ),
            models.CheckConstraint(
                condition=Q(etat__in=("en_role", "titree", "soldee"), titre__isnull=False)
                | Q(etat__in=("figee", "sous_seuil", "annulee"), titre__isnull=True),
                name="odp_ligne_en_titre",
            ),
        )

    def __str__(self) -> str:
        return f"{self.libelle} : {self.montant} €"

    @property
    def detail(self) -> list[dict[str, Any]]:
        """Ordered steps of the computation: the same on screen, in letters and in the export.

        A balance is the price of the whole, less what was asked before.
        """
        etapes: list[dict[str, Any]] = list(self.resultat.get("detail", []))
        if self.nature == self.Nature.SOLDE and etapes:
            deja = self.montant - Decimal(str(self.resultat["montant_du"]))
            if deja:
                etapes += [
                    {"etape": "deja_facture", "montant": str(deja), "libelle": "Déjà demandé"},
                    {"etape": "solde", "montant": str(self.montant), "libelle": "Complément demandé"},
                ]
        return etapes
