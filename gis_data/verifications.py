"""System checks: settings that would only show later, as an obscure error of the database."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from gis_data.formats.edigeo.projections import SOURCES_PAR_TERRITOIRE


@register
def territoire(**options: Any) -> list[CheckMessage]:
    """``TERRITOIRE_SRID`` is one of the legal projections."""
    if settings.TERRITOIRE_SRID in SOURCES_PAR_TERRITOIRE:
        return []
    return [
        Error(
            f"TERRITOIRE_SRID={settings.TERRITOIRE_SRID} n'est la projection légale d'aucun territoire.",
            hint=f"Choisissez parmi {', '.join(map(str, sorted(SOURCES_PAR_TERRITOIRE)))}.",
            id="urbanisme.E001",
        )
    ]
