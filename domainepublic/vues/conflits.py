"""Conflicts of a file: compute again, waive with a reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from domainepublic import conflits, perms
from domainepublic.models import Conflit
from domainepublic.vues.dossier import compte, dossier_ou_404
from gis_data.acces import droit
from mairie.workflow import Refus


@droit(perms.LIRE)
@require_POST
def recalculer(request: HttpRequest, pk: int) -> HttpResponse:
    """Look again at the street as it is now."""
    d = dossier_ou_404(request, pk)
    trouves = conflits.recalculer(d)
    bloquants = sum(c.bloque for c in trouves)
    messages.success(request, f"{len(trouves)} conflit(s), dont {bloquants} bloquant(s) à lever.")
    return redirect(f"{d.get_absolute_url()}#conflits")


@droit(perms.LEVER)
@require_POST
def lever(request: HttpRequest, pk: int, conflit: int) -> HttpResponse:
    """Waive one."""
    d = dossier_ou_404(request, pk)
    trouve = get_object_or_404(Conflit, dossier=d, pk=conflit)
    try:
        conflits.lever(trouve, request.POST.get("motif", ""), compte(request))
        messages.success(request, "Le conflit est levé ; le motif est au journal.")
    except Refus as e:
        messages.error(request, str(e))
    return redirect(f"{d.get_absolute_url()}#conflits")
