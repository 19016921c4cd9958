"""Which sites may frame ``/carte/integree/``: those of the settings and those listed on screen."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from gis_data.models import SiteEncadrant


def origines() -> list[str]:
    """Origins that may frame the map, this site first."""
    listees = SiteEncadrant.objects.order_by("origine").values_list("origine", flat=True)
    return list(dict.fromkeys(["'self'", *settings.CARTE_SITES_ENCADRANTS, *listees]))


def encadrable(vue: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let the listed sites, and no other, frame what the view answers."""

    @wraps(vue)
    def encadree(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        decoree = csp_replace({"frame-ancestors": origines()})(vue)
        return decoree(request, *args, **kwargs)

    return encadree
