"""Constraints of the ground kept with a request: found by a check, set aside or added by an officer."""

from __future__ import annotations

from django.conf import settings
from django.contrib.gis.db import models
from django.db.models import Q
from django.utils import timezone

from urba.models.dossiers import DossierInstruction

SRID = settings.TERRITOIRE_SRID


class ControleCouches(models.Model):
    """One check of the ground: each layer asked with its state and versions, and the ground as it was."""

    dossier = models.ForeignKey(DossierInstruction, models.CASCADE, related_name="controles_couches")
    le = models.DateTimeField("fait le", default=timezone.now)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    couches = models.JSONField("couches interrogées", default=list)
    emprise = models.MultiPolygonField("emprise contrôlée", srid=SRID, spatial_index=False)

    class Meta:
        verbose_name = "contrôle des couches"
        verbose_name_plural = "contrôles des couches"
        ordering = ("-le", "-id")
        indexes = (models.Index(fields=("dossier", "-le"), name="urba_controle_dossier"),)

    def __str__(self) -> str:
        return f"{self.dossier} : couches du {self.le:%d/%m/%Y}"


class ContrainteDossier(models.Model):
    """One constraint of a request. ``mesure``: m² or m by ``genre``; ``pct``: share of the ground."""

    class Etat(models.TextChoices):
        """How it came here, and what became of it."""

        AUTO = "auto", "trouvée sur la carte"
        AJOUTEE = "ajoutee", "ajoutée"
        ECARTEE = "ecartee", "écartée"

    dossier = models.ForeignKey(DossierInstruction, models.CASCADE, related_name="contraintes")
    couche = models.CharField("couche", max_length=60, blank=True)
    cle = models.CharField("objet", max_length=200)
    libelle = models.CharField("libellé", max_length=400)
    nature = models.CharField("nature", max_length=20)
    genre = models.CharField("forme", max_length=10, blank=True)
    mesure = models.PositiveIntegerField("recouvrement", null=True, blank=True)
    pct = models.FloatField("part de l'emprise (%)", null=True, blank=True)
    document = models.CharField("document", max_length=200, blank=True)
    etat = models.CharField("état", max_length=8, choices=Etat, default=Etat.AUTO)
    motif = models.CharField("motif", max_length=500, blank=True)
    auteur = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # False: the last check no longer found what an officer had set aside.
    presente = models.BooleanField("trouvée au dernier contrôle", default=True)
    modifiee_le = models.DateTimeField("modifiée le", default=timezone.now)

    class Meta:
        verbose_name = "contrainte du dossier"
        verbose_name_plural = "contraintes du dossier"
        ordering = ("dossier", "nature", "-pct", "libelle", "id")
        constraints = (
            models.UniqueConstraint(fields=("dossier", "couche", "cle"), name="urba_contrainte_une_fois"),
            models.CheckConstraint(condition=Q(etat="auto") | ~Q(motif=""), name="urba_contrainte_motivee"),
            models.CheckConstraint(condition=~Q(libelle=""), name="urba_contrainte_nommee"),
        )

    def __str__(self) -> str:
        return self.libelle
