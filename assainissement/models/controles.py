"""Controls of installations, what was answered, the works asked. State, dates and conclusion: a cache."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from assainissement.circuits.controle import CONTROLE
from assainissement.circuits.etats import CONCLUS, NOTIFIES, OUVERTS, SAISISSABLES
from assainissement.circuits.etats import CONTROLE as LIBELLES
from assainissement.circuits.recalcul import Contexte
from assainissement.models.installations import Installation
from assainissement.models.points import PointControle
from assainissement.models.visibles import RequeteControles
from assainissement.regles.tables import anc, natures
from assainissement.regles.tables import echeances as table
from assainissement.regles.tables.points import REPONSES
from mairie.models import DossierSuivi, contrainte_etats


def _date(libelle: str) -> Any:
    return models.DateField(libelle, null=True, blank=True, editable=False)


class Controle(DossierSuivi):
    """One control of one installation, of one nature. ``nombres``: figures of the form, as typed."""

    WORKFLOW = "assainissement.controle"

    insee = models.CharField("commune", max_length=5)
    numero = models.CharField("numéro", max_length=26, unique=True, null=True, blank=True, editable=False)
    installation = models.ForeignKey(Installation, models.PROTECT, related_name="controles")
    nature = models.CharField("nature", max_length=20, choices=list(natures.NATURES.items()))
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="controles_anc",
        verbose_name="contrôleur",
    )  # fmt: skip
    prestataire = models.ForeignKey(
        "assainissement.Prestataire", models.PROTECT, null=True, blank=True, related_name="controles",
        verbose_name="prestataire",
    )  # fmt: skip
    # Grows with each writing of the observations: what a phone had seen before it lost the network.
    ecritures = models.PositiveIntegerField("écritures du constat", default=0, editable=False)
    controle_precedent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="suites",
        verbose_name="contrôle précédent",
    )
    vente = models.BooleanField("pour une vente", default=False)
    nombres = models.JSONField("mesures", default=dict, blank=True, encoder=DjangoJSONEncoder)
    # Nature of article 3 (conception, execution): said by the technician, no table decides.
    conclusion_travaux = models.CharField(
        "conclusion", max_length=12, blank=True,
        choices=((natures.CONFORME, "conforme"), (natures.NON_CONFORME, "non conforme")),
    )  # fmt: skip
    observations_libres = models.TextField("observations", blank=True)
    client_uuid = models.UUIDField("clé de saisie", null=True, blank=True, unique=True)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    # --- kept by the engine ---
    date_rdv = _date("rendez-vous")
    creneau = models.CharField("créneau", max_length=40, blank=True, editable=False)
    date_visite = _date("visite")
    date_rapport = _date("rapport")
    date_notification = _date("rapport reçu le")
    date_acte = _date("acte de vente")
    date_levee = _date("non-conformité levée le")
    relance_le = _date("relancer le")
    echeance_travaux = _date("travaux avant le")
    fin_validite_rapport = _date("valable jusqu'au")
    prochain_controle = _date("prochain contrôle")
    issue = models.CharField("issue", max_length=16, blank=True, editable=False)
    regle = models.CharField("règle", max_length=2, blank=True, editable=False)
    cas = models.CharField("cas", max_length=1, blank=True, editable=False)
    conclusion = models.CharField("conclusion", max_length=40, blank=True, editable=False)
    nb_relances = models.PositiveSmallIntegerField("relances", default=0, editable=False)

    objects: ClassVar[Any] = RequeteControles.as_manager()

    class Meta:
        verbose_name = "contrôle"
        verbose_name_plural = "contrôles"
        ordering = ("-date_visite", "-id")
        indexes = (
            models.Index(fields=("insee", "etat", "date_rdv"), name="anc_controle_bureau"),
            models.Index(fields=("agent", "date_rdv"), name="anc_controle_agenda"),
            models.Index(fields=("insee", "-date_visite"), name="anc_controle_visite"),
            models.Index(fields=("installation", "-date_visite"), name="anc_controle_histoire"),
        )
        constraints = (
            contrainte_etats("anc_controle_etat", CONTROLE),
            models.CheckConstraint(condition=Q(nature__in=list(natures.NATURES)), name="anc_controle_nature"),
            models.CheckConstraint(
                condition=Q(agent__isnull=True) | Q(prestataire__isnull=True), name="anc_controle_par_un_seul"
            ),
            models.CheckConstraint(
                condition=(Q(date_rapport__isnull=True) | Q(date_visite__lte=F("date_rapport")))
                & (Q(date_notification__isnull=True) | Q(date_rapport__lte=F("date_notification"))),
                name="anc_controle_dates",
            ),
            models.CheckConstraint(condition=Q(regle__in=("", *anc.CODES_REGLES)), name="anc_controle_regle"),
            models.CheckConstraint(condition=Q(issue__in=("", *table.ISSUES)), name="anc_controle_issue"),
            models.UniqueConstraint(
                fields=("installation", "nature"),
                condition=Q(etat__in=("", *OUVERTS)),
                name="anc_un_controle_ouvert",
                violation_error_message="Un contrôle de cette nature est déjà ouvert sur cette installation.",
            ),
        )

    def __str__(self) -> str:
        return self.numero or "contrôle à enregistrer"

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/controles/{self.pk}/"

    @property
    def contexte_regles(self) -> Contexte:
        """What the rules need besides the log."""
        return Contexte(self.nature, self.existant)

    @property
    def controleur(self) -> str:
        """Who makes the visit; empty when nobody is named."""
        return str(self.agent or self.prestataire or "")

    @property
    def existant(self) -> bool:
        """Of an existing installation: the table of conclusions decides."""
        return self.nature in natures.EXISTANT

    @property
    def libelle_etat(self) -> str:
        """The state in words."""
        return LIBELLES[self.etat]

    @property
    def resultat(self) -> dict[str, Any]:
        """The conclusion as frozen at its validation; empty before."""
        return dict(self.calculs.get("resultat") or {})

    @property
    def ouvert(self) -> bool:
        """Still to make, or its report to hand over."""
        return self.etat in OUVERTS

    @property
    def conclu(self) -> bool:
        """The conclusion is frozen."""
        return self.etat in CONCLUS

    @property
    def saisissable(self) -> bool:
        """Observations may be written."""
        return self.etat in SAISISSABLES

    @property
    def verrou(self) -> int:
        """0 open, 1 technical part locked, 2 all locked."""
        return (
            2
            if self.etat in ("clos", "annule")
            else 1
            if self.etat in CONCLUS or self.etat in NOTIFIES
            else 0
        )


class Observation(models.Model):
    """The answer to one question of one control."""

    controle = models.ForeignKey(Controle, models.CASCADE, related_name="observations")
    point = models.ForeignKey(PointControle, models.PROTECT, related_name="+")
    reponse = models.CharField("réponse", max_length=12, choices=list(REPONSES.items()))
    commentaire = models.CharField("commentaire", max_length=500, blank=True)

    class Meta:
        verbose_name = "observation"
        verbose_name_plural = "observations"
        ordering = ("point__ordre", "id")
        constraints = (
            models.UniqueConstraint(fields=("controle", "point"), name="anc_observation_une_fois"),
            models.CheckConstraint(condition=Q(reponse__in=list(REPONSES)), name="anc_observation_reponse"),
        )

    def __str__(self) -> str:
        return f"{self.point} : {self.get_reponse_display()}"


class Travail(models.Model):
    """Works that a report asks, first things first."""

    controle = models.ForeignKey(Controle, models.CASCADE, related_name="travaux")
    libelle = models.CharField("travaux", max_length=300)
    priorite = models.PositiveSmallIntegerField("priorité")
    motif = models.CharField("motif", max_length=40, blank=True)
    fait_le = models.DateField("faits le", null=True, blank=True)

    class Meta:
        verbose_name = "travaux demandés"
        verbose_name_plural = "travaux demandés"
        ordering = ("priorite", "id")
        constraints = (
            models.UniqueConstraint(fields=("controle", "priorite"), name="anc_travail_priorite"),
            models.CheckConstraint(condition=Q(priorite__gte=1), name="anc_travail_rang"),
        )

    def __str__(self) -> str:
        return self.libelle
