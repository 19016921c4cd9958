"""The applicant's page: where the requests of an authorisation stand (spec §7.5)."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from gis_data.acces import droit, public
from mairie import suivi_usager
from mairie.habilitations import peut
from mairie.vues.suivi import donner_cle
from mairie.vues_avis import sans_trace
from urba import perms
from urba.suivi import USAGE, autorisation, demandes
from urba.vues.dossier import dossier_ou_404


@public
@require_safe
def suivi(request: HttpRequest, numero: str) -> HttpResponse:
    """Without the key given in this browser, the page asks for it and says nothing of the file."""
    da = autorisation(numero)
    if da is None or not suivi_usager.est_ouvert(request, da):
        return sans_trace(redirect(f"/suivi/?{urlencode({'numero': numero})}"))
    return sans_trace(render(request, "urba/suivi.html", {"da": da, "demandes": demandes(da)}))


@droit(perms.DEPOSER)
@require_POST
def cle(request: HttpRequest, pk: int) -> HttpResponse:
    """A new key of the authorisation, for the applicant who lost his."""
    d = dossier_ou_404(request, pk)
    if not peut(request.user, perms.DEPOSER, d.insee):
        raise Http404
    return donner_cle(request, d.da, USAGE, insee=d.insee, numero=str(d), retour=f"/urba/dossiers/{d.pk}/")
