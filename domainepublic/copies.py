"""Past ground taken again: last year's terrace, or any other of the same holder or place (spec §7.4)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from domainepublic.models import DossierODP, Emprise
from mairie.calendrier import plus_mois

OFFERTES = 12
UN_AN = 12


def passees(dossier: DossierODP, utilisateur: Any) -> QuerySet[Emprise]:
    """Emprises of other files of the same holder, or in front of the same number, the latest first."""
    memes = Q(dossier__demandeur=dossier.demandeur_id) if dossier.demandeur_id else Q(pk__in=())
    if dossier.adresse:
        memes |= Q(dossier__adresse__iexact=dossier.adresse, dossier__voie=dossier.voie_id)
    visibles = DossierODP.objects.visibles_par(utilisateur).filter(insee=dossier.insee).exclude(etat="")
    requete: QuerySet[Emprise] = (
        Emprise.objects.filter(memes, dossier__in=visibles.values("pk"))
        .exclude(dossier=dossier.pk)
        .exclude(type__code="SANS")
        .select_related("type", "dossier")
        .order_by("-debut", "-pk")[:OFFERTES]
    )
    return requete


def modele(cle: str, utilisateur: Any) -> Emprise | None:
    """The emprise to take again, if this person may read it; null otherwise."""
    if not cle.isdecimal() or len(cle) > 18:
        return None
    visibles = DossierODP.objects.visibles_par(utilisateur)
    trouve: Emprise | None = (
        Emprise.objects.filter(pk=int(cle), dossier__in=visibles.values("pk"))
        .exclude(type__code="SANS")
        .select_related("type", "dossier")
        .first()
    )
    return trouve


def jours_repris(e: Emprise, jour: date) -> tuple[date, date | None]:
    """The same days of the first year in which they begin on ``jour`` or later."""
    debut, annees = e.debut, 0
    while debut < jour:
        annees += 1
        debut = plus_mois(e.debut, UN_AN * annees)
    return debut, plus_mois(e.fin, UN_AN * annees) if e.fin else None
