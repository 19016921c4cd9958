"""Pages that are not there, said in words."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


class Introuvable(Http404):
    """Nothing of that name; the French message (what is missing, what there is) is shown to the reader."""


def introuvable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer 404: a page, JSON for the programs that call the API."""
    message = str(exception) if isinstance(exception, Introuvable) else ""
    if request.path.startswith("/api/"):
        detail = message or "Cette adresse n'existe pas. Voyez /api/docs."
        return JsonResponse({"detail": detail}, status=404, json_dumps_params={"ensure_ascii": False})
    return render(request, "404.html", {"message_erreur": message}, status=404)
