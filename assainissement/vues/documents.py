"""Documents that a commune gives its inhabitants: deposited and published by who sets the service."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assainissement import documents as service
from assainissement import perms
from assainissement.models import ReglementService
from gis_data.acces import droit
from mairie.habilitations import communes_du_droit


@droit(perms.LIRE)
@require_safe
def documents(request: HttpRequest) -> HttpResponse:
    """Those of one commune, beside what the public sees of them."""
    communes = communes_du_droit(request.user, perms.LIRE)
    choisie = request.GET.get("commune", "")
    insee = choisie if choisie in communes else next(iter(communes), "")
    jour = timezone.localdate()
    contexte = {
        "communes": communes,
        "insee": insee,
        "commune": communes.get(insee, ""),
        "reglement": ReglementService.objects.visibles_par(request.user).en_vigueur(insee, jour),
        "publies": service.publies(insee),
        "regle": insee in communes_du_droit(request.user, perms.REGLER),
    }
    return render(request, "assainissement/documents.html", contexte)
