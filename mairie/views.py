"""Search, and health of the service."""

from __future__ import annotations

import logging
import re
import time

from django.db import DatabaseError, ProgrammingError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_safe

from gis_data.acces import public
from mairie.recherche import CARTE_MAX, Demande, Reponse, Resultat, chercher, dessiner
from mairie.taches.sante import BON, DEGRADE
from mairie.taches.sante import etat as etat_des_taches

trace = logging.getLogger(__name__)


@public
@require_safe
def sante(request: HttpRequest) -> JsonResponse:
    """State of the service for a supervisor: 503 when the database does not answer.

    ``dégradé`` (200): it answers, but tasks wait, nobody schedules, or the files of web and workers differ.
    """
    debut = time.perf_counter()
    try:
        with connection.cursor() as curseur:
            curseur.execute("SELECT postgis_lib_version()")
            postgis = curseur.fetchone()[0]
        duree_ms = round((time.perf_counter() - debut) * 1000, 1)
        parties = etat_des_taches()
    except ProgrammingError:
        # Tables not made yet, or of another version: the database itself is there.
        trace.exception("État des tâches illisible")
        parties = {"taches": {"etat": "inconnu"}}
    except DatabaseError:
        return JsonResponse(
            {"etat": "indisponible", "base": {"etat": "injoignable"}},
            status=503,
            headers={"Cache-Control": "no-store"},
        )
    bon = all(partie.get("etat", BON) == BON for partie in parties.values())
    return JsonResponse(
        {
            "etat": BON if bon else DEGRADE,
            "base": {"etat": "bonne", "postgis": postgis, "reponse_ms": duree_ms},
            **parties,
        },
        headers={"Cache-Control": "no-store"},
        json_dumps_params={"ensure_ascii": False},
    )


@public
@require_http_methods(["GET", "HEAD", "POST"])
def recherche(request: HttpRequest) -> HttpResponse:
    """Search of every trade: a page, or JSON where the caller accepts that first.

    POST is for pasted lists, too long for an address.
    """
    texte = (request.POST if request.method == "POST" else request.GET).get("q", "")
    commune = request.GET.get("commune", "")
    demande = Demande(
        texte=texte,
        utilisateur=request.user,
        commune=commune if re.fullmatch(r"[0-9AB]{5}", commune) else None,
    )
    reponse = chercher(demande)
    sortie: HttpResponse
    if _veut_json(request):
        sortie = JsonResponse(
            {"resultats": [r.en_json() for r in reponse.resultats], "erreurs": reponse.erreurs}
        )
    else:
        sortie = render(request, "mairie/recherche.html", _contexte_recherche(texte, reponse))
    patch_vary_headers(sortie, ["Accept"])
    return sortie


def _veut_json(request: HttpRequest) -> bool:
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _contexte_recherche(texte: str, reponse: Reponse) -> dict[str, object]:
    # By commune on the page: the small map numbers them in that order.
    groupes: dict[str, list[Resultat]] = {}
    for resultat in reponse.resultats:
        groupes.setdefault(resultat.groupe, []).append(resultat)
    places = iter(range(1, CARTE_MAX + 1))
    numerotes = {
        groupe: [(r, next(places, None) if r.point else None) for r in resultats]
        for groupe, resultats in groupes.items()
    }
    carte = dessiner([r for resultats in groupes.values() for r in resultats])
    # A list of several lines goes back to its area, not to the box of one line.
    liste = "\n" in texte.strip()
    return {
        "q": "" if liste else texte.strip(),
        "liste": texte if liste else "",
        "texte": texte,
        "reponse": reponse,
        "groupes": numerotes,
        # Written by the providers' drawer, which escapes every text.
        "carte": mark_safe(carte),  # noqa: S308
        "nombre": len(reponse.resultats),
    }
