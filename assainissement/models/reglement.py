"""The règlement de service: local frequencies and delays, one dated version a commune (spec §3, §6.3)."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from assainissement.regles.tables.echeances import PARAMETRES_REGLEMENT
from mairie.requetes import RequeteVisible

_BORNES = {p.code: (p.minimum, p.maximum) for p in PARAMETRES_REGLEMENT}


# A control of connection is good for ten years at most (CGCT L2224-8, II).
_DIX = "Au plus 120 mois (CGCT L2224-8)."


class RequeteReglements(RequeteVisible):
    """Versions of the communes where one may read."""

    DROIT_LIRE = "assainissement.lire"

    def en_vigueur(self, insee: str, jour: date) -> Any:
        """The version of that day; null before the first."""
        return self.filter(insee=insee, date_effet__lte=jour).order_by("-date_effet").first()


def _entier(code: str, libelle: str, aide: str = "") -> Any:
    bas, haut = _BORNES[code]
    defaut = next(p.defaut for p in PARAMETRES_REGLEMENT if p.code == code)
    message = (
        "Le règlement de service ne peut pas dépasser 10 ans (CGCT L2224-8)."
        if "frequence" in code
        else f"Au plus {haut}."
    )
    return models.PositiveSmallIntegerField(
        libelle,
        null=defaut is None,
        blank=defaut is None,
        default=defaut,
        validators=[MinValueValidator(bas, f"Au moins {bas}."), MaxValueValidator(haut, message)],
        help_text=aide,
    )


def _borne(code: str) -> Q:
    bas, haut = _BORNES[code]
    return Q(**{f"{code}__isnull": True}) | Q(**{f"{code}__gte": bas, f"{code}__lte": haut})


class ReglementService(models.Model):
    """One version: it holds from ``date_effet`` until the next one."""

    insee = models.CharField("commune", max_length=5)
    date_effet = models.DateField("en vigueur le")
    reference = models.CharField("délibération", max_length=80, blank=True)
    frequence_periodique_annees = _entier("frequence_periodique_annees", "contrôle périodique tous les (ans)")
    frequence_danger_annees = _entier(
        "frequence_danger_annees", "en cas de danger ou de risque, tous les (ans)", "Vide : comme les autres."
    )
    frequence_electromecanique_annees = _entier(
        "frequence_electromecanique_annees",
        "équipement électromécanique, tous les (ans)",
        "Vide : comme les autres.",
    )
    delai_verification_absence_mois = _entier(
        "delai_verification_absence_mois", "absence d'installation : revoir après (mois)"
    )
    delai_vente_absence_mois = _entier(
        "delai_vente_absence_mois", "absence d'installation vendue : délai (mois)", "Vide : meilleurs délais."
    )
    delai_relance_mois = _entier("delai_relance_mois", "visite manquée : relancer après (mois)")
    relances_avant_majoration = _entier("relances_avant_majoration", "relances avant majoration")
    reseau_public = models.BooleanField(
        "réseau visible du public",
        default=False,
        help_text="La carte publique montre alors canalisations, ouvrages et appareillages.",
    )
    duree_validite_ac_maison_mois = models.PositiveSmallIntegerField(
        "contrôle de branchement d'une maison vendue, valable (mois)",
        null=True, blank=True, validators=[MinValueValidator(1, "Au moins 1."), MaxValueValidator(120, _DIX)],
        help_text="Vide : dix ans.",
    )  # fmt: skip
    duree_validite_ac_appartement_mois = models.PositiveSmallIntegerField(
        "le même pour un appartement (mois)",
        null=True, blank=True, validators=[MinValueValidator(1, "Au moins 1."), MaxValueValidator(120, _DIX)],
        help_text="Vide : dix ans.",
    )  # fmt: skip
    controle_ac_vente_obligatoire = models.BooleanField(
        "contrôle du branchement obligatoire avant une vente", default=False
    )
    controles_la_nuit = models.BooleanField(
        "ouvrir la nuit les contrôles périodiques échus",
        default=False,
        help_text="Ils attendent alors, à planifier. Aucune lettre ne part seule.",
    )
    relances_la_nuit = models.BooleanField(
        "écrire la nuit les relances échues",
        default=False,
        help_text="Elles attendent alors parmi les courriers. Aucune ne part seule.",
    )
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteReglements.as_manager()

    class Meta:
        verbose_name = "règlement de service"
        verbose_name_plural = "règlements de service"
        ordering = ("insee", "-date_effet")
        constraints = (
            models.UniqueConstraint(fields=("insee", "date_effet"), name="anc_reglement_une_version"),
            *(
                models.CheckConstraint(condition=_borne(code), name=f"anc_reglement_{rang}")
                for rang, code in enumerate(_BORNES)
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{champ}__isnull": True}) | Q(**{f"{champ}__range": (1, 120)}),
                    name=f"ac_reglement_{champ.split('_')[3]}",
                )
                for champ in ("duree_validite_ac_maison_mois", "duree_validite_ac_appartement_mois")
            ),
        )

    def __str__(self) -> str:
        return f"règlement du {self.date_effet:%d/%m/%Y}"

    def valeurs(self) -> dict[str, int]:
        """Parameters set, as the rules read them."""
        lues = {code: getattr(self, code) for code in _BORNES}
        return {code: v for code, v in lues.items() if v is not None}


def reglement_du(insee: str, jour: date) -> dict[str, int]:
    """Parameters of the commune on a day; empty where it has none (the usual ones then hold)."""
    version = ReglementService.objects.en_vigueur(insee, jour)
    return version.valeurs() if version else {}
