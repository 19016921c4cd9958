"""Home and health of the service."""

from __future__ import annotations

import time

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from gis_data.acces import public


@public
def accueil(request: HttpRequest) -> HttpResponse:
    """What a citizen comes for: a large search, and the doors that are open."""
    return render(request, "mairie/accueil.html")


@public
def sante(request: HttpRequest) -> JsonResponse:
    """State of the service for a supervisor: 503 when the database does not answer."""
    debut = time.perf_counter()
    try:
        with connection.cursor() as curseur:
            curseur.execute("SELECT postgis_lib_version()")
            postgis = curseur.fetchone()[0]
    except DatabaseError:
        return JsonResponse(
            {"etat": "indisponible", "base": {"etat": "injoignable"}},
            status=503,
            headers={"Cache-Control": "no-store"},
        )
    duree_ms = round((time.perf_counter() - debut) * 1000, 1)
    return JsonResponse(
        {"etat": "bon", "base": {"etat": "bonne", "postgis": postgis, "reponse_ms": duree_ms}},
        headers={"Cache-Control": "no-store"},
    )
