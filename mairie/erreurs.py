"""Answers that are no page of the site: what went wrong, what was kept, where to go from there.

A person gets a page; the programs that call ``/api/``, ``/tuiles/`` or ``/ogc/`` get JSON.
"""

from __future__ import annotations

import logging
import sys

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

journal = logging.getLogger(__name__)

REESSAYER_S = 30
_POUR_PROGRAMMES = ("/api/", "/tuiles/", "/ogc/")
# States of PostgreSQL that say the server is leaving, starting, full or gone, not that a query is wrong.
_ETATS_ABSENCE = ("08", "57P01", "57P02", "57P03", "53300")


class Introuvable(Http404):
    """Nothing of that name; the French message (what is missing, what there is) is shown to the reader."""


class Refusee(PermissionDenied):
    """A right is missing; the French message (what it would take) is shown to the reader."""


def _programme(request: HttpRequest) -> bool:
    return request.path.startswith(_POUR_PROGRAMMES)


def _json(detail: str, statut: int) -> JsonResponse:
    return JsonResponse({"detail": detail}, status=statut, json_dumps_params={"ensure_ascii": False})


def introuvable(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer 404."""
    message = str(exception) if isinstance(exception, Introuvable) else ""
    if _programme(request):
        return _json(message or "Cette adresse n'existe pas. Voyez /api/docs.", 404)
    return render(request, "404.html", {"message_erreur": message}, status=404)


def refusee(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer 403: a right is missing."""
    message = str(exception) if isinstance(exception, Refusee) else ""
    if _programme(request):
        return _json(message or "Cette adresse demande un droit que vous n'avez pas.", 403)
    return render(request, "403.html", {"message_erreur": message}, status=403)


def jeton_refuse(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The answer 403 to a form sent without its token: most often a page left open too long."""
    journal.info("Formulaire refusé : jeton absent ou périmé.")
    if _programme(request):
        return _json("Jeton de formulaire absent ou périmé.", 403)
    return render(request, "403_csrf.html", {"chemin": request.path}, status=403)


def invalide(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The answer 400, or 413 where the request was cut for being too large."""
    if isinstance(exception, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return trop_gros(request)
    if _programme(request):
        return _json("La demande est mal formée.", 400)
    return HttpResponse(render_to_string("400.html"), status=400)


def trop_gros(request: HttpRequest, limite: int | None = None) -> HttpResponse:
    """The answer 413, with the limit in bytes where it is known; nothing of what was sent was kept."""
    permis = f"{limite / 1024**2:.0f} Mo au plus" if limite else ""
    if _programme(request):
        return _json(f"L'envoi est trop volumineux{f' : {permis}' if permis else ''}.", 413)
    page = render_to_string("413.html", {"permis": permis, "chemin": request.path})
    return HttpResponse(page, status=413)


def base_absente(erreur: BaseException | None) -> bool:
    """Whether an exception, or one behind it, says that the database can't be reached."""
    while erreur is not None:
        if isinstance(erreur, (OperationalError, InterfaceError)):
            etat = getattr(erreur.__cause__, "pgcode", None)
            return etat is None or etat.startswith(_ETATS_ABSENCE)
        erreur = erreur.__cause__ or erreur.__context__
    return False


def indisponible(request: HttpRequest) -> HttpResponse:
    """The answer 503, made without database, session or account."""
    reponse: HttpResponse
    if _programme(request):
        reponse = _json("La base de données ne répond pas. Réessayez dans un instant.", 503)
    else:
        reponse = HttpResponse(render_to_string("503.html"), status=503)
    reponse["Retry-After"] = str(REESSAYER_S)
    reponse["Cache-Control"] = "no-store"
    return reponse


def panne(request: HttpRequest) -> HttpResponse:
    """The answer 500 (503 when the database is away), with the number under which the log tells it."""
    erreur = sys.exc_info()[1]
    if base_absente(erreur):
        return indisponible(request)
    incident = incident_de(request)
    journal.error("Incident %s", incident, exc_info=erreur)
    if _programme(request):
        return _json(f"Erreur du serveur, incident {incident}.", 500)
    return HttpResponse(render_to_string("500.html", {"incident": incident}), status=500)


def incident_de(request: HttpRequest) -> str:
    """Number told to the person: the first eight figures of the request's own, in capitals."""
    return str(getattr(request, "identifiant", ""))[:8].upper() or "INCONNU"
