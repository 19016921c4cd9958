"""Names as the search reads them."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Func


class TexteCherche(Func):
    """Small letters without accents, words apart by one space; immutable, so that an index may hold it."""

    function = "cadastre_texte_cherche"
    output_field = models.TextField()


def index_du_nom(nom: str) -> GinIndex:
    """Trigram index on the searched form of column ``nom``."""
    return GinIndex(OpClass(TexteCherche("nom"), name="gin_trgm_ops"), name=nom)
