"""The event log of all dossiers, and what a dossier that follows it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

if TYPE_CHECKING:
    from mairie.workflow.modele import Workflow


class Evenement(models.Model):
    """One event of one dossier: the truth from which its state and dates are recomputed.

    Append-only (database trigger), but for the mark ``annule_par``. ``avant`` and ``apres`` hold state and
    dates as they were computed then; ``version`` is that of the dossier after it. ``cle``: given by the form,
    so that a form sent twice makes one event.
    """

    dossier_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    dossier_id = models.BigIntegerField("dossier")
    dossier = GenericForeignKey("dossier_type", "dossier_id")
    workflow = models.CharField("workflow", max_length=60)
    type = models.CharField("type", max_length=60)
    date_effet = models.DateField("date d'effet")
    saisi_le = models.DateTimeField("saisi le", default=timezone.now)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="auteur",
    )
    au_nom_de = models.CharField("acteur sans compte", max_length=120, blank=True)
    donnees = models.JSONField("données", default=dict, blank=True, encoder=DjangoJSONEncoder)
    avant = models.JSONField("avant", default=dict, encoder=DjangoJSONEncoder)
    apres = models.JSONField("après", default=dict, encoder=DjangoJSONEncoder)
    explication = models.JSONField("explication", default=list, blank=True, encoder=DjangoJSONEncoder)
    motif = models.TextField("motif", blank=True)
    forcages = models.JSONField("conditions forcées", default=list, blank=True)
    version = models.PositiveIntegerField("version du dossier")
    cle = models.UUIDField("clé de saisie", null=True, blank=True, unique=True)
    annule_par = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="annule", verbose_name="annulé par"
    )

    class Meta:
        verbose_name = "événement"
        verbose_name_plural = "événements"
        ordering = ("date_effet", "id")
        indexes = (
            models.Index(fields=("dossier_type", "dossier_id", "date_effet", "id"), name="evenement_journal"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("dossier_type", "dossier_id", "version"), name="evenement_une_version"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="evenement_version_positive"),
            models.CheckConstraint(
                condition=Q(workflow__regex=r"^[a-z]+\.[a-z_]+$", type__regex=r"^[a-z][a-z0-9_]*$"),
                name="evenement_codes",
            ),
            models.CheckConstraint(
                condition=Q(auteur__isnull=False, au_nom_de="") | (Q(auteur__isnull=True) & ~Q(au_nom_de="")),
                name="evenement_un_auteur",
            ),
            models.CheckConstraint(
                condition=~Q(type="annulation_evenement") | ~Q(motif=""), name="evenement_annulation_motivee"
            ),
            models.CheckConstraint(
                condition=Q(annule_par__isnull=True) | Q(annule_par__gt=F("id")),
                name="evenement_annule_par_un_suivant",
            ),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.date_effet}"

    @property
    def par(self) -> str:
        """Who did it, as shown on screen."""
        return str(self.auteur) if self.auteur_id else self.au_nom_de


class DossierSuivi(models.Model):
    """What follows a workflow. Only ``mairie.workflow`` writes these columns: they are a cache of the log.

    A subclass names its workflow in ``WORKFLOW`` and adds ``contrainte_etats`` to its constraints.
    """

    WORKFLOW: ClassVar[str]

    etat = models.CharField("état", max_length=40, default="", blank=True, editable=False)
    version = models.PositiveIntegerField("version", default=0, editable=False)
    dates = models.JSONField("dates calculées", default=dict, blank=True, editable=False)
    calculs = models.JSONField("autres calculs", default=dict, blank=True, editable=False)
    explication = models.JSONField("explication", default=list, blank=True, editable=False)
    calcule_au = models.DateField("calculé au", null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def save(self, **options: Any) -> None:
        """Save all but what the engine keeps: an edit form opened before an event must not take it back."""
        if not self._state.adding and options.get("update_fields") is None:
            from mairie.workflow.registre import trouver

            tenues = {
                "etat",
                "version",
                "dates",
                "calculs",
                "explication",
                "calcule_au",
                *trouver(self.WORKFLOW).colonnes,
            }
            options["update_fields"] = [
                f.name
                for f in self._meta.concrete_fields
                if not f.primary_key
                and not f.generated
                and not {f.name, f.attname} & (tenues | self.get_deferred_fields())
            ]
        super().save(**options)


def contrainte_etats(nom: str, workflow: Workflow) -> models.CheckConstraint:
    """The column ``etat`` holds a declared state, or nothing while the log is empty."""
    return models.CheckConstraint(condition=Q(etat__in=["", *(e.code for e in workflow.etats)]), name=nom)
