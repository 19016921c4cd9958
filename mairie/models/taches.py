"""What the queue of tasks keeps beside django-tasks-db: tries, keys, progress, schedules, heartbeats."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from mairie.requetes import RequeteVisible


class TacheRequete(RequeteVisible):
    """Tasks of the collectivités that the reader administers, and those of the house."""

    DROIT_LIRE = "mairie.administrer"

    def visibles_par(self, utilisateur: Any) -> Any:
        """Rows that this person may read; none for who administers nothing."""
        from mairie.habilitations import portee

        p = portee(utilisateur, self.DROIT_LIRE)
        if not p or p.totale:
            return self.all() if p else self.none()
        return self.filter(p.filtre() | Q(insee=""))


class Tache(models.Model):
    """A task in the queue; its state and arguments are in django-tasks-db's row.

    ``essais``: tries begun, and the token by which a worker that lost its lock is told from the next one.
    ``cle``: the same key twice is the same task. ``reprise``: where an interrupted task goes on.
    """

    resultat = models.OneToOneField(
        "django_tasks_database.DBTaskResult", models.CASCADE, related_name="tache", verbose_name="résultat"
    )
    code = models.CharField("tâche", max_length=80)
    cle = models.CharField("clé", max_length=200, null=True, blank=True, unique=True)
    insee = models.CharField("collectivité", max_length=9, blank=True)
    demandee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    essais = models.PositiveSmallIntegerField("essais", default=0)
    erreur = models.TextField("dernière erreur", blank=True)
    reprise = models.JSONField("point de reprise", default=dict, blank=True, encoder=DjangoJSONEncoder)
    cree_le = models.DateTimeField("demandée le", default=timezone.now)

    objects: ClassVar[Any] = TacheRequete.as_manager()

    class Meta:
        verbose_name = "tâche"
        verbose_name_plural = "tâches"
        ordering = ("-cree_le", "-id")
        indexes = (
            models.Index(fields=("-cree_le", "-id"), name="tache_recentes"),
            models.Index(fields=("code", "-cree_le"), name="tache_code"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(code__regex=r"^[a-z_]+\.[a-z0-9_]+$"), name="tache_code_pointe"
            ),
            models.CheckConstraint(condition=Q(cle__isnull=True) | ~Q(cle=""), name="tache_cle_non_vide"),
        )

    def __str__(self) -> str:
        return f"{self.code} n° {self.pk}"


class AvancementTache(models.Model):
    """How far a running task is. A row of its own: it is written outside the task's transaction."""

    tache = models.OneToOneField(Tache, models.CASCADE, primary_key=True, related_name="avancement")
    pourcent = models.PositiveSmallIntegerField("avancement (%)", default=0)
    texte = models.CharField("étape", max_length=200, blank=True)
    le = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "avancement d'une tâche"
        verbose_name_plural = "avancements des tâches"
        constraints = (models.CheckConstraint(condition=Q(pourcent__lte=100), name="avancement_sur_cent"),)

    def __str__(self) -> str:
        return f"{self.pourcent} %"


class Programmation(models.Model):
    """A schedule declared in code: until when its slots were handled, and whether it is switched on."""

    code = models.CharField("code", max_length=80, unique=True)
    active = models.BooleanField("active", default=True)
    derniere = models.DateTimeField("dernier créneau traité")
    derniere_tache = models.ForeignKey(Tache, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = "programmation"
        verbose_name_plural = "programmations"
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class Battement(models.Model):
    """A process that says every few seconds that it lives; a probe file in the storage bears ``sonde``."""

    class Genre(models.TextChoices):
        """What the process does."""

        OUVRIER = "ouvrier", "ouvrier"
        PLANIFICATEUR = "planificateur", "planificateur"

    genre = models.CharField("genre", max_length=14, choices=Genre)
    identifiant = models.CharField("identifiant", max_length=32, unique=True)
    hote = models.CharField("machine", max_length=255)
    pid = models.PositiveIntegerField("processus")
    demarre_le = models.DateTimeField("démarré le", default=timezone.now)
    vu_le = models.DateTimeField("vu le", default=timezone.now)
    detail = models.CharField("occupation", max_length=200, blank=True)
    sonde = models.CharField("sonde", max_length=32, blank=True)

    class Meta:
        verbose_name = "battement"
        verbose_name_plural = "battements"
        indexes = (models.Index(fields=("genre", "-vu_le"), name="battement_vivants"),)

    def __str__(self) -> str:
        return f"{self.genre} {self.hote} {self.pid}"
