"""Payments: the file of the finance software read line by line, and its rejects given back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from domainepublic import paiements as lecture
from domainepublic import perms
from domainepublic.vues.dossier import compte
from gis_data.acces import droit
from mairie.vues import paiements


@droit(perms.FACTURER)
@require_http_methods(["GET", "HEAD", "POST"])
def importer(request: HttpRequest) -> HttpResponse:
    """Choose the file; then the verdict of each line."""
    return paiements.page(
        request,
        perms.FACTURER,
        lambda insee, octets: lecture.importer(insee, octets, compte(request)),
        "domainepublic/paiements.html",
    )


@droit(perms.FACTURER)
@require_POST
def rejets(request: HttpRequest) -> HttpResponse:
    """The rejected lines, as the page showed them, to be corrected and imported again."""
    return paiements.rejets(request)
