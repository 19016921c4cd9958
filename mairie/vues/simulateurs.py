"""Public simulators: a form sent by GET, so that a simulation is an address; nothing is kept."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gis_data.acces import public
from mairie import simulateurs
from mairie.lecture_json import ErreurSaisie
from mairie.simulateurs.saisie import Saisie


@public
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All of them, by theme."""
    return render(request, "mairie/simulateurs/index.html", {"themes": simulateurs.par_theme()})


@public
@require_safe
def simulateur(request: HttpRequest, code: str) -> HttpResponse:
    """One simulator, its answer with the explanation; ``format=json``: the answer of the command itself."""
    un = simulateurs.simulateur(code)
    if un is None:
        raise Http404
    saisie = Saisie(un, request.GET)
    resultat = reponse = erreur = None
    if saisie.valide():
        cas = saisie.cas()
        try:
            reponse = un.traiter(cas)
        except ErreurSaisie as e:
            erreur = {"champ": e.champ, "message": e.message}
            saisie.signaler(e)
        else:
            resultat = un.presenter(cas, reponse)
    if request.GET.get("format") == "json":
        if reponse is None:
            return _json({"erreur": erreur or saisie.premiere_erreur()}, 422)
        return _json(dict(reponse), 200)
    return render(
        request,
        "mairie/simulateurs/simulateur.html",
        {
            "simulateur": un,
            "saisie": saisie,
            "resultat": resultat,
            "lien": request.build_absolute_uri(saisie.lien()) if resultat else "",
            "outil": un.outil.contexte(request.GET.dict()) if un.outil is not None else None,
        },
    )


def _json(corps: dict[str, object], statut: int) -> JsonResponse:
    return JsonResponse(corps, status=statut, json_dumps_params={"ensure_ascii": False})
