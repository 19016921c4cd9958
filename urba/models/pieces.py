"""What an officer says of a piece of the nomenclature on one request; files are ``mairie.Piece``."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from urba.models.dossiers import DossierInstruction


class ExamenPiece(models.Model):
    """Last word on a code: expected here, without object, or refused (``piece``: the file refused)."""

    class Etat(models.TextChoices):
        """What was said."""

        ATTENDUE = "attendue", "attendue"
        SANS_OBJET = "sans_objet", "sans objet"
        REFUSEE = "refusee", "refusée"
        ADMISE = "admise", "admise"

    dossier = models.ForeignKey(DossierInstruction, models.CASCADE, related_name="examens_pieces")
    code = models.CharField("pièce", max_length=20)
    etat = models.CharField("état", max_length=10, choices=Etat)
    piece = models.ForeignKey(
        "mairie.Piece", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="fichier"
    )
    motif = models.CharField("motif", max_length=300, blank=True)
    le = models.DateTimeField("dit le", default=timezone.now)
    par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "examen d'une pièce"
        verbose_name_plural = "examens des pièces"
        constraints = (
            models.UniqueConstraint(fields=("dossier", "code"), name="urba_examen_une_fois"),
            models.CheckConstraint(
                condition=~Q(etat__in=("refusee", "sans_objet")) | ~Q(motif=""), name="urba_examen_motive"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} : {self.get_etat_display()}"
