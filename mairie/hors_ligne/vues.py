"""Pages of the field: what may be taken along, one form, the worker that serves them without network."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.contrib.staticfiles import finders
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from gis_data.acces import connecte, public
from mairie.hors_ligne import reception
from mairie.hors_ligne.registre import saisie, saisies


@lru_cache(maxsize=1)
def _source() -> str:
    trouve = finders.find("js/hors_ligne/service.js")
    assert isinstance(trouve, str)  # noqa: S101
    return Path(trouve).read_text(encoding="utf-8")


@public
@require_safe
def service(request: HttpRequest) -> HttpResponse:
    """The worker, at the root of its scope: it sees no page outside « /terrain/ »."""
    reponse = HttpResponse(_source(), content_type="text/javascript; charset=utf-8")
    reponse["Cache-Control"] = "no-cache"
    reponse["X-Content-Type-Options"] = "nosniff"
    return reponse


@public
@require_safe
def etat(request: HttpRequest) -> JsonResponse:
    """Who is logged in, as an opaque key (empty: nobody), and a token to send with."""
    reponse = JsonResponse({"personne": reception.cle_personne(request.user), "jeton": get_token(request)})
    reponse["Cache-Control"] = "no-store"
    return reponse


def _page(
    request: HttpRequest, gabarit: str, contexte: dict[str, Any], *, gardee: bool, statut: int = 200
) -> HttpResponse:
    personne = reception.cle_personne(request.user)
    reponse = render(request, gabarit, {**contexte, "personne": personne}, status=statut)
    reponse["Cache-Control"] = "private, no-store"
    if gardee:
        # The worker keeps the pages that say so, apart for each person.
        reponse["X-Hors-Ligne"] = personne
    return reponse


@connecte
@require_safe
def accueil(request: HttpRequest) -> HttpResponse:
    """Forms to take along, and what waits on this device."""
    groupes = []
    for s in saisies(request.user):
        places = s.places(request.user) if s.places is not None else {}
        objets = [(cle, titre, places.get(cle)) for cle, titre in s.objets(request.user)]
        groupes.append({"saisie": s, "objets": objets, "places": places})
    return _page(request, "mairie/terrain/accueil.html", {"groupes": groupes}, gardee=True)


@connecte
@require_http_methods(["GET", "HEAD", "POST"])
def fiche(request: HttpRequest, code: str, cle: str) -> HttpResponse:
    """One form; JSON for the queue of the device, a page for a browser without script."""
    declaree = saisie(code)
    if declaree is None:
        raise Http404
    if not request.user.has_perm(declaree.droit):
        raise PermissionDenied
    lue = declaree.lire(request.user, cle)
    if lue is None:
        raise Http404
    contexte: dict[str, Any] = {"saisie": declaree, "cle": cle, "fiche": lue, "uuid": uuid4()}
    if request.method != "POST":
        contexte["formulaire"] = declaree.classe(request.user, cle)(initial=dict(lue.valeurs))
        return _page(request, "mairie/terrain/fiche.html", contexte, gardee=True)
    recue = reception.recevoir(declaree, request.user, cle, request.POST, request.FILES)
    if request.headers.get("Accept", "").startswith("application/json"):
        reponse = JsonResponse(recue.contenu, status=recue.statut, json_dumps_params={"ensure_ascii": False})
        reponse["Cache-Control"] = "no-store"
        return reponse
    if recue.statut == 200:
        messages.success(request, recue.contenu["message"])
        return redirect("terrain_fiche", code=code, cle=cle)
    contexte["formulaire"] = recue.formulaire or declaree.classe(request.user, cle)(
        request.POST, request.FILES
    )
    contexte["recue"] = recue.contenu
    return _page(request, "mairie/terrain/fiche.html", contexte, gardee=False, statut=recue.statut)
