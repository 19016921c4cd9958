"""What every reference table has: code, label, period, order; rows are switched off, never deleted."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q


class RequeteReference(models.QuerySet[Any]):
    """Rows of a reference table."""

    def valides(self, jour: date) -> Any:
        """Rows in use on that day, in their order."""
        return self.filter(
            Q(valide_du__isnull=True) | Q(valide_du__lte=jour),
            Q(valide_au__isnull=True) | Q(valide_au__gte=jour),
            actif=True,
        ).order_by("ordre", "libelle")


class TableReference(models.Model):
    """Base of reference tables. ``valide_du`` and ``valide_au`` are both included; null: no bound.

    The same code may come back for another period. Subclasses keep ``Meta(TableReference.Meta)``.
    """

    code = models.CharField("code", max_length=40)
    libelle = models.CharField("libellé", max_length=200)
    valide_du = models.DateField("valide du", null=True, blank=True)
    valide_au = models.DateField("valide au (compris)", null=True, blank=True)
    ordre = models.PositiveIntegerField("ordre", default=0, help_text="Les plus petits d'abord.")
    actif = models.BooleanField("proposé", default=True)

    objects: ClassVar[Any] = RequeteReference.as_manager()

    class Meta:
        abstract = True
        ordering = ("ordre", "libelle")
        constraints = (
            models.UniqueConstraint(
                fields=("code", "valide_du"),
                name="%(app_label)s_%(class)s_code",
                nulls_distinct=False,
                violation_error_message="Ce code existe déjà pour cette période.",
            ),
            models.CheckConstraint(
                condition=Q(valide_au__isnull=True)
                | Q(valide_du__isnull=True)
                | Q(valide_au__gte=F("valide_du")),
                name="%(app_label)s_%(class)s_periode",
                violation_error_message="La période finit avant de commencer.",
            ),
        )

    def __str__(self) -> str:
        return self.libelle
