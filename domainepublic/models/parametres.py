"""Figures that the settings hold: chosen by the administrator, or of the law and waiting to be confirmed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


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
    def en_mots(self) -> str:
        """The figure with its unit."""
        if self.valeur is None:
            return "non chiffré"
        nombre = f"{self.valeur.normalize():f}".replace(".", ",")
        mot = {"annees": "ans"}.get(self.unite, self.unite)
        if self.valeur == 1:
            mot = {"annees": "an", "jours": "jour", "heures": "heure"}.get(self.unite, mot)
        return f"{nombre} {mot}".strip()
