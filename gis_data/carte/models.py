"""Tables of the map page: sites that may frame it, views that agents keep."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from gis_data.carte.origines import normaliser_origine

# What follows the path: what was chosen of the layers, then zoom/latitude/longitude.
_DECIMALES = r"(\.[0-9]+)?"
ADRESSE_VUE = (
    r"^(\?[A-Za-z0-9_=&:,.%-]*)?"
    rf"#[0-9]{{1,2}}{_DECIMALES}/-?[0-9]{{1,2}}{_DECIMALES}/-?[0-9]{{1,3}}{_DECIMALES}$"
)


class SiteEncadrant(models.Model):
    """A site whose pages may frame ``/carte/integree/``: its origin, without path."""

    origine = models.CharField("adresse du site", max_length=200, unique=True)
    note = models.CharField("note", max_length=200, blank=True)
    ajoute_le = models.DateTimeField("ajouté le", default=timezone.now)
    ajoute_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, verbose_name="ajouté par"
    )

    class Meta:
        verbose_name = "site qui encadre la carte"
        verbose_name_plural = "sites qui encadrent la carte"
        ordering = ("origine",)
        constraints = (
            models.CheckConstraint(
                # What enters a security header must not be able to end it.
                condition=models.Q(origine__regex=r"^https?://[a-z0-9.*-]+(:[0-9]+)?$"),
                name="site_encadrant_origine",
            ),
        )

    def __str__(self) -> str:
        return self.origine

    def clean(self) -> None:
        """Write the origin as browsers compare it."""
        try:
            self.origine = normaliser_origine(self.origine)
        except ValidationError as refus:
            raise ValidationError({"origine": refus}) from None


class VueCarte(models.Model):
    """Place, layers, order and day under a name. ``service``: who shares it (null: the author alone)."""

    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="vues_carte", verbose_name="auteur"
    )
    service = models.ForeignKey(
        # A name, not a class: the kernel imports nothing of the town hall.
        "mairie.Service",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="vues_carte",
        verbose_name="partagée avec",
    )
    nom = models.CharField("nom", max_length=80)
    adresse = models.CharField("vue", max_length=2000)
    creee_le = models.DateTimeField("enregistrée le", default=timezone.now)

    class Meta:
        verbose_name = "vue de la carte"
        verbose_name_plural = "vues de la carte"
        ordering = ("nom", "pk")
        constraints = (
            models.UniqueConstraint(fields=("auteur", "nom"), name="vue_carte_unique"),
            models.CheckConstraint(condition=~models.Q(nom=""), name="vue_carte_nommee"),
            models.CheckConstraint(condition=models.Q(adresse__regex=ADRESSE_VUE), name="vue_carte_adresse"),
        )

    def __str__(self) -> str:
        return self.nom
