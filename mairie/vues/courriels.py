"""The queue of mail on screen: what waits, why, what left; start again, give up, send now."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from gis_data.acces import droit
from mairie import courriels, journal
from mairie.courriers.actions import COURRIEL_ABANDONNE, COURRIEL_RELANCE
from mairie.models import CourrielSortant
from mairie.perms import ADMINISTRER

PAR_PAGE = 50
# What one click sends: the person waits for the answer.
A_LA_FOIS = 10
TONS = {
    "en_attente": "bientot",
    "en_cours": "info",
    "envoye": "bien",
    "echec": "danger",
    "annule": "neutre",
}
Etat = CourrielSortant.Etat


@droit(ADMINISTRER)
@require_safe
def lister(request: HttpRequest) -> HttpResponse:
    """The newest first, by state; what the server last said."""
    visibles = CourrielSortant.objects.visibles_par(request.user)
    etat = request.GET.get("etat", "")
    choisis = visibles.filter(etat=etat) if etat in Etat.values else visibles
    comptes = dict(visibles.order_by().values_list("etat").annotate(Count("id")))
    page = Paginator(choisis.select_related("cree_par"), PAR_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "mairie/courriels.html",
        {
            "page_obj": page,
            "lignes": [(c, TONS[c.etat]) for c in page],
            "etats": [(e.value, e.label, comptes.get(e.value, 0)) for e in Etat],
            "etat": etat,
            "total": sum(comptes.values()),
            "sans_serveur": settings.COURRIEL_TRANSPORT.endswith("SansServeur"),
            "fichiers": settings.COURRIEL_TRANSPORT.endswith("filebased.EmailBackend"),
            "panne": visibles.filter(etat=Etat.EN_ATTENTE).exclude(erreur="").values_list("erreur").first(),
        },
    )


@droit(ADMINISTRER)
@require_POST
def relancer(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a failed mail a new start."""
    courriel = get_object_or_404(CourrielSortant.objects.visibles_par(request.user), pk=pk)
    with transaction.atomic():
        fait = courriels.relancer(courriel)
        if fait:
            journal.noter(request, COURRIEL_RELANCE, courriel, insee=courriel.insee)
    _dire(request, fait, "Le courriel repart dans la file.", "Ce courriel est déjà parti ou abandonné.")
    return redirect("courriels")


@droit(ADMINISTRER)
@require_POST
def abandonner(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a mail that has not left."""
    courriel = get_object_or_404(CourrielSortant.objects.visibles_par(request.user), pk=pk)
    with transaction.atomic():
        fait = courriels.annuler(courriel)
        if fait:
            journal.noter(request, COURRIEL_ABANDONNE, courriel, insee=courriel.insee)
    _dire(request, fait, "Le courriel ne partira pas.", "Ce courriel est déjà parti.")
    return redirect("courriels")


@droit(ADMINISTRER)
@require_POST
def envoyer(request: HttpRequest) -> HttpResponse:
    """Send a few now, without waiting for the worker."""
    bilan = courriels.envoyer_en_attente(A_LA_FOIS)
    if bilan.panne:
        messages.error(request, f"Le serveur de courriel ne répond pas : {bilan.panne}")
    else:
        messages.success(request, f"Courriels envoyés : {bilan.envoyes} ; en échec : {bilan.echecs}.")
    return redirect("courriels")


def _dire(request: HttpRequest, fait: bool, bien: str, mal: str) -> None:
    if fait:
        messages.success(request, bien)
    else:
        messages.warning(request, mal)
