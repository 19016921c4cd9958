"""The applicant's page: where the requests of an authorisation stand (spec §7.5)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from gis_data.acces import public
from mairie import suivi_usager
from mairie.vues_avis import sans_trace
from urba.suivi import autorisation, demandes


@public
@require_safe
def suivi(request: HttpRequest, numero: str) -> HttpResponse:
    """Without the key given in this browser, the page asks for it and says nothing of the file."""
    da = autorisation(numero)
    if da is None or not suivi_usager.est_ouvert(request, da):
        return sans_trace(redirect(f"/suivi/?{urlencode({'numero': numero})}"))
    return sans_trace(render(request, "urba/suivi.html", {"da": da, "demandes": demandes(da)}))
