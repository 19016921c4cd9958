"""Pages of other sites may read the open services (CORS), where the settings let them.

No cookie is ever accepted from them: what they read is what anybody reads.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

OUVERTS = ("/api/", "/ogc/")
A_LIRE = "ETag, Content-Crs, Retry-After"
UN_JOUR = "86400"


def permise(origine: str) -> str:
    """What is answered to that origin; empty: nothing, and the browser keeps the answer from its page."""
    if "*" in settings.API_ORIGINES:
        return "*"
    return origine if origine in settings.API_ORIGINES else ""


class OriginesDesServices:
    """Adds the headers to ``/api/`` and ``/ogc/``, answers what browsers ask before a call."""

    def __init__(self, suite: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.suite = suite

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        origine = request.META.get("HTTP_ORIGIN", "")
        if not request.path_info.startswith(OUVERTS) or not settings.API_ORIGINES:
            return self.suite(request)
        accordee = permise(origine) if origine else ""
        prealable = request.method == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in request.META
        reponse: HttpResponseBase = (
            HttpResponse(status=204) if prealable and accordee else self.suite(request)
        )
        if prealable and accordee:
            reponse["Access-Control-Allow-Methods"] = "GET, HEAD, POST"
            reponse["Access-Control-Allow-Headers"] = "Content-Type, If-None-Match"
            reponse["Access-Control-Max-Age"] = UN_JOUR
        if accordee:
            reponse["Access-Control-Allow-Origin"] = accordee
            reponse["Access-Control-Expose-Headers"] = A_LIRE
        if "*" not in settings.API_ORIGINES:
            patch_vary_headers(reponse, ["Origin"])
        return reponse
