"""One RAEPA file brought into the network: kept, controlled by record, written once, undone at will."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.fields import ArrayField
from django.db.models import Q
from django.utils import timezone

from mairie.requetes import RequeteVisible

SRID = settings.TERRITOIRE_SRID


def chemin(instance: ImportRaepa, filename: str) -> str:
    """Path of the file in the storage: a name that nobody can guess."""
    return f"imports/{timezone.now():%Y/%m}/{secrets.token_urlsafe(24)}"


class RequeteImports(RequeteVisible):
    """Imports of which one may read every commune: a file shows the objects of them all."""

    DROIT_LIRE = "assainissement.lire"

    def visibles_par(self, utilisateur: Any) -> Any:
        """Imports of one's commune, and those of an EPCI for who reads all that they serve."""
        from mairie.habilitations import portee

        p = portee(utilisateur, self.DROIT_LIRE)
        visibles = super().visibles_par(utilisateur)
        return visibles if p.totale else visibles.filter(autres_communes__contained_by=sorted(p.codes))

    def touchant(self, communes: Iterable[str]) -> Any:
        """Imports that serve one of these communes."""
        liste = sorted(communes)
        return self.filter(Q(insee__in=liste) | Q(autres_communes__overlap=liste))


class ImportRaepa(models.Model):
    """``couches``: layers found, with their fields, projection and what is read of them. ``bilan``: counts.

    ``insee`` and ``autres_communes``: communes served, one, or those of an EPCI (``epci``: its SIREN).
    States: received; controlled (report to read, nothing written); refused whole (``motif`` says why);
    written; undone.
    """

    class Etat(models.TextChoices):
        """Where it stands."""

        DEPOSE = "depose", "à contrôler"
        CONTROLE = "controle", "à confirmer"
        REFUSE = "refuse", "refusé"
        CONFIRME = "confirme", "importé"
        ANNULE = "annule", "annulé"

    insee = models.CharField("commune", max_length=5)
    autres_communes = ArrayField(
        models.CharField(max_length=5), default=list, blank=True, verbose_name="autres communes"
    )
    epci = models.CharField("EPCI", max_length=9, blank=True, default="")
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="auteur"
    )
    nom_fichier = models.CharField("fichier", max_length=200)
    fichier = models.FileField("fichier", upload_to=chemin, max_length=200, blank=True)
    sha256 = models.CharField("empreinte", max_length=64)
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.DEPOSE)
    motif = models.TextField("motif", blank=True)
    correspondance = models.JSONField("correspondance", default=dict, blank=True)
    couches = models.JSONField("couches", default=list, blank=True)
    bilan = models.JSONField("bilan", default=dict, blank=True)
    tache = models.ForeignKey("mairie.Tache", models.SET_NULL, null=True, blank=True, related_name="+")
    depose_le = models.DateTimeField("déposé le", default=timezone.now)
    confirme_le = models.DateTimeField("importé le", null=True, blank=True)
    annule_le = models.DateTimeField("annulé le", null=True, blank=True)

    objects: ClassVar[Any] = RequeteImports.as_manager()

    class Meta:
        verbose_name = "import RAEPA"
        verbose_name_plural = "imports RAEPA"
        ordering = ("-depose_le", "-pk")
        indexes = (models.Index(fields=("insee", "-depose_le"), name="ass_import_commune"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(etat__in=("depose", "controle", "refuse", "confirme", "annule")),
                name="ass_import_etat",
            ),
            models.CheckConstraint(
                condition=Q(etat__in=("confirme", "annule"), confirme_le__isnull=False)
                | (~Q(etat__in=("confirme", "annule")) & Q(confirme_le__isnull=True)),
                name="ass_import_confirme",
            ),
        )

    def __str__(self) -> str:
        return self.nom_fichier

    @property
    def communes(self) -> list[str]:
        """All the communes that it serves."""
        return [self.insee, *self.autres_communes]

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/assainissement/reseau/imports/{self.pk}/"


class LigneRaepa(models.Model):
    """One record waiting: as the file gave it, as our columns will hold it, with its faults."""

    import_raepa = models.ForeignKey(ImportRaepa, models.CASCADE, related_name="lignes")
    insee = models.CharField("commune", max_length=5, blank=True, default="")
    couche = models.CharField("couche", max_length=20)
    source = models.CharField("couche du fichier", max_length=254)
    numero = models.PositiveIntegerField("ligne")
    identifiant = models.CharField("identifiant", blank=True, default="")
    statut = models.CharField("statut", max_length=14)
    anomalies = models.JSONField("anomalies", default=list)
    attributs = models.JSONField("attributs", default=dict)
    valeurs = models.JSONField("valeurs", null=True)
    geom = models.GeometryField("géométrie", srid=SRID, dim=3, null=True, spatial_index=False)

    class Meta:
        verbose_name = "enregistrement en attente"
        verbose_name_plural = "enregistrements en attente"
        ordering = ("import_raepa", "couche", "numero")
        constraints = (
            models.UniqueConstraint(fields=("import_raepa", "couche", "numero"), name="ass_ligne_unique"),
        )

    def __str__(self) -> str:
        return f"{self.couche} {self.numero}"


class RetourRaepa(models.Model):
    """An object as it was before an import changed it."""

    import_raepa = models.ForeignKey(ImportRaepa, models.CASCADE, related_name="retours")
    couche = models.CharField("couche", max_length=20)
    objet = models.BigIntegerField("objet")
    avant = models.JSONField("avant")
    geom = models.GeometryField("géométrie", srid=SRID, dim=3, spatial_index=False)

    class Meta:
        verbose_name = "état d'avant un import"
        verbose_name_plural = "états d'avant un import"
        constraints = (
            models.UniqueConstraint(fields=("import_raepa", "couche", "objet"), name="ass_retour_unique"),
        )

    def __str__(self) -> str:
        return f"{self.couche} {self.objet}"


__all__ = ["ImportRaepa", "LigneRaepa", "RetourRaepa"]
