"""A number that any writing of a table changes, for the version of a layer whose rows bear no date."""

from __future__ import annotations

from django.db.models import DecimalField, Model, Sum
from django.db.models.expressions import RawSQL


def ecritures(modele: type[Model]) -> Sum:
    """Sum of the transactions that wrote the rows: each writing of a row gives it the number of its own."""
    table = modele._meta.db_table
    return Sum(RawSQL(f'"{table}".xmin::text::bigint', [], output_field=DecimalField()))  # noqa: S611
