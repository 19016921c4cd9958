"""What people keep of the generated screens: saved views, their own settings, files brought into tables."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mairie.models.collectivites import Collectivite

CODE_ECRAN = r"^[a-z_]+\.[a-z][a-z0-9_]*$"


class VueEnregistree(models.Model):
    """A list's filters, order and columns under a name: the author's own, or of a role in a collectivité.

    ``parametres``: query string. ``par_defaut``: what who holds the role sees first (shared views only).
    """

    ecran = models.CharField("écran", max_length=80)
    titre = models.CharField("nom de la vue", max_length=80)
    parametres = models.TextField("filtres, tri et colonnes", blank=True, max_length=4000)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="auteur"
    )
    metier = models.CharField("métier", max_length=40, blank=True)
    role = models.CharField("rôle", max_length=60, blank=True)
    collectivite = models.ForeignKey(
        Collectivite,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="collectivité",
    )
    par_defaut = models.BooleanField("vue par défaut du rôle", default=False)
    modifiee_le = models.DateTimeField("modifiée le", auto_now=True)

    class Meta:
        verbose_name = "vue enregistrée"
        verbose_name_plural = "vues enregistrées"
        ordering = ("titre", "pk")
        indexes = (
            models.Index(fields=("ecran", "auteur"), name="vue_enregistree_auteur"),
            models.Index(
                fields=("ecran", "collectivite", "metier", "role"),
                name="vue_enregistree_partagee",
                condition=Q(collectivite__isnull=False),
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(ecran__regex=CODE_ECRAN), name="vue_enregistree_ecran"),
            models.CheckConstraint(condition=~Q(titre=""), name="vue_enregistree_titre"),
            models.CheckConstraint(
                condition=Q(collectivite__isnull=True, metier="", role="", par_defaut=False)
                | (Q(collectivite__isnull=False) & ~Q(metier="") & ~Q(role="")),
                name="vue_enregistree_partage_entier",
            ),
            models.UniqueConstraint(
                fields=("ecran", "auteur", "titre"),
                condition=Q(collectivite__isnull=True),
                name="vue_enregistree_nom_personnel",
            ),
            models.UniqueConstraint(
                fields=("ecran", "collectivite", "metier", "role", "titre"),
                condition=Q(collectivite__isnull=False),
                name="vue_enregistree_nom_partage",
            ),
            models.UniqueConstraint(
                fields=("ecran", "collectivite", "metier", "role"),
                condition=Q(par_defaut=True),
                name="vue_enregistree_un_defaut",
            ),
        )

    def __str__(self) -> str:
        return self.titre


class PreferenceEcran(models.Model):
    """One person's settings of one screen: her default view, or the order of her widgets."""

    utilisateur = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="personne"
    )
    ecran = models.CharField("écran", max_length=80)
    vue = models.ForeignKey(
        VueEnregistree,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="vue par défaut",
    )
    reglages = models.JSONField("réglages", default=dict, blank=True)

    class Meta:
        verbose_name = "préférence d'écran"
        verbose_name_plural = "préférences d'écran"
        constraints = (
            models.UniqueConstraint(fields=("utilisateur", "ecran"), name="preference_ecran_unique"),
            models.CheckConstraint(condition=Q(ecran__regex=CODE_ECRAN), name="preference_ecran_code"),
        )

    def __str__(self) -> str:
        return f"{self.ecran} : {self.utilisateur_id}"


def chemin_import(instance: ImportTable, filename: str) -> str:
    """Path of an import's file in the storage: a name that nobody can guess."""
    return f"imports/{timezone.now():%Y/%m}/{secrets.token_urlsafe(24)}"


class ImportTable(models.Model):
    """One file that a person brings into a table: read, tried, then applied once or given up.

    ``correspondance``: field → rank of its column. ``bilan``: counts, reasons and examples of the last run.
    ``rejets``: the lines refused, as the person downloads them.
    """

    class Etat(models.TextChoices):
        """Where the import stands."""

        DEPOSE = "depose", "déposé"
        ESSAYE = "essaye", "essayé à blanc"
        APPLIQUE = "applique", "appliqué"
        ECHEC = "echec", "en échec"

    ecran = models.CharField("import", max_length=80)
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="auteur"
    )
    nom_fichier = models.CharField("nom du fichier", max_length=200)
    fichier = models.FileField("fichier", upload_to=chemin_import, max_length=200)
    sha256 = models.CharField("empreinte", max_length=64)
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.DEPOSE)
    correspondance = models.JSONField("correspondance", default=dict, blank=True)
    bilan = models.JSONField("bilan", default=dict, blank=True)
    rejets = models.FileField("lignes refusées", upload_to=chemin_import, max_length=200, blank=True)
    tache = models.ForeignKey(
        "mairie.Tache", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="tâche"
    )
    depose_le = models.DateTimeField("déposé le", default=timezone.now)
    applique_le = models.DateTimeField("appliqué le", null=True, blank=True)

    class Meta:
        verbose_name = "import de table"
        verbose_name_plural = "imports de tables"
        ordering = ("-depose_le", "-pk")
        indexes = (models.Index(fields=("ecran", "auteur", "-depose_le"), name="import_table_auteur"),)
        constraints = (
            models.CheckConstraint(condition=Q(ecran__regex=CODE_ECRAN), name="import_table_ecran"),
            models.CheckConstraint(
                condition=Q(etat="applique", applique_le__isnull=False)
                | (~Q(etat="applique") & Q(applique_le__isnull=True)),
                name="import_table_applique",
            ),
        )

    def __str__(self) -> str:
        return self.nom_fichier


class CorrespondanceImport(models.Model):
    """The columns chosen for files with the same headings: proposed again to everyone of that import.

    ``champs``: field → heading.
    """

    ecran = models.CharField("import", max_length=80)
    empreinte = models.CharField("empreinte des titres", max_length=64)
    champs = models.JSONField("champs", default=dict)
    modifiee_le = models.DateTimeField("modifiée le", auto_now=True)

    class Meta:
        verbose_name = "correspondance d'import"
        verbose_name_plural = "correspondances d'import"
        constraints = (
            models.UniqueConstraint(fields=("ecran", "empreinte"), name="correspondance_import_unique"),
        )

    def __str__(self) -> str:
        return f"{self.ecran} {self.empreinte[:8]}"
