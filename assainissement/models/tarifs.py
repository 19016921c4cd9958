"""Tariffs as voted, one deliberation an object, and the figures of the law as dated rows (spec §3, §5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from assainissement.circuits.etats_ac import MOTIFS
from assainissement.regles.redevance import LigneVotee
from assainissement.regles.tables.natures import NATURES
from mairie.periodes import BandeNombres, PeriodeJours
from mairie.requetes import RequeteVisible

ENTRETIEN, ABONNEMENT, CONTROLE_AC = "entretien", "abonnement", "controle_ac"
AC_CONTRE_VISITE = "ac_contre_visite"
# One row for all controls of connection, or one for a reason of control.
NATURES_AC = {
    CONTROLE_AC: "Contrôle de raccordement",
    **{f"ac_{code}": f"Contrôle de raccordement, {mot}" for code, mot in MOTIFS.items()},
    AC_CONTRE_VISITE: "Contre-visite de raccordement",
}
NATURES_TARIF = {
    **NATURES,
    ENTRETIEN: "Contrat d'entretien",
    ABONNEMENT: "Abonnement annuel",
    **NATURES_AC,
}


class RequeteDeliberations(RequeteVisible):
    """Deliberations of the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"

    def en_vigueur(self, insee: str, objet: str, jour: date) -> Any:
        """The one of that day; null when nothing is voted."""
        return self.filter(
            Q(date_fin__isnull=True) | Q(date_fin__gte=jour), insee=insee, objet=objet, date_effet__lte=jour
        ).first()


class DeliberationTarif(models.Model):
    """What the assembly voted for one object. ``regles``: figures that are no rows.

    PFAC: fields of §6.4 but for the dates; majoration: ``taux`` in percent.
    """

    class Objet(models.TextChoices):
        """What it prices."""

        ANC = "redevance_anc", "redevance d'assainissement non collectif"
        AC = "redevance_ac", "redevance de contrôle des raccordements"
        MAJORATION = "majoration", "majoration après refus de visite"
        PFAC = "pfac", "participation au réseau (PFAC)"

    insee = models.CharField("commune", max_length=5)
    objet = models.CharField("objet", max_length=16, choices=Objet)
    reference = models.CharField("délibération", max_length=80, help_text="Son numéro et sa date.")
    date_effet = models.DateField("en vigueur du")
    date_fin = models.DateField("au (compris)", null=True, blank=True)
    regles = models.JSONField("règles", default=dict, blank=True, encoder=DjangoJSONEncoder)
    cree_le = models.DateTimeField("créée le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteDeliberations.as_manager()

    class Meta:
        verbose_name = "délibération tarifaire"
        verbose_name_plural = "délibérations tarifaires"
        ordering = ("insee", "objet", "-date_effet")
        constraints = (
            models.CheckConstraint(
                condition=Q(objet__in=("redevance_anc", "redevance_ac", "majoration", "pfac")),
                name="ass_deliberation_objet",
            ),
            models.CheckConstraint(
                condition=Q(date_fin__isnull=True) | Q(date_fin__gte=F("date_effet")),
                name="ass_deliberation_dates",
            ),
            models.CheckConstraint(condition=~Q(reference=""), name="ass_deliberation_reference"),
            # Two deliberations for one object never hold on one day.
            ExclusionConstraint(
                name="ass_deliberation_une_par_jour",
                expressions=[
                    ("insee", RangeOperators.EQUAL),
                    ("objet", RangeOperators.EQUAL),
                    (PeriodeJours(F("date_effet"), F("date_fin"), Value("[]")), RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        objet = self.get_objet_display()
        return f"{objet[:1].upper()}{objet[1:]}, {self.reference}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/tarifs/{self.pk}/"

    @property
    def taux(self) -> Decimal | None:
        """Rate of a surcharge, in percent."""
        return Decimal(str(self.regles["taux"])) if self.regles.get("taux") else None

    def votees(self) -> list[LigneVotee]:
        """Its rows as the rules read them."""
        return [
            LigneVotee(x.nature, x.montant_ht, x.taux_tva, x.eh_min, x.eh_max, x.unite)
            for x in self.lignes.all()
        ]


class LigneTarif(models.Model):
    """A price for a nature, whole or by capacity: more than ``eh_min`` EH, up to ``eh_max`` included."""

    class Unite(models.TextChoices):
        """What it is the price of."""

        CONTROLE = "controle", "par contrôle"
        AN = "an", "par an"

    deliberation = models.ForeignKey(DeliberationTarif, models.CASCADE, related_name="lignes")
    nature = models.CharField("nature", max_length=20, choices=list(NATURES_TARIF.items()))
    eh_min = models.DecimalField("plus de (EH)", max_digits=8, decimal_places=1, null=True, blank=True)
    eh_max = models.DecimalField("jusqu'à (EH)", max_digits=8, decimal_places=1, null=True, blank=True)
    unite = models.CharField("unité", max_length=8, choices=Unite, default=Unite.CONTROLE)
    montant_ht = models.DecimalField("montant hors taxe (€)", max_digits=10, decimal_places=2)
    taux_tva = models.DecimalField(
        "TVA (%)", max_digits=4, decimal_places=2, null=True, blank=True, help_text="Vide : sans TVA."
    )

    class Meta:
        verbose_name = "ligne de tarif"
        verbose_name_plural = "lignes de tarif"
        ordering = ("deliberation", "nature", "eh_max", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(montant_ht__gte=0)
                & (Q(taux_tva__isnull=True) | Q(taux_tva__gte=0, taux_tva__lte=100)),
                name="ass_tarif_montants",
            ),
            models.CheckConstraint(
                condition=Q(eh_min__isnull=True) | Q(eh_max__isnull=True) | Q(eh_max__gt=F("eh_min")),
                name="ass_tarif_bande",
            ),
            models.CheckConstraint(condition=Q(nature__in=list(NATURES_TARIF)), name="ass_tarif_nature"),
            ExclusionConstraint(
                name="ass_tarif_une_bande",
                expressions=[
                    ("deliberation", RangeOperators.EQUAL),
                    ("nature", RangeOperators.EQUAL),
                    (BandeNombres(F("eh_min"), F("eh_max"), Value("(]")), RangeOperators.OVERLAPS),
                ],
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_nature_display()}{f', {self.bande}' if self.bande else ''}"

    @property
    def bande(self) -> str:
        """Its capacity in words."""
        if self.eh_min is None and self.eh_max is None:
            return ""
        bas = f"plus de {_eh(self.eh_min)}" if self.eh_min is not None else ""
        haut = f"jusqu'à {_eh(self.eh_max)}" if self.eh_max is not None else ""
        return f"{', '.join(x for x in (bas, haut) if x)} EH"


def _eh(valeur: Decimal) -> str:
    return f"{valeur.normalize():f}".replace(".", ",")


class ParametreLoi(models.Model):
    """A figure of the law as shipped; ``a_confirmer``: inactive until somebody says where it was checked."""

    code = models.CharField("code", max_length=30)
    libelle = models.CharField("libellé", max_length=160)
    valeur = models.DecimalField("valeur", max_digits=10, decimal_places=2, null=True, blank=True)
    detail = models.CharField("valeurs", max_length=80, blank=True)
    unite = models.CharField("unité", max_length=12, blank=True)
    article = models.CharField("article", max_length=120)
    valide_du = models.DateField("en vigueur du")
    valide_au = models.DateField("au", null=True, blank=True)
    a_confirmer = models.BooleanField("à confirmer", default=False)
    confirme_par = models.CharField("référence de la vérification", max_length=160, blank=True)
    actif_le = models.DateField("actif depuis le", null=True, blank=True)
    active_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = "paramètre de la loi"
        verbose_name_plural = "paramètres de la loi"
        ordering = ("code", "-valide_du")
        constraints = (
            models.UniqueConstraint(fields=("code", "valide_du"), name="ass_parametre_une_version"),
            models.CheckConstraint(
                condition=Q(actif_le__isnull=True, confirme_par="")
                | Q(actif_le__isnull=False) & ~Q(confirme_par=""),
                name="ass_parametre_active_par_reference",
            ),
            models.CheckConstraint(
                condition=Q(valide_au__isnull=True) | Q(valide_au__gte=F("valide_du")),
                name="ass_parametre_periode",
            ),
        )

    def __str__(self) -> str:
        return self.libelle

    @property
    def actif(self) -> bool:
        """Its figure holds: shipped as sure, or checked since."""
        return not self.a_confirmer or self.actif_le is not None

    @property
    def en_mots(self) -> str:
        """The figure with its unit."""
        if self.valeur is None:
            return self.detail
        nombre = f"{self.valeur.normalize():f}".replace(".", ",")
        mot = "an" if (self.unite, nombre) == ("annees", "1") else UNITES.get(self.unite, self.unite)
        return f"{nombre} {mot}".strip()


UNITES = {
    "annees": "ans", "mois": "mois", "jours": "jours", "m": "m", "rapport": "", "pourcent": "%",
}  # fmt: skip
