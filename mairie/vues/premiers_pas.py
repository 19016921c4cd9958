"""The first-steps page: what a new installation still needs, each with its real state."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gis_data.acces import droit
from mairie.habilitations import portee
from mairie.models import Collectivite
from mairie.perms import ADMINISTRER
from mairie.premiers_pas import Avancement, etapes


@droit(ADMINISTRER)
@require_safe
def premiers_pas(request: HttpRequest) -> HttpResponse:
    """Steps for the collectivités that this person administers."""
    p = portee(request.user, ADMINISTRER)
    codes = frozenset(Collectivite.objects.values_list("code", flat=True)) if p.totale else p.codes
    vues = etapes(codes)
    comptees = [v for v in vues if v.etat.avancement is not Avancement.FACULTATIF]
    faites = sum(v.etat.avancement is Avancement.FAIT for v in comptees)
    contexte = {
        "etapes": vues,
        "faites": faites,
        "total": len(comptees),
        "suivante": next((v for v in comptees if v.etat.avancement is not Avancement.FAIT), None),
    }
    return render(request, "mairie/premiers_pas.html", contexte)
