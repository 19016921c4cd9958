"""Projects of installations: what is asked before works, and checked before backfill (spec §7)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assainissement.circuits.projet import PROJET
from assainissement.circuits.projet import PROJET_ETATS as LIBELLES
from assainissement.models.controles import Controle
from assainissement.models.installations import Installation
from assainissement.regles.tables.projets import SENS
from mairie.models import DossierSuivi, contrainte_etats
from mairie.requetes import RequeteVisible


class RequeteProjets(RequeteVisible):
    """Projects of the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"


class ProjetAnc(DossierSuivi):
    """One project on one installation. ``autorisation``, ``dossier_urba``: numbers of the permit that asks.

    ``limite``, ``avis_le``, ``sens`` and ``conforme_le`` come from its log.
    """

    WORKFLOW = "assainissement.projet"

    insee = models.CharField("commune", max_length=5)
    installation = models.ForeignKey(Installation, models.PROTECT, related_name="projets")
    rehabilitation = models.BooleanField("réhabilitation", default=False)
    autorisation = models.CharField("autorisation d'urbanisme", max_length=30, blank=True)
    dossier_urba = models.CharField("dossier d'urbanisme", max_length=30, blank=True)
    # Asked by the urbanism service itself, which waits for an answer.
    consultation = models.BooleanField("avis attendu par l'urbanisme", default=False)
    objet = models.CharField("projet", max_length=200, blank=True)
    controle_conception = models.ForeignKey(
        Controle,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="contrôle de conception",
    )
    controle_execution = models.ForeignKey(
        Controle, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="contrôle d'exécution"
    )
    client_uuid = models.UUIDField("clé de saisie", null=True, blank=True, unique=True)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    # --- kept by the engine ---
    limite = models.DateField("réponse attendue le", null=True, blank=True, editable=False)
    avis_le = models.DateField("avis rendu le", null=True, blank=True, editable=False)
    conforme_le = models.DateField("travaux conformes le", null=True, blank=True, editable=False)
    sens = models.CharField("avis", max_length=24, blank=True, choices=list(SENS.items()), editable=False)

    objects: ClassVar[Any] = RequeteProjets.as_manager()

    class Meta:
        verbose_name = "projet d'installation"
        verbose_name_plural = "projets d'installations"
        ordering = ("-id",)
        indexes = (models.Index(fields=("insee", "etat", "limite"), name="anc_projet_bureau"),)
        constraints = (
            contrainte_etats("anc_projet_etat", PROJET),
            models.CheckConstraint(condition=Q(sens__in=("", *SENS)), name="anc_projet_sens"),
            models.UniqueConstraint(
                fields=("autorisation",), condition=~Q(autorisation=""), name="anc_projet_par_permis"
            ),
        )

    def __str__(self) -> str:
        return f"Projet {self.installation}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/projets/{self.pk}/"

    @property
    def libelle_etat(self) -> str:
        """The state in words."""
        return LIBELLES[self.etat]
