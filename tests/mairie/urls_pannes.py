"""Addresses that go wrong, for the tests of error pages and logs; the site's own beside them."""

from __future__ import annotations

import logging

from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from config.urls import handler400, handler403, handler404, handler500
from mairie.erreurs import Refusee
from mairie.suivi import envoi_max

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def panne(request: HttpRequest) -> HttpResponse:
    """A fault whose message quotes what was typed."""
    raise ValueError(f"Impossible pour {request.GET.get('nom')} {request.POST.get('nom')}")


def doublon(_request: HttpRequest) -> HttpResponse:
    """As PostgreSQL says it, with the row."""
    try:
        raise KeyError("Berthe Cachotin")
    except KeyError as e:
        raise IntegrityError("DETAIL:  Key (email)=(berthe.cachotin@exemple.invalid) already exists.") from e


def base_partie(_request: HttpRequest) -> HttpResponse:
    """The server can't be reached."""
    raise OperationalError("could not connect to server")


def annulee(_request: HttpRequest) -> HttpResponse:
    """A query that took too long is a fault of ours, not an absence."""
    with connection.cursor() as curseur:
        curseur.execute("SET LOCAL statement_timeout = '1ms'; SELECT pg_sleep(1)")
    return HttpResponse()


def refus(_request: HttpRequest) -> HttpResponse:
    """A right is missing."""
    raise Refusee("Il faut le rôle « signataire ».")


def douteux(_request: HttpRequest) -> HttpResponse:
    """Not understood."""
    raise SuspiciousOperation("Berthe Cachotin")


def recevoir(request: HttpRequest) -> HttpResponse:
    """Counts what it received."""
    return HttpResponse(str(len(request.POST.get("texte", ""))))


@envoi_max(2000)
def petit(request: HttpRequest) -> HttpResponse:
    """Receives little."""
    return recevoir(request)


def bavarde(_request: HttpRequest) -> HttpResponse:
    """A package that logs what it should not."""
    logging.getLogger("paquet.tiers").error("Échec pour %s", "Berthe Cachotin")
    logging.getLogger("paquet.tiers").error("Échec pour berthe.cachotin@exemple.invalid")
    return HttpResponse()


def secret(_request: HttpRequest, **_parametres: str) -> HttpResponse:
    """Opened by a secret in its address."""
    return HttpResponse()


urlpatterns = [
    path("essai/panne/", panne),
    path("api/essai/panne/", panne),
    path("essai/doublon/", doublon),
    path("essai/base/", base_partie),
    path("api/essai/base/", base_partie),
    path("essai/annulee/", annulee),
    path("essai/refus/", refus),
    path("api/essai/refus/", refus),
    path("essai/douteux/", douteux),
    path("essai/recevoir/", recevoir),
    path("api/essai/recevoir/", recevoir),
    path("essai/petit/", petit),
    path("essai/bavarde/", bavarde),
    path("essai/secret/<str:jeton>/<str:piece>/<str:idu>/", secret),
    path("", include("config.urls")),
]
