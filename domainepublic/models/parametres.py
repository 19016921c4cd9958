"""Figures that the settings hold: chosen by the administrator, or of the law and waiting to be confirmed."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class ParametreODP(models.Model):
    """One figure, common to all communes. ``confirme_par``: who says so and after which text."""

    code = models.CharField("code", max_length=40, unique=True)
    libelle = models.CharField("libellé", max_length=160)
    famille = models.CharField("famille", max_length=16)
    valeur = models.DecimalField("valeur", max_digits=10, decimal_places=2, null=True, blank=True)
    unite = models.CharField("unité", max_length=12, blank=True)
    texte_reference = models.CharField("texte", max_length=120)
    a_confirmer = models.BooleanField("à confirmer", default=False)
    confirme_par = models.CharField("vérifié par", max_length=160, blank=True)
    actif_le = models.DateField("actif depuis le", null=True, blank=True)
    modifie_le = models.DateTimeField("modifié le", null=True, blank=True, editable=False)
    modifie_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = "paramètre du domaine public"
        verbose_name_plural = "paramètres du domaine public"
        ordering = ("famille", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(actif_le__isnull=True, confirme_par="")
                | Q(actif_le__isnull=False) & ~Q(confirme_par=""),
                name="odp_parametre_active_par_quelqu_un",
            ),
        )

    def __str__(self) -> str:
        return self.libelle

    @property
    def actif(self) -> bool:
        """Its figure holds: shipped as sure, or checked since."""
        return not self.a_confirmer or self.actif_le is not None

    @property
    def du_jour(self) -> ValeurParametre | None:
        """The choice in force today; null while the figure is the one shipped."""
        jour = timezone.localdate()
        return next((v for v in self.valeurs.all() if v.du <= jour), None)

    @property
    def a_venir(self) -> list[ValeurParametre]:
        """Choices for days to come, the nearest first."""
        jour = timezone.localdate()
        return [v for v in reversed(self.valeurs.all()) if v.du > jour]

    @property
    def en_mots(self) -> str:
        """The figure with its unit."""
        if self.valeur is None:
            return "non chiffré"
        return en_mots(self.valeur, self.unite)


def en_mots(valeur: Decimal, unite: str) -> str:
    """A figure with its unit, in the right number."""
    nombre = f"{valeur.normalize():f}".replace(".", ",")
    mot = {"annees": "ans"}.get(unite, unite)
    if valeur == 1:
        mot = {"annees": "an", "jours": "jour", "heures": "heure"}.get(unite, mot)
    return f"{nombre} {mot}".strip()


class ValeurParametre(models.Model):
    """A delay of the service from a day on: with the decision that says so. Before the first, as shipped."""

    parametre = models.ForeignKey(ParametreODP, models.CASCADE, related_name="valeurs")
    valeur = models.DecimalField("valeur", max_digits=10, decimal_places=2)
    du = models.DateField("à partir du")
    reference = models.CharField(
        "référence", max_length=160, help_text="La décision qui le fixe, par exemple « délibération n° 12 »."
    )
    saisi_le = models.DateTimeField("saisie le", default=timezone.now, editable=False)
    saisi_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    class Meta:
        verbose_name = "valeur d'un délai"
        verbose_name_plural = "valeurs des délais"
        ordering = ("parametre", "-du")
        constraints = (
            models.UniqueConstraint(fields=("parametre", "du"), name="odp_valeur_une_par_jour"),
            models.CheckConstraint(
                condition=Q(valeur__gt=0) & ~Q(reference=""), name="odp_valeur_avec_reference"
            ),
        )

    def __str__(self) -> str:
        return f"{self.parametre} : {self.en_mots} à partir du {self.du:%d/%m/%Y}"

    @property
    def en_mots(self) -> str:
        """The figure with its unit."""
        return en_mots(self.valeur, self.parametre.unite)
