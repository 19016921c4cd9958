"""Who holds the territory: communes, the EPCI that work for them, their services, who may do what."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.gis.db import models as geo
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q

from mairie.requetes import RequeteVisible

ADMINISTRER = "mairie.administrer"
CODE_COLLECTIVITE = r"^([0-9][0-9AB][0-9]{3}|[0-9]{9})$"


class RequeteCollectivites(RequeteVisible):
    """Collectivités that the person administers."""

    DROIT_LIRE = ADMINISTRER
    CHAMP_CODE = "code"


class RequeteDeCollectivite(RequeteVisible):
    """Rows of the collectivités that the person administers."""

    DROIT_LIRE = ADMINISTRER
    CHAMP_CODE = "collectivite__code"


class RequeteAppartenances(RequeteVisible):
    """Memberships whose commune or EPCI the person administers."""

    DROIT_LIRE = ADMINISTRER
    CHAMP_CODE = "commune__code"

    def visibles_par(self, utilisateur: Any) -> Any:
        """By either side."""
        from mairie.habilitations import portee

        p = portee(utilisateur, self.DROIT_LIRE)
        return self.filter(p.filtre("commune__code") | p.filtre("epci__code")) if p else self.none()


class RequeteHabilitations(RequeteVisible):
    """Habilitations that touch a collectivité that the person administers."""

    DROIT_LIRE = ADMINISTRER
    CHAMP_CODE = "collectivites__code"

    def visibles_par(self, utilisateur: Any) -> Any:
        """Each once, however many of its collectivités are administered."""
        return super().visibles_par(utilisateur).distinct()


class Collectivite(models.Model):
    """A commune (``code``: INSEE, 5 characters) or an EPCI (``code``: SIREN, 9 digits).

    The code joins it to ``cadastre.Commune`` and to the rows of every trade, without foreign key.
    """

    class Nature(models.TextChoices):
        """What the collectivité is."""

        COMMUNE = "commune", "commune"
        EPCI = "epci", "établissement intercommunal"

    code = models.CharField("code INSEE ou SIREN", max_length=9, unique=True)
    nature = models.CharField("nature", max_length=10, choices=Nature)
    nom = models.CharField("nom", max_length=120)
    siren = models.CharField("SIREN", max_length=9, blank=True)
    adresse = models.TextField("adresse postale", blank=True)
    telephone = models.CharField("téléphone", max_length=30, blank=True)
    courriel = models.EmailField("courriel", blank=True)
    site = models.URLField("site internet", blank=True)
    active = models.BooleanField("active", default=True)

    objects = RequeteCollectivites.as_manager()

    class Meta:
        verbose_name = "collectivité"
        verbose_name_plural = "collectivités"
        ordering = ("nom", "code")
        constraints = (
            models.CheckConstraint(condition=Q(code__regex=CODE_COLLECTIVITE), name="collectivite_code"),
            models.CheckConstraint(
                condition=Q(nature="commune", code__regex=r"^.{5}$")
                | Q(nature="epci", code__regex=r"^[0-9]{9}$"),
                name="collectivite_code_selon_nature",
            ),
            models.CheckConstraint(
                condition=Q(siren="") | Q(siren__regex=r"^[0-9]{9}$"), name="collectivite_siren"
            ),
        )

    def __str__(self) -> str:
        return self.nom


class Appartenance(models.Model):
    """A commune belongs to an EPCI from ``du`` (included) to ``au`` (excluded, or null: still)."""

    epci = models.ForeignKey(Collectivite, models.PROTECT, related_name="membres", verbose_name="EPCI")
    commune = models.ForeignKey(Collectivite, models.PROTECT, related_name="epcis", verbose_name="commune")
    du = models.DateField("du")
    au = models.DateField("au (exclu)", null=True, blank=True)

    objects = RequeteAppartenances.as_manager()

    class Meta:
        verbose_name = "appartenance à un EPCI"
        verbose_name_plural = "appartenances à un EPCI"
        ordering = ("epci", "commune", "du")
        constraints = (
            models.UniqueConstraint(fields=("epci", "commune", "du"), name="appartenance_unique"),
            models.CheckConstraint(
                condition=Q(au__isnull=True) | Q(au__gt=F("du")), name="appartenance_dates"
            ),
            models.CheckConstraint(condition=~Q(epci=F("commune")), name="appartenance_deux_collectivites"),
            ExclusionConstraint(
                name="appartenance_sans_recouvrement",
                expressions=(
                    (F("epci"), RangeOperators.EQUAL),
                    (F("commune"), RangeOperators.EQUAL),
                    (
                        Func(F("du"), F("au"), function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.commune} – {self.epci}"

    def clean(self) -> None:
        """A commune belongs to an EPCI, not the other way round."""
        if (self.epci.nature, self.commune.nature) != (Collectivite.Nature.EPCI, Collectivite.Nature.COMMUNE):
            raise ValidationError("Une appartenance relie une commune à un EPCI.")


class Service(models.Model):
    """A service (team) of a collectivité, for one trade or for all (``metier`` empty)."""

    collectivite = models.ForeignKey(Collectivite, models.CASCADE, related_name="services")
    code = models.SlugField("code", max_length=40)
    libelle = models.CharField("libellé", max_length=120)
    metier = models.CharField("métier", max_length=40, blank=True)
    courriel = models.EmailField("courriel", blank=True)
    actif = models.BooleanField("actif", default=True)

    objects = RequeteDeCollectivite.as_manager()

    class Meta:
        verbose_name = "service"
        verbose_name_plural = "services"
        ordering = ("collectivite", "libelle")
        constraints = (
            models.UniqueConstraint(fields=("collectivite", "code"), name="service_code_par_collectivite"),
        )

    def __str__(self) -> str:
        return self.libelle


class Habilitation(models.Model):
    """A person holds a role of a trade, for collectivités, from ``du`` to ``au`` (both included).

    An EPCI in ``collectivites`` gives its communes of the day. ``perimetre`` narrows further, by
    geometry. ``service`` empty: all services. ``finalites``: purposes allowed for personal data.
    """

    utilisateur = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="habilitations", verbose_name="personne"
    )
    metier = models.CharField("métier", max_length=40)
    role = models.CharField("rôle", max_length=60)
    collectivites = models.ManyToManyField(
        Collectivite, related_name="habilitations", verbose_name="collectivités"
    )
    perimetre = geo.MultiPolygonField(
        "périmètre", srid=settings.TERRITOIRE_SRID, null=True, blank=True, spatial_index=True
    )
    service = models.ForeignKey(
        Service, models.PROTECT, null=True, blank=True, related_name="habilitations", verbose_name="service"
    )
    du = models.DateField("du")
    au = models.DateField("au (compris)", null=True, blank=True)
    finalites = ArrayField(
        models.CharField(max_length=40), default=list, blank=True, verbose_name="finalités permises"
    )
    accordee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    cree_le = models.DateTimeField("créée le", auto_now_add=True)

    objects = RequeteHabilitations.as_manager()

    class Meta:
        verbose_name = "habilitation"
        verbose_name_plural = "habilitations"
        ordering = ("utilisateur", "metier", "role", "du")
        indexes = (models.Index(fields=("utilisateur", "metier", "du"), name="habilitation_personne"),)
        constraints = (
            models.CheckConstraint(
                condition=Q(au__isnull=True) | Q(au__gte=F("du")), name="habilitation_dates"
            ),
            models.CheckConstraint(
                condition=Q(metier__regex=r"^[a-z_]+$", role__regex=r"^[a-z_]+$"), name="habilitation_codes"
            ),
        )

    def __str__(self) -> str:
        return f"{self.utilisateur} : {self.metier}.{self.role}"
