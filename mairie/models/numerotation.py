"""Counters of the numbers given to dossiers, acts and reports."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class SerieNumerotation(models.Model):
    """One counter, locked by whoever takes its next number until the end of the transaction.

    ``annee`` is null where the series never starts again. ``cle`` splits a kind further: the parent's number
    when the rank starts again for each parent, the letter of an instructing service …
    """

    collectivite = models.CharField("collectivité (code INSEE ou SIREN de l'EPCI)", max_length=9)
    genre = models.CharField("genre", max_length=60)
    annee = models.PositiveSmallIntegerField("année", null=True, blank=True)
    cle = models.CharField("clé", max_length=60, blank=True)
    dernier = models.PositiveIntegerField("dernier numéro donné", default=0)

    class Meta:
        verbose_name = "série de numéros"
        verbose_name_plural = "séries de numéros"
        constraints = (
            models.UniqueConstraint(
                fields=("collectivite", "genre", "annee", "cle"),
                name="serie_numerotation_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(collectivite__regex=r"^([0-9][0-9AB][0-9]{3}|[0-9]{9})$"),
                name="serie_numerotation_collectivite",
            ),
            models.CheckConstraint(
                condition=Q(genre__regex=r"^[a-z]+\.[a-zA-Z0-9_]+$"), name="serie_numerotation_genre"
            ),
            models.CheckConstraint(
                condition=Q(annee__isnull=True) | Q(annee__gte=1900, annee__lte=2200),
                name="serie_numerotation_annee",
            ),
        )

    def __str__(self) -> str:
        return " ".join(str(v) for v in (self.genre, self.collectivite, self.annee, self.cle) if v)
