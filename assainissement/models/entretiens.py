"""Upkeep of installations: emptyings and sludge measured, by whom (spec §3 Entretien)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from assainissement.models.installations import INSEE, Element, Installation
from assainissement.regles.tables.entretien import SEUIL_BOUES, SEUIL_BOUES_STATION, STATIONS
from mairie.requetes import RequeteVisible


class RequeteVidangeurs(RequeteVisible):
    """Emptying firms of the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"


class Vidangeur(models.Model):
    """A firm approved to empty tanks (arrêté du 07/09/2009), until a day."""

    insee = models.CharField("commune", max_length=5)
    nom = models.CharField("nom", max_length=120)
    agrement = models.CharField("numéro d'agrément", max_length=40)
    valide_au = models.DateField("agréé jusqu'au")

    objects: ClassVar[Any] = RequeteVidangeurs.as_manager()

    class Meta:
        verbose_name = "vidangeur agréé"
        verbose_name_plural = "vidangeurs agréés"
        ordering = ("nom", "id")
        constraints = (
            models.UniqueConstraint(fields=("insee", "agrement"), name="ass_vidangeur_une_fois"),
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="ass_vidangeur_insee"),
            models.CheckConstraint(condition=~Q(nom="") & ~Q(agrement=""), name="ass_vidangeur_nomme"),
        )

    def __str__(self) -> str:
        return f"{self.nom} (agrément {self.agrement})"

    def agree_le(self, jour: date) -> bool:
        """Whether the approval held on a day."""
        return jour <= self.valide_au


class RequeteEntretiens(RequeteVisible):
    """Upkeep of the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"


class Entretien(models.Model):
    """An emptying (``volume_m3``), or a measure of the sludge alone (percent of the useful volume)."""

    insee = models.CharField("commune", max_length=5)
    installation = models.ForeignKey(Installation, models.PROTECT, related_name="entretiens")
    date = models.DateField("date")
    vidangeur = models.ForeignKey(
        Vidangeur, models.PROTECT, null=True, blank=True, related_name="entretiens",
        verbose_name="vidangeur agréé",
    )  # fmt: skip
    bordereau = models.CharField("bordereau", max_length=60, blank=True)
    volume_m3 = models.DecimalField(
        "volume vidangé (m³)", max_digits=6, decimal_places=2, null=True, blank=True
    )
    hauteur_boues_pct = models.PositiveSmallIntegerField("hauteur de boues (%)", null=True, blank=True)
    notes = models.CharField("remarques", max_length=300, blank=True)
    client_uuid = models.UUIDField("clé de saisie", null=True, blank=True, unique=True)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteEntretiens.as_manager()

    class Meta:
        verbose_name = "entretien"
        verbose_name_plural = "entretiens"
        ordering = ("-date", "-id")
        indexes = (
            models.Index(fields=("installation", "-date"), name="ass_entretien_histoire"),
            models.Index(fields=("insee", "-date"), name="ass_entretien_commune"),
        )
        constraints = (
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="ass_entretien_insee"),
            models.CheckConstraint(
                condition=Q(volume_m3__isnull=True) | Q(volume_m3__gt=0), name="ass_entretien_volume"
            ),
            models.CheckConstraint(
                condition=Q(hauteur_boues_pct__isnull=True) | Q(hauteur_boues_pct__lte=100),
                name="ass_entretien_boues",
            ),
            models.CheckConstraint(
                condition=Q(volume_m3__isnull=False) | Q(hauteur_boues_pct__isnull=False),
                name="ass_entretien_dit_quelque_chose",
            ),
            models.UniqueConstraint(
                fields=("installation", "bordereau"),
                condition=~Q(bordereau=""),
                name="ass_entretien_un_bordereau",
            ),
        )

    def __str__(self) -> str:
        return f"{'Vidange' if self.vidange else 'Mesure'} du {self.date:%d/%m/%Y}"

    @property
    def vidange(self) -> bool:
        """The tank was emptied."""
        return self.volume_m3 is not None


def avec_boues(installations: Any) -> Any:
    """Installations with their last emptying, the sludge measured since, and the height that asks for one.

    Sludge measured on the day of an emptying is that of before.
    """
    tous = Entretien.objects.filter(installation=OuterRef("pk"))
    vidanges = tous.filter(volume_m3__isnull=False).order_by("-date")
    station = Element.objects.filter(
        installation=OuterRef("pk"), famille="TRAIT", type__in=STATIONS, retire_le__isnull=True
    )
    return installations.annotate(
        derniere_vidange=Subquery(vidanges.values("date")[:1]),
        boues=Subquery(
            tous.filter(
                Q(date__gt=Coalesce(Subquery(_vidange_de()), Value(date(1, 1, 1)))),
                hauteur_boues_pct__isnull=False,
            )
            .order_by("-date", "-pk")
            .values("hauteur_boues_pct")[:1]
        ),
        seuil_boues=models.Case(
            models.When(models.Exists(station), then=Value(SEUIL_BOUES_STATION)), default=Value(SEUIL_BOUES)
        ),
    )


def _vidange_de() -> Any:
    return (
        Entretien.objects.filter(installation=OuterRef("installation"), volume_m3__isnull=False)
        .order_by("-date")
        .values("date")[:1]
    )


def q_a_vidanger() -> Q:
    """On rows of ``avec_boues``: the sludge is at the height, or above."""
    return Q(boues__gte=F("seuil_boues"))


def q_vidange_ancienne(jour: date, annees: int) -> Q:
    """On the same rows: emptied long ago. Never emptied tells nothing: nobody may have said it."""
    return Q(derniere_vidange__lt=jour - timedelta(days=round(annees * 365.25)))
