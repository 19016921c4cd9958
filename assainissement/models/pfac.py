"""Contributions to the sewer: one line a permit granted where a sewer serves (spec §3)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assainissement.circuits.pfac import LIBELLES, PFAC
from assainissement.models.tarifs import DeliberationTarif
from mairie.models import DossierSuivi, contrainte_etats
from mairie.requetes import RequeteVisible


class RequetePfac(RequeteVisible):
    """Contributions of the communes where one bills."""

    DROIT_LIRE = "assainissement.facturer"


class Pfac(DossierSuivi):
    """One contribution. ``entrees`` and ``resultat``: case of §6.4 and its answer, frozen at the connection.

    ``dossier_urba``: number of the permit, in words; ``raccorde_le``: told before it could be computed.
    """

    WORKFLOW = "assainissement.pfac"

    insee = models.CharField("commune", max_length=5)
    numero = models.CharField("numéro", max_length=24, unique=True, editable=False)
    dossier_urba = models.CharField("permis", max_length=40)
    redevable = models.ForeignKey(
        "mairie.Tiers", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="redevable"
    )
    parcelles = models.JSONField("parcelles", default=list)
    decision_le = models.DateField("décision du", null=True, blank=True)
    deliberation = models.ForeignKey(
        DeliberationTarif,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="délibération",
    )
    entrees = models.JSONField("projet", default=dict, blank=True, encoder=DjangoJSONEncoder)
    resultat = models.JSONField("calcul", default=dict, blank=True, encoder=DjangoJSONEncoder)
    montant = models.DecimalField("montant", max_digits=10, decimal_places=2, null=True, editable=False)
    raccorde_le = models.DateField("raccordement annoncé le", null=True, blank=True, editable=False)
    cree_le = models.DateTimeField("créée le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    # --- kept by the engine ---
    date_raccordement = models.DateField("raccordée le", null=True, blank=True, editable=False)
    titree_le = models.DateField("titre notifié le", null=True, blank=True, editable=False)
    limite_contestation = models.DateField("contestable jusqu'au", null=True, blank=True, editable=False)
    soldee_le = models.DateField("payée le", null=True, blank=True, editable=False)

    objects: ClassVar[Any] = RequetePfac.as_manager()

    class Meta:
        verbose_name = "participation au réseau (PFAC)"
        verbose_name_plural = "participations au réseau (PFAC)"
        ordering = ("-numero",)
        indexes = (models.Index(fields=("insee", "etat"), name="ass_pfac_etat"),)
        constraints = (
            contrainte_etats("ass_pfac_circuit", PFAC),
            models.UniqueConstraint(
                fields=("insee", "dossier_urba"), condition=~Q(etat="annulee"), name="ass_pfac_une_par_permis"
            ),
            models.CheckConstraint(
                condition=Q(montant__isnull=True) | Q(montant__gte=0), name="ass_pfac_montant"
            ),
            models.CheckConstraint(
                condition=~Q(etat__in=("exigible", "titree", "soldee")) | Q(montant__gt=0),
                name="ass_pfac_due_a_son_montant",
            ),
        )

    def __str__(self) -> str:
        return self.numero

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/pfac/{self.pk}/"

    @property
    def figee(self) -> bool:
        """The debt exists: ``resultat`` holds; a connection struck out leaves a simulation again."""
        return self.etat in ("exigible", "titree", "soldee")

    @property
    def libelle_etat(self) -> str:
        """The state in words."""
        return LIBELLES[self.etat]
