"""What printing declares: its nightly cleaning, what the map page must know of it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from gis_data.carte import extensions
from mairie.impression import taches
from mairie.impression.demande import ECHELLES
from mairie.impression.signes import milliers
from mairie.perms import AGENT


def declarer() -> None:
    """Tasks and settings of the map page."""
    taches.declarer()
    extensions.ajouter("impression_echelle", _reglages)


def _reglages(request: HttpRequest) -> dict[str, Any]:
    agent = request.user.is_authenticated and request.user.has_perm(AGENT)
    return {
        "cadre": "/carte/impression/cadre",
        "serie": "/carte/impression/serie/" if agent else None,
        "note": reverse("carte_note"),
        "echelles": [(e, f"1/{milliers(e)}") for e in ECHELLES],
    }
