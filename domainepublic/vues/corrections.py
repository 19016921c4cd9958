"""Finances on one file: a credit note for an error, the fee of a title signed before any tariff."""

from __future__ import annotations

from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from domainepublic import corrections, perms
from domainepublic.detail import euros
from domainepublic.models import LigneFacturable
from domainepublic.vues.dossier import compte, dossier_a_facturer
from gis_data.acces import droit
from mairie.paiements import lire_montant
from mairie.workflow import Refus


@droit(perms.FACTURER)
@require_POST
def emettre_avoir(request: HttpRequest, pk: int, ligne: int) -> HttpResponse:
    """A credit note on a line of the file."""
    d = dossier_a_facturer(request, pk)
    x = get_object_or_404(d.lignes, pk=ligne)
    try:
        montant, reste = (lire_montant(request.POST.get(nom, "")) for nom in ("montant", "reste"))
        emis = corrections.emettre_avoir(
            x, montant, request.POST.get("raison", ""), reste_lu=reste, par=compte(request)
        )
        suite = "à mettre en rôle"
        if emis.etat == LigneFacturable.Etat.ANNULEE:
            suite = "la ligne n'était dans aucun rôle : elle est annulée avec lui, rien n'est demandé"
        messages.success(request, f"Avoir de {euros(-emis.montant)} émis, {suite}.")
    except Refus as e:
        messages.error(request, str(e))
    return redirect(f"{d.get_absolute_url()}#redevance")


@droit(perms.FACTURER)
@require_POST
def figer(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze what a title in force should have asked."""
    d = dossier_a_facturer(request, pk)
    try:
        lignes = corrections.figer(d, compte(request))
        total = sum((x.montant for x in lignes), Decimal(0))
        messages.success(request, f"Redevance figée : {euros(total)}, à mettre en rôle.")
    except Refus as e:
        messages.error(request, str(e))
    return redirect(f"{d.get_absolute_url()}#redevance")
