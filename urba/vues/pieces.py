"""What an officer says of a piece of the nomenclature; files themselves go through ``mairie``'s own pages."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from gis_data.acces import droit
from mairie.models import Utilisateur
from mairie.pieces.refus import PieceRefusee
from urba import perms, pieces
from urba.vues.dossier import dossier_ou_404


@droit(perms.INSTRUIRE)
@require_POST
def examiner(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Expected, without object, refused or admitted, with its reason."""
    d = dossier_ou_404(request, pk)
    assert isinstance(request.user, Utilisateur)  # noqa: S101
    if not perms.peut_instruire(request.user, d):
        messages.error(request, "Ce dossier est confié à un autre instructeur.")
        return redirect(f"/urba/dossiers/{pk}/#pieces")
    try:
        pieces.examiner(
            d, code, request.POST.get("etat", ""), par=request.user, motif=request.POST.get("motif", "")
        )
    except PieceRefusee as e:
        messages.error(request, e.message)
    else:
        messages.success(request, f"La pièce {code} est examinée.")
    return redirect(f"/urba/dossiers/{pk}/#pieces")
