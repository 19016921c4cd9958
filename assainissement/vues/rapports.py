"""Reports read from the permit whose ground they concern (spec §12): by who reads that permit alone."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from assainissement import proprietaire
from assainissement.installations import sur_le_terrain
from gis_data.acces import connecte
from mairie import journal, renvois
from mairie.courriers import envois
from mairie.courriers.reponses import reponse_pdf

LU = "assainissement.rapport_lu_du_permis"


def declarer_actions() -> None:
    """From ``AppConfig.ready``."""
    journal.declarer(journal.Action(LU, "Rapport d'assainissement lu depuis un permis"))


@connecte
@require_safe
def du_permis(request: HttpRequest, autorisation: str, pk: int, lettre: int) -> HttpResponseBase:
    """One report of an installation on the ground of a permit that this person reads; logged each time."""
    permis = renvois.trouver("urba", autorisation, request.user)
    if permis is None or not permis.idus:
        raise Http404
    i = get_object_or_404(sur_le_terrain(permis.idus[0][:5], list(permis.idus)), pk=pk)
    courrier = get_object_or_404(proprietaire.rapports(i), pk=lettre)
    try:
        octets = envois.lire_pdf(courrier)
    except (envois.PdfAltere, OSError):
        raise Http404 from None
    journal.noter(request, LU, courrier.dossier, insee=i.insee)
    reponse = reponse_pdf(octets, envois.nom_pdf(courrier))
    reponse["Cache-Control"] = "private, no-store"
    return reponse
