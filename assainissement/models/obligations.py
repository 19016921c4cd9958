"""What the owner must do after a control, and before when."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from assainissement.circuits.etats import OBLIGATION as LIBELLES
from assainissement.circuits.etats import OBLIGATIONS
from assainissement.circuits.obligation import OBLIGATION, VIVANTES
from assainissement.models.controles import Controle
from mairie.models import DossierSuivi, contrainte_etats
from mairie.requetes import RequeteVisible


class RequeteObligations(RequeteVisible):
    """Obligations of the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"


class Obligation(DossierSuivi):
    """Works, an installation to make, access to give. ``echeance`` null: as soon as can be, or not known."""

    WORKFLOW = "assainissement.obligation"

    insee = models.CharField("commune", max_length=5)
    controle = models.ForeignKey(Controle, models.PROTECT, related_name="obligations")
    nature = models.CharField("nature", max_length=8, choices=list(OBLIGATIONS.items()))
    echeance = models.DateField("échéance", null=True, blank=True, editable=False)
    regle_echeance = models.CharField("règle de l'échéance", max_length=24, blank=True, editable=False)

    objects: ClassVar[Any] = RequeteObligations.as_manager()

    class Meta:
        verbose_name = "obligation"
        verbose_name_plural = "obligations"
        ordering = ("echeance", "id")
        indexes = (models.Index(fields=("insee", "etat", "echeance"), name="anc_obligation_bureau"),)
        constraints = (
            contrainte_etats("anc_obligation_etat", OBLIGATION),
            models.CheckConstraint(condition=Q(nature__in=list(OBLIGATIONS)), name="anc_obligation_nature"),
            models.UniqueConstraint(
                fields=("controle", "nature"),
                condition=Q(etat__in=("", *VIVANTES)),
                name="anc_une_obligation_vivante",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_nature_display()} ({self.controle})"

    def get_absolute_url(self) -> str:
        """On the page of the installation."""
        return f"/assainissement/obligations/{self.pk}/"

    @property
    def libelle_etat(self) -> str:
        """The state in words."""
        return LIBELLES[self.etat]

    @property
    def vivante(self) -> bool:
        """Still due."""
        return self.etat in VIVANTES
