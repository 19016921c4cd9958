"""All that points to a person: foreign keys are found by themselves, generic links are declared.

A merge moves them, the right of access lists them, erasure asks them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from mairie.models import Tiers

# The person's own history points to her and is not a use of her.
_SIENNES = frozenset({"FusionTiers", "NonDoublon", "HistoriqueTiers", "Tiers"})


@dataclass(frozen=True)
class Relation:
    """One column that holds persons. ``type_champ`` empty: a foreign key; else a content type beside it."""

    modele: type[models.Model]
    champ: str
    libelle: str
    type_champ: str = ""

    @property
    def code(self) -> str:
        """``app.model.column``: how a merge remembers what it moved."""
        return f"{self.modele._meta.label_lower}.{self.champ}"

    def lignes(self, tiers: Tiers) -> models.QuerySet[Any]:
        """Rows that point to this person."""
        condition: dict[str, Any] = {self.champ: tiers.pk}
        if self.type_champ:
            condition[self.type_champ] = ContentType.objects.get_for_model(Tiers)
        return self.modele._default_manager.filter(**condition)


_generiques: dict[str, Relation] = {}


def declarer_generique(modele: type[models.Model], type_champ: str, id_champ: str) -> None:
    """Say that rows of ``modele`` may point to a person by content type, from ``AppConfig.ready``."""
    for champ in (type_champ, id_champ):
        if not any(champ in (f.attname, f.name) for f in modele._meta.concrete_fields):
            raise ImproperlyConfigured(f"{modele._meta.label} n'a pas de colonne « {champ} ».")
    relation = Relation(modele, id_champ, str(modele._meta.verbose_name_plural), type_champ)
    _generiques[relation.code] = relation


@cache
def _cles() -> tuple[Relation, ...]:
    """Foreign keys to ``Tiers`` in all models, hidden tables of many-to-many included."""
    trouvees: list[Relation] = []
    for modele in apps.get_models(include_auto_created=True):
        if modele._meta.proxy or not modele._meta.managed or modele.__name__ in _SIENNES:
            continue
        trouvees += [
            Relation(modele, champ.attname, str(modele._meta.verbose_name_plural))
            for champ in modele._meta.concrete_fields
            if isinstance(champ, models.ForeignKey) and champ.related_model is Tiers
        ]
    return tuple(sorted(trouvees, key=lambda r: r.code))


def relations() -> list[Relation]:
    """All relations, the same order each time."""
    return [*_cles(), *(_generiques[code] for code in sorted(_generiques))]


def usages(tiers: Tiers) -> list[tuple[Relation, int]]:
    """Relations that have rows for this person, with how many."""
    comptes = [(r, r.lignes(tiers).count()) for r in relations()]
    return [(r, n) for r, n in comptes if n]
