"""Traffic measures of a file: what the order forbids or changes, where and when (spec §6.5)."""

from __future__ import annotations

from datetime import date

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from domainepublic.models.dossiers import DossierODP
from domainepublic.regles.creneaux import en_mots
from domainepublic.regles.effets import MESURES_LISIBLES
from domainepublic.regles.tables.dialog import MESURES, VITESSE_LIMITEE, VITESSE_MAX, VITESSE_MIN
from domainepublic.regles.vehicules import vehicules_en_mots


class MesureCirculation(models.Model):
    """One measure. ``vehicules``: {concernes, exceptes, tonnage_max}; ``creneaux`` as those of an emprise."""

    class Sens(models.TextChoices):
        """Directions concerned."""

        DEUX = "deux", "les deux sens"
        CROISSANT = "croissant", "dans le sens des numéros croissants"
        DECROISSANT = "decroissant", "dans le sens des numéros décroissants"

    dossier = models.ForeignKey(DossierODP, models.CASCADE, related_name="mesures")
    type = models.CharField("mesure", max_length=24, choices=[(m, MESURES_LISIBLES[m]) for m in MESURES])
    vitesse = models.PositiveSmallIntegerField("vitesse (km/h)", null=True, blank=True)
    debut = models.DateField("du")
    fin = models.DateField("au (compris)")
    creneaux = models.JSONField("créneaux", default=list, blank=True, encoder=DjangoJSONEncoder)
    vehicules = models.JSONField("véhicules", default=dict, blank=True, encoder=DjangoJSONEncoder)
    voie = models.ForeignKey("mairie.Voie", models.SET_NULL, null=True, blank=True, related_name="+")
    du_numero = models.CharField("du numéro", max_length=10, blank=True)
    au_numero = models.CharField("au numéro", max_length=10, blank=True)
    sens = models.CharField("sens", max_length=12, choices=Sens, default=Sens.DEUX)

    class Meta:
        verbose_name = "mesure de circulation"
        verbose_name_plural = "mesures de circulation"
        ordering = ("dossier", "debut", "id")
        constraints = (
            models.CheckConstraint(condition=Q(type__in=tuple(MESURES)), name="odp_mesure_type"),
            models.CheckConstraint(condition=Q(fin__gte=F("debut")), name="odp_mesure_dates"),
            models.CheckConstraint(
                condition=Q(type=VITESSE_LIMITEE, vitesse__gte=VITESSE_MIN, vitesse__lte=VITESSE_MAX)
                | (~Q(type=VITESSE_LIMITEE) & Q(vitesse__isnull=True)),
                name="odp_mesure_vitesse",
            ),
            models.CheckConstraint(
                condition=Q(du_numero="", au_numero="") | (~Q(du_numero="") & ~Q(au_numero="")),
                name="odp_mesure_deux_numeros",
            ),
        )

    def __str__(self) -> str:
        plus = f" à {self.vitesse} km/h" if self.vitesse else ""
        return f"{self.get_type_display()}{plus}"

    @property
    def lieu(self) -> str:
        """Where, in words."""
        nom = str(self.voie) if self.voie_id else self.dossier.lieu
        if self.du_numero:
            return f"{nom}, du n° {self.du_numero} au n° {self.au_numero}"
        return nom

    @property
    def pour_qui(self) -> str:
        """Vehicles concerned and spared, in words; empty: every one."""
        return vehicules_en_mots(self.vehicules or {})

    @property
    def heures(self) -> list[str]:
        """Its slots in words; empty: day and night."""
        return [en_mots(x) for x in self.creneaux]

    def couvre(self, jour: date) -> bool:
        """Whether it holds that day."""
        return self.debut <= jour <= self.fin
