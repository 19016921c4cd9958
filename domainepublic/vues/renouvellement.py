"""Yearly renewal: preview, then the task."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from domainepublic import perms
from domainepublic.courriers.catalogue import ACTE
from domainepublic.renouvellement import proposer, renouveler
from domainepublic.vues.dossier import compte
from gis_data.acces import droit
from mairie.delegations import signature_de
from mairie.habilitations import communes_du_droit, peut
from mairie.models import Impression


def _signe(request: HttpRequest, insee: str) -> bool:
    """This person may sign the acts of the commune today."""
    if not peut(request.user, perms.SIGNER, insee):
        return False
    return signature_de(compte(request), insee, ACTE, timezone.localdate()) is not None


@droit(perms.INSTRUIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def renouvellement(request: HttpRequest) -> HttpResponse:
    """One line a title of the year before; those ticked are renewed in the background."""
    communes = communes_du_droit(request.user, perms.INSTRUIRE)
    insee = request.GET.get("commune") or next(iter(communes), "")
    if insee and insee not in communes:
        raise Http404
    jour = timezone.localdate()
    demandee = request.GET.get("annee", "")
    annee = (
        int(demandee)
        if demandee.isdecimal() and len(demandee) == 4 and 1900 < int(demandee) < 2200
        else jour.year + (jour.month >= 7)
    )
    propositions = proposer(insee, annee) if insee else []
    peut_signer = bool(insee) and _signe(request, insee)
    peut_facturer = peut_signer and peut(request.user, perms.FACTURER, insee)
    if request.method == "POST":
        connues = {p.dossier.pk for p in propositions if p.suite is None}
        cles = [int(c) for c in request.POST.getlist("dossiers") if c.isdecimal() and int(c) in connues]
        if not cles:
            messages.error(request, "Cochez au moins une occupation qui n'est pas déjà renouvelée.")
        else:
            moi = compte(request)
            tache = renouveler.demander(
                annee,
                cles,
                moi.pk,
                signer=peut_signer and "signer" in request.POST,
                facturer=peut_facturer and "facturer" in request.POST,
                par=moi,
                insee=insee,
            )
            return redirect("tache_suivre", pk=tache.pk)
    contexte = {
        "propositions": propositions,
        "annee": annee,
        "insee": insee,
        "communes": communes,
        "total": sum((p.nouveau or Decimal(0) for p in propositions), Decimal(0)),
        "peut_signer": peut_signer,
        "peut_facturer": peut_facturer,
        "impressions": Impression.objects.filter(auteur=compte(request), demande__renouvellement=annee)[:5],
        "restent": sum(p.suite is None for p in propositions),
    }
    return render(request, "domainepublic/renouvellement.html", contexte)
