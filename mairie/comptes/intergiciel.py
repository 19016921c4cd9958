"""Around every request: who changes a right is kept with it; an agent without second factor sets one up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from pghistory.middleware import HistoryMiddleware

from gis_data.acces import POUR_PROGRAMMES
from mairie.comptes.second_facteur import doit_en_avoir_un

# What stays open to an agent without second factor: the door itself, and what pages are drawn with.
_LIBRES = ("/connexion/", "/static/", "/sante/")


class Historique(HistoryMiddleware):
    """Keeps who made a change; never the address of the page: some hold secrets."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        """The account alone."""
        contexte: dict[str, Any] = super().get_context(request)
        return {"user": contexte["user"]}


class SecondFacteurObligatoire:
    """Where ``MFA_OBLIGATOIRE_AGENTS``: an agent without second factor opens nothing but its set-up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Let through, or lead to the set-up; programs are told 403."""
        if request.path.startswith(_LIBRES) or not doit_en_avoir_un(request):
            return self.get_response(request)
        if request.path.startswith(POUR_PROGRAMMES):
            detail = "Activez d'abord votre second facteur : /connexion/double-facteur/."
            return JsonResponse({"detail": detail}, status=403, json_dumps_params={"ensure_ascii": False})
        if request.headers.get("HX-Request"):
            return HttpResponse(status=403)
        return redirect("mfa_activate_totp")
