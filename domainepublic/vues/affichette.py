"""The notice to post on the site, as PDF."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from domainepublic import perms
from domainepublic.courriers import affichette as avis
from domainepublic.instruction.etats import TITRES
from domainepublic.vues.dossier import dossier_ou_404
from gis_data.acces import droit
from mairie.courriers.rendu import RenduRefuse


@droit(perms.LIRE)
@require_safe
def affichette(request: HttpRequest, pk: int, taille: str) -> HttpResponse:
    """A4 or A3; only of a title in force: 404 otherwise."""
    d = dossier_ou_404(request, pk)
    if taille not in avis.PLANS_MM or d.etat not in TITRES:
        raise Http404
    try:
        rendu = avis.affichette(d, taille)
    except RenduRefuse as e:
        messages.error(request, str(e))
        return redirect(d.get_absolute_url())
    reponse = HttpResponse(rendu.pdf, content_type="application/pdf")
    reponse["Content-Disposition"] = f'inline; filename="affichette-{d.numero}-{taille}.pdf"'
    reponse["Cache-Control"] = "private, no-store"
    return reponse
