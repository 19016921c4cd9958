"""Conflicts of a file as last computed, and the waivers that survive a recomputation."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.utils import timezone

from domainepublic.models.dossiers import DossierODP
from domainepublic.models.emprises import Emprise
from domainepublic.regles.tables.types import NIVEAUX

# Months drawn of a conflict that lasts.
MOIS_MONTRES = 12
MOTIF_MIN = 15
MOTIFS = {
    "chevauchement": "même sol, mêmes heures",
    "coordination_tranchees": "tranchées à grouper",
    "revetement_recent": "revêtement récent",
    "largeur_libre": "passage des piétons",
    "proximite_pei": "point d'eau incendie",
    "avis_transport": "ligne de bus",
}


class Compatibilite(models.Model):
    """How far two types may share ground: one row a pair, codes in order."""

    a = models.CharField("type", max_length=40)
    b = models.CharField("avec", max_length=40)
    niveau = models.CharField("au plus", max_length=10, choices=[(n, n) for n in NIVEAUX])
    texte = models.CharField("remarque", max_length=200, blank=True)

    class Meta:
        verbose_name = "compatibilité"
        verbose_name_plural = "compatibilités"
        ordering = ("a", "b")
        constraints = (
            models.UniqueConstraint(fields=("a", "b"), name="odp_compatibilite_une_par_paire"),
            models.CheckConstraint(condition=Q(a__lte=F("b")), name="odp_compatibilite_ordonnee"),
            models.CheckConstraint(condition=Q(niveau__in=NIVEAUX), name="odp_compatibilite_niveau"),
        )

    def __str__(self) -> str:
        return f"{self.a} – {self.b} : {self.niveau}"


class Conflit(models.Model):
    """One conflict of the examined file. ``jours``: the first of the ``nb_jours`` days; m² and m."""

    dossier = models.ForeignKey(DossierODP, models.CASCADE, related_name="conflits")
    emprise = models.ForeignKey(Emprise, models.CASCADE, related_name="conflits")
    autre = models.ForeignKey(Emprise, models.CASCADE, null=True, blank=True, related_name="+")
    objet = models.CharField("objet de la rue", max_length=40, blank=True)
    niveau = models.CharField("niveau", max_length=10)
    motif = models.CharField("motif", max_length=24)
    libelle = models.CharField("constat", max_length=300)
    aire = models.DecimalField("surface commune (m²)", max_digits=12, decimal_places=2, null=True)
    distance = models.DecimalField("distance (m)", max_digits=12, decimal_places=2, null=True)
    jours = ArrayField(models.DateField(), default=list, verbose_name="jours")
    nb_jours = models.PositiveIntegerField("nombre de jours", default=0)
    calcule_le = models.DateTimeField("calculé le", default=timezone.now)
    leve_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    leve_le = models.DateTimeField("levé le", null=True, blank=True)
    motif_levee = models.TextField("motif de la levée", blank=True)
    vise = models.BooleanField("cité dans les visas de l'acte", default=False)

    class Meta:
        verbose_name = "conflit"
        verbose_name_plural = "conflits"
        ordering = ("dossier", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("emprise", "autre", "objet", "motif"),
                name="odp_conflit_unique",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(leve_le__isnull=True, leve_par__isnull=True, motif_levee="")
                | Q(leve_le__isnull=False, leve_par__isnull=False, motif_levee__length__gte=MOTIF_MIN),
                name="odp_conflit_leve_avec_motif",
            ),
        )

    def __str__(self) -> str:
        return self.libelle

    @property
    def motif_lisible(self) -> str:
        """The reason in words."""
        return MOTIFS.get(self.motif, self.motif)

    @property
    def bandeau(self) -> list[tuple[date, list[tuple[int, bool]]]]:
        """Months of the conflict, each with its days and whether they are shared: a strip to look at."""
        mois = sorted({j.replace(day=1) for j in self.jours})[:MOIS_MONTRES]
        pris = set(self.jours)
        return [
            (m, [(n, m.replace(day=n) in pris) for n in range(1, monthrange(m.year, m.month)[1] + 1)])
            for m in mois
        ]

    @property
    def bloque(self) -> bool:
        """Stops the signature."""
        return self.niveau == "bloquant" and self.leve_le is None


models.TextField.register_lookup(Length)
