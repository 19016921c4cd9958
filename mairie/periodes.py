"""Periods of days and of figures in database constraints."""

from __future__ import annotations

from django.contrib.postgres.fields import DateRangeField, DecimalRangeField
from django.db.models import Func


class PeriodeJours(Func):
    """Both days included; a null end is open."""

    function = "daterange"
    output_field = DateRangeField()


class BandeNombres(Func):
    """From a figure to another; a null end is open, the third argument says which end is included."""

    function = "numrange"
    output_field = DecimalRangeField()
