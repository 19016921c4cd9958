"""The authorisation (DA), which carries the number for years, and the requests made on it (DI)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Concat, Substr
from django.utils import timezone

from mairie.models import DossierSuivi, contrainte_etats
from mairie.models import Service as ServiceMairie
from mairie.models.texte import index_cherche
from mairie.requetes import RequeteVisible
from urba.instruction.etats import libelle_etat, type_delai
from urba.instruction.lecture import Contexte
from urba.regles.numeros import NatureDossier, Numero, lire_numero
from urba.workflow import INSTRUCTION_URBA

INSEE = r"^[0-9][0-9AB][0-9]{3}$"


class RequeteAutorisations(RequeteVisible):
    """Authorisations of the communes where one may read."""

    DROIT_LIRE = "urba.lire"


class DossierAutorisation(models.Model):
    """The right itself. ``etat`` and dates are a cache of its requests; a row is never deleted."""

    class Etat(models.TextChoices):
        """Where the authorisation stands, at the day of the last computation."""

        EN_INSTRUCTION = "en_instruction", "en instruction"
        EN_ATTENTE_NOTIFICATION = "en_attente_notification", "en attente de notification"
        VALIDE = "valide", "valide"
        SUSPENDU = "suspendu", "suspendu par un recours"
        CHANTIER_OUVERT = "chantier_ouvert", "chantier ouvert"
        ACHEVE = "acheve", "travaux achevés"
        CONFORME = "conforme", "conforme"
        CONTESTE = "conteste", "conformité contestée"
        PERIME = "perime", "périmé"
        EXPIRE = "expire", "expiré"
        SURSIS = "sursis", "sursis à statuer"
        SANS_AUTORISATION = "sans_autorisation", "sans autorisation"
        RETIRE = "retire", "retiré"
        ANNULE = "annule", "annulé"

    numero = models.CharField("numéro", max_length=20, unique=True)
    numero_origine = models.CharField("numéro de l'ancien logiciel", max_length=40, blank=True)
    lettres = models.CharField("lettres", max_length=2)
    insee = models.CharField("commune", max_length=5)
    annee = models.PositiveSmallIntegerField("année")
    ordre = models.CharField("ordre", max_length=5)
    etat = models.CharField("état", max_length=24, choices=Etat, default=Etat.EN_INSTRUCTION, editable=False)
    date_premier_depot = models.DateField("premier dépôt", null=True, blank=True, editable=False)
    date_decision = models.DateField("décision", null=True, blank=True, editable=False)
    date_validite = models.DateField("valable jusqu'au", null=True, blank=True, editable=False)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)

    objects: ClassVar[Any] = RequeteAutorisations.as_manager()

    class Meta:
        verbose_name = "autorisation"
        verbose_name_plural = "autorisations"
        ordering = ("-annee", "-ordre", "numero")
        indexes = (
            models.Index(fields=("insee", "lettres", "-annee", "-ordre"), name="urba_da_serie"),
            models.Index(fields=("insee", "etat"), name="urba_da_etat"),
            models.Index(fields=("numero_origine",), name="urba_da_origine", condition=~Q(numero_origine="")),
            models.Index(fields=("annee", "ordre"), name="urba_da_queue"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="urba_da_insee"),
            models.CheckConstraint(
                condition=Q(lettres__in=("PC", "PA", "PD", "DP", "CU")), name="urba_da_lettres"
            ),
            models.UniqueConstraint(
                fields=("insee", "lettres", "annee", "ordre"), name="urba_da_serie_unique"
            ),
        )

    def __str__(self) -> str:
        return self.lu.affichage

    @property
    def lu(self) -> Numero:
        """The number in its parts."""
        return lire_numero(self.numero)


class RequeteInstructions(RequeteVisible):
    """Requests of the communes where one may read."""

    DROIT_LIRE = "urba.lire"


class DossierInstruction(DossierSuivi):
    """One request on an authorisation. Every date is a cache of the event log, kept by the engine."""

    WORKFLOW = "urba.instruction"

    class Canal(models.TextChoices):
        """By which way it came."""

        GUICHET = "guichet", "au guichet"
        COURRIER = "courrier", "par courrier"
        SVE = "sve", "en ligne"
        REPRISE = "reprise", "reprise d'un ancien logiciel"

    class Autorite(models.TextChoices):
        """In whose name the decision is taken."""

        COMMUNE = "commune", "le maire au nom de la commune"
        EPCI = "epci", "le président de l'EPCI"
        ETAT = "etat", "l'État"

    da = models.ForeignKey(DossierAutorisation, models.PROTECT, related_name="instructions")
    insee = models.CharField("commune", max_length=5)
    nature = models.CharField("nature", max_length=12, choices=[(n.value, n.value) for n in NatureDossier])
    rang = models.PositiveSmallIntegerField("rang", default=0)
    numero = models.CharField("numéro", max_length=24, unique=True)
    type_detail = models.CharField("type", max_length=5)
    canal = models.CharField("canal", max_length=10, choices=Canal, default=Canal.GUICHET)
    autorite = models.CharField("autorité", max_length=8, choices=Autorite, default=Autorite.COMMUNE)
    objet = models.CharField("objet", max_length=200, blank=True)
    objet_public = models.CharField("objet montré au public", max_length=200, blank=True)
    instructeur = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="instructions_urba"
    )
    service = models.ForeignKey(
        ServiceMairie, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="division"
    )
    client_uuid = models.UUIDField("clé de saisie", null=True, blank=True, unique=True)
    lots_vises = models.ManyToManyField(
        "urba.Lot", blank=True, related_name="transferts", verbose_name="lots transférés"
    )
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    # --- kept by the engine ---
    date_depot = models.DateField("déposé le", null=True, blank=True, editable=False)
    date_completude = models.DateField("complet le", null=True, blank=True, editable=False)
    fin_fenetre_un_mois = models.DateField("fin du premier mois", null=True, blank=True, editable=False)
    date_limite = models.DateField("date limite", null=True, blank=True, editable=False)
    date_limite_notifiee = models.DateField("date limite annoncée", null=True, blank=True, editable=False)
    date_limite_pieces = models.DateField("pièces jusqu'au", null=True, blank=True, editable=False)
    date_decision_implicite = models.DateField("décision implicite", null=True, blank=True, editable=False)
    date_decision = models.DateField("décision", null=True, blank=True, editable=False)
    date_notification = models.DateField("notification", null=True, blank=True, editable=False)
    validite_fin = models.DateField("valable jusqu'au", null=True, blank=True, editable=False)
    decision_implicite = models.CharField("sens du silence", max_length=24, null=True, editable=False)
    delai_mois = models.PositiveSmallIntegerField("délai (mois)", null=True, editable=False)
    alertes = ArrayField(models.CharField(max_length=40), null=True, editable=False, verbose_name="alertes")
    # --- kept by triggers of the database, whoever writes people, land or parcels (migration 0003) ---
    petitionnaire_nom = models.CharField("pétitionnaire", max_length=200, db_default="", editable=False)
    adresse_terrain = models.CharField("adresse du terrain", max_length=200, db_default="", editable=False)
    cherche = models.TextField(db_default="", editable=False)
    # Year in full, order, extension: the order of the numbers.
    rang_numero = models.GeneratedField(
        expression=Concat(
            Case(
                When(numero__regex=r"^.{8}[89]", then=Value("19")),
                default=Value("20"),
                output_field=CharField(),
            ),
            Substr("numero", 9),
        ),
        output_field=models.CharField(max_length=20),
        db_persist=True,
    )

    objects: ClassVar[Any] = RequeteInstructions.as_manager()

    class Meta:
        verbose_name = "dossier d'instruction"
        verbose_name_plural = "dossiers d'instruction"
        ordering = ("-date_depot", "-id")
        indexes = (
            models.Index(fields=("insee", "etat", "date_limite"), name="urba_di_bureau"),
            models.Index(
                F("insee"),
                F("date_depot").desc(nulls_last=True),
                F("id"),
                include=("etat",),
                name="urba_di_depot",
            ),
            # All that the list counts, filters and sorts by, read without the rows, wide with explanations.
            models.Index(
                fields=("insee", "etat"),
                include=(
                    "type_detail",
                    "nature",
                    "date_depot",
                    "date_limite",
                    "date_decision",
                    "validite_fin",
                    "instructeur",
                    "rang_numero",
                    "petitionnaire_nom",
                    "adresse_terrain",
                    "id",
                ),
                name="urba_di_liste",
            ),
            # Few different values: a small index, from which all the counts of the list are read.
            models.Index(fields=("insee", "etat", "type_detail", "nature"), name="urba_di_facettes"),
            index_cherche("urba_di_cherche"),
            # Orders of the list by what each row has of its own: its first page is read without sorting.
            *(
                models.Index(fields=("insee", champ, "id"), include=("etat",), name=f"urba_di_tri_{nom}")
                for champ, nom in (
                    ("rang_numero", "numero"),
                    ("petitionnaire_nom", "petitionnaire"),
                    ("adresse_terrain", "adresse"),
                )
            ),
            models.Index(fields=("instructeur", "etat", "date_limite"), name="urba_di_instructeur"),
            models.Index(fields=("da", "nature", "rang"), name="urba_di_da"),
            models.Index(fields=("etat", "date_decision_implicite"), name="urba_di_tacites"),
            GinIndex(fields=("alertes",), name="urba_di_alertes"),
        )
        constraints = (
            contrainte_etats("urba_di_etat", INSTRUCTION_URBA),
            models.UniqueConstraint(fields=("da", "nature", "rang"), name="urba_di_rang"),
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="urba_di_insee"),
            models.CheckConstraint(
                condition=Q(nature="INITIAL", rang=0) | (~Q(nature="INITIAL") & Q(rang__gte=1, rang__lte=99)),
                name="urba_di_rang_selon_nature",
            ),
            models.CheckConstraint(
                condition=Q(date_limite__isnull=True) | Q(date_limite__gte=F("date_depot")),
                name="urba_di_limite_apres_depot",
            ),
            models.CheckConstraint(
                condition=Q(date_completude__isnull=True) | Q(date_completude__gte=F("date_depot")),
                name="urba_di_completude_apres_depot",
            ),
        )

    def __str__(self) -> str:
        return lire_numero(self.numero).affichage

    @property
    def contexte_regles(self) -> Contexte:
        """What the rules need besides the log."""
        nature = self.nature if self.nature in ("MODIFICATIF", "TRANSFERT", "PROROGATION") else "INITIAL"
        alsace_moselle = self.insee[:2] in ("57", "67", "68")
        return Contexte(nature=nature, autorite=self.autorite, alsace_moselle=alsace_moselle)

    @property
    def libelle_etat(self) -> str:
        """The state as this kind of dossier calls it."""
        return libelle_etat(self.etat, type_delai(self.type_detail) if self.type_detail else None)


class LienDossier(models.Model):
    """Two authorisations tied by hand, and why."""

    un = models.ForeignKey(DossierAutorisation, models.CASCADE, related_name="liens_un")
    autre = models.ForeignKey(DossierAutorisation, models.CASCADE, related_name="liens_autre")
    motif = models.CharField("motif", max_length=200)
    cree_le = models.DateTimeField("créé le", default=timezone.now)
    cree_par = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    retire_le = models.DateTimeField("retiré le", null=True, blank=True)
    retire_par = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = "lien entre dossiers"
        verbose_name_plural = "liens entre dossiers"
        constraints = (
            models.UniqueConstraint(
                fields=("un", "autre"), condition=Q(retire_le__isnull=True), name="urba_lien_unique"
            ),
            # One order only, or the same pair would be there twice.
            models.CheckConstraint(condition=Q(un__lt=F("autre")), name="urba_lien_ordonne"),
        )

    def __str__(self) -> str:
        return f"{self.un} – {self.autre}"
