"""What the pages of the door show from the settings."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def porte(request: HttpRequest) -> dict[str, object]:
    """Identity providers, and whether citizens may open an account."""
    return {
        "fournisseurs_identite": settings.FOURNISSEURS_IDENTITE,
        "inscription_ouverte": settings.INSCRIPTION_OUVERTE,
    }
