"""What the list of occupations knows of each row and asks of them besides plain columns (spec §7.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.utils import timezone

from domainepublic.models import Conflit, Emprise, LigneFacturable, Role, ZoneTarifaire
from mairie.ecrans import FiltreChoix, Ton
from mairie.habilitations import communes_de

A_LEVER, SIGNALES, AUCUN = "a_lever", "signales", "aucun"
CONFLITS = {
    A_LEVER: Ton("à lever", "danger", "bi-x-octagon"),
    SIGNALES: Ton("signalés ou levés", "attention", "bi-exclamation-triangle"),
}


def annoter(lignes: Any) -> Any:
    """Amount of the frozen lines (null: none), and how the conflicts stand."""
    figees = (
        LigneFacturable.objects.filter(dossier=OuterRef("pk"))
        .exclude(etat=LigneFacturable.Etat.ANNULEE)
        .order_by()
        .values("dossier")
        .annotate(total=Sum("montant"))
        .values("total")
    )
    return lignes.annotate(
        redevance=Subquery(figees),
        conflits_etat=Case(When(_a_lever(), then=Value(A_LEVER)), When(_connus(), then=Value(SIGNALES)),
                           default=Value("")),
    )  # fmt: skip


def _connus() -> Q:
    return Q(Exists(Conflit.objects.filter(dossier=OuterRef("pk"))))


def _a_lever() -> Q:
    bloquants = Conflit.objects.filter(dossier=OuterRef("pk"), niveau="bloquant", leve_le__isnull=True)
    return Q(Exists(bloquants))


def conflits(valeur: str) -> Q:
    """Files by how their conflicts stand."""
    return {A_LEVER: _a_lever(), SIGNALES: _connus() & ~_a_lever(), AUCUN: ~_connus()}[valeur]


def occupe(valeur: tuple[date | None, date | None]) -> Q:
    """Files whose days cross those asked."""
    du, au = valeur
    q = Q(debut__isnull=False)
    if au:
        q &= Q(debut__lte=au)
    if du:
        q &= Q(fin__isnull=True) | Q(fin__gte=du)
    return q


def impaye(oui: bool) -> Q:
    """Files with a claim sent and not settled."""
    dus = LigneFacturable.objects.filter(
        dossier=OuterRef("pk"), titre__role__etat=Role.Etat.EXPORTE, titre__paye__lt=F("titre__montant")
    )
    return Q(Exists(dus)) if oui else ~Q(Exists(dus))


def demandeur(texte: str) -> Q:
    """Files asked or paid by somebody of that name."""
    champs = ("demandeur__raison_sociale", "demandeur__nom", "payeur__raison_sociale", "payeur__nom")
    q = Q()
    for champ in champs:
        q |= Q(**{f"{champ}__unaccent__icontains": texte})
    return q


def zone(code: str) -> Q:
    """Files whose ground touches a zone of the tariffs in force."""
    jour = timezone.localdate()
    en_vigueur = Q(grille__au__isnull=True) | Q(grille__au__gte=jour)
    zones = ZoneTarifaire.objects.filter(
        en_vigueur, code=code, grille__du__lte=jour, grille__insee=OuterRef("dossier__insee"),
        geom__intersects=OuterRef("surface"),
    )  # fmt: skip
    return Q(Exists(Emprise.objects.filter(Exists(zones), dossier=OuterRef("pk"))))


@dataclass(frozen=True, kw_only=True)
class FiltreZones(FiltreChoix):
    """Zones of the tariffs; not drawn where the commune has none."""

    def inutile(self, utilisateur: Any) -> bool:
        """No zone at all."""
        return not self.paires(utilisateur)


def zones(utilisateur: Any) -> list[tuple[str, str]]:
    """Zones of the tariffs in force where the person works."""
    jour = timezone.localdate()
    lues = ZoneTarifaire.objects.filter(
        Q(grille__au__isnull=True) | Q(grille__au__gte=jour),
        grille__du__lte=jour,
        grille__insee__in=communes_de(utilisateur),
    )
    trouvees = dict(lues.order_by("code", "libelle").values_list("code", "libelle"))
    return [(c, f"{c} : {libelle}" if libelle else f"zone {c}") for c, libelle in trouvees.items()]
