"""Lock-out after repeated failures, by (account, address of the caller): both factors count together."""

from __future__ import annotations

from math import ceil
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mairie.models import Utilisateur


def identifiant(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The account aimed at, blind to case; empty when none is said."""
    donnees = credentials or {}
    valeur = donnees.get("email") or donnees.get("username") or request.POST.get("login") or ""
    return str(valeur).strip().lower()[:254]


def est_verrouille(request: HttpRequest, utilisateur: Utilisateur) -> bool:
    """Whether this account may not be tried from this address now."""
    return not AxesProxyHandler.is_allowed(request, {"email": utilisateur.email})


def noter_echec(request: HttpRequest, utilisateur: Utilisateur) -> None:
    """Count a wrong code like a wrong password."""
    user_login_failed.send(sender=__name__, credentials={"email": utilisateur.email}, request=request)


def page_verrouillee(
    request: HttpRequest, reponse: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """What who tried too often sees: why, how long, what else to do. 429."""
    delai = get_cool_off(request)
    minutes = ceil(delai.total_seconds() / 60) if delai else 0
    page = render(request, "account/verrouille.html", {"minutes": minutes}, status=429)
    page.headers["Cache-Control"] = "no-store"
    return page
