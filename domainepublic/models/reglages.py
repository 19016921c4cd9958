"""What a commune says of a type of occupation in its own way; what it leaves empty is as for all."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from domainepublic.models.dossiers import INSEE
from domainepublic.models.travaux import RequeteTravaux
from domainepublic.models.types import TypeOccupation, morceaux


class ReglageType(models.Model):
    """Own label, pieces, delay, account of a type in one commune. ``propose`` false: closed there.

    ``unites``: codes among those of the type, the usual one first. ``pieces``: one a line.
    """

    insee = models.CharField("commune", max_length=5)
    type = models.ForeignKey(
        TypeOccupation, models.CASCADE, related_name="reglages", verbose_name="type d'occupation"
    )
    propose = models.BooleanField("proposé dans la commune", default=True)
    libelle = models.CharField("libellé", max_length=200, blank=True)
    libelle_public = models.CharField("libellé pour le public", max_length=120, blank=True)
    unites = models.CharField("unités, l'usuelle d'abord", max_length=80, blank=True)
    pieces = models.TextField("pièces demandées", blank=True, help_text="Une par ligne.")
    delai_conseille_jours = models.PositiveSmallIntegerField("délai conseillé (jours)", null=True, blank=True)
    imputation = models.CharField("imputation comptable", max_length=20, blank=True)

    objects: ClassVar[Any] = RequeteTravaux.as_manager()

    class Meta:
        verbose_name = "réglage d'un type"
        verbose_name_plural = "réglages des types"
        ordering = ("insee", "type")
        constraints = (
            models.UniqueConstraint(
                fields=("insee", "type"), name="odp_reglage_un_par_type",
                violation_error_message="Ce type est déjà réglé dans cette commune.",
            ),
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="odp_reglage_insee"),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.type}, commune {self.insee}"

    def clean(self) -> None:
        """Units that the type has."""
        if self.type_id is None:
            return
        connues = self.type.liste_unites
        if inconnues := [u for u in morceaux(self.unites) if u not in connues]:
            dites, permises = ", ".join(inconnues), ", ".join(connues)
            raise ValidationError({"unites": f"Ce type ne se compte pas en {dites}, mais en {permises}."})
