"""Texts as they are searched: small letters, no accent, words apart by one space."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Value
from django.db.models.functions import Concat


class TexteCherche(Func):
    """Searched form of a text, made by an immutable function of the database (see its migration)."""

    function = "mairie_texte_cherche"
    output_field = models.TextField()


def cherche(*colonnes: str) -> models.GeneratedField:
    """A stored column: searched form of several columns, one after the other."""
    textes: list[Any] = []
    for colonne in colonnes:
        textes += [F(colonne), Value(" ")]
    return models.GeneratedField(
        expression=TexteCherche(Concat(*textes, output_field=models.TextField())),
        output_field=models.TextField(),
        db_persist=True,
    )


def index_cherche(nom: str, colonne: str = "cherche") -> GinIndex:
    """Trigram index on a searched column."""
    return GinIndex(OpClass(F(colonne), name="gin_trgm_ops"), name=nom)
