"""Types of occupation as a commune wants them: its own words, pieces, delay, account; those it has closed."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from domainepublic.models import ReglageType, TypeOccupation

CHAMPS = ("libelle", "libelle_public", "unites", "pieces", "imputation")


def fermes(insee: str) -> QuerySet[Any]:
    """Keys of the types that a commune does not offer."""
    requete: QuerySet[Any] = ReglageType.objects.filter(insee=insee, propose=False).values("type")
    return requete


def selon(type_: TypeOccupation, reglage: ReglageType | None) -> TypeOccupation:
    """A copy of the type with what the commune says; the very type where it says nothing. Never saved."""
    if reglage is None:
        return type_
    local = copy.copy(type_)
    for champ in CHAMPS:
        if dit := getattr(reglage, champ):
            setattr(local, champ, dit)
    if reglage.delai_conseille_jours is not None:
        local.delai_conseille_jours = reglage.delai_conseille_jours
    return local


def dans(type_: TypeOccupation, insee: str) -> TypeOccupation:
    """One type in a commune."""
    return selon(type_, ReglageType.objects.filter(insee=insee, type=type_.pk).first())


def tous_dans(types: Iterable[TypeOccupation], insee: str) -> list[TypeOccupation]:
    """Several types in a commune, in one reading, those it has closed left out."""
    reglages = {r.type_id: r for r in ReglageType.objects.filter(insee=insee)}
    return [selon(t, reglages.get(t.pk)) for t in types if t.pk not in reglages or reglages[t.pk].propose]


def libelles(insee: str) -> dict[int, str]:
    """Words that a commune has for types, by type."""
    siens = ReglageType.objects.filter(insee=insee).exclude(libelle="")
    return dict(siens.values_list("type", "libelle"))


def imputations(insee: str) -> dict[int, str]:
    """Accounts that a commune has chosen, by type."""
    return dict(
        ReglageType.objects.filter(insee=insee).exclude(imputation="").values_list("type", "imputation")
    )
