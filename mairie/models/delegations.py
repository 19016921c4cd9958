"""Who signs for a collectivité: the mayor or president by office, others by delegation."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from mairie.models.collectivites import Collectivite, RequeteDeCollectivite


class PeriodeFermee(Func):
    """``daterange(du, au, '[]')``: both days included, without end when ``au`` is null."""

    function = "daterange"
    output_field = DateRangeField()


class Delegation(models.Model):
    """A person signs kinds of acts for a collectivité, from ``du`` to ``au`` (both included).

    ``titulaire``: signs everything by office (mayor, president), one at a time. ``types_actes``: codes
    declared by the trades (``urba.permis``), or a whole trade (``urba``).
    """

    collectivite = models.ForeignKey(
        Collectivite, models.PROTECT, related_name="delegations", verbose_name="collectivité"
    )
    delegataire = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="delegations", verbose_name="signataire"
    )
    titulaire = models.BooleanField("signe par sa fonction (maire, président)", default=False)
    qualite = models.CharField("qualité, telle qu'imprimée sur les actes", max_length=150)
    types_actes = ArrayField(
        models.CharField(max_length=80), default=list, blank=True, verbose_name="actes délégués"
    )
    du = models.DateField("du")
    au = models.DateField("au (compris)", null=True, blank=True)
    acte_reference = models.CharField("arrêté de délégation", max_length=80, blank=True)
    acte_date = models.DateField("date de l'arrêté", null=True, blank=True)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    cree_le = models.DateTimeField("créée le", auto_now_add=True)

    objects = RequeteDeCollectivite.as_manager()

    class Meta:
        verbose_name = "délégation de signature"
        verbose_name_plural = "délégations de signature"
        ordering = ("collectivite", "-titulaire", "du", "pk")
        indexes = (models.Index(fields=("collectivite", "du"), name="delegation_collectivite"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(au__isnull=True) | Q(au__gte=F("du")), name="delegation_dates"
            ),
            models.CheckConstraint(
                condition=Q(titulaire=True, types_actes__len=0) | Q(titulaire=False, types_actes__len__gte=1),
                name="delegation_titulaire_ou_actes",
            ),
            models.CheckConstraint(
                condition=Q(titulaire=True) | (~Q(acte_reference="") & Q(acte_date__isnull=False)),
                name="delegation_par_arrete",
            ),
            ExclusionConstraint(
                name="delegation_un_titulaire",
                expressions=(
                    (F("collectivite"), RangeOperators.EQUAL),
                    (PeriodeFermee(F("du"), F("au"), Value("[]")), RangeOperators.OVERLAPS),
                ),
                condition=Q(titulaire=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.delegataire}, {self.qualite}"
