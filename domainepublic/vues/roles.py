"""Billing: free lines, rolls, their export, payments."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_POST, require_safe

from domainepublic import facturation, perms
from domainepublic.models import LigneFacturable, Role, Titre
from domainepublic.vues.dossier import compte
from gis_data.acces import droit
from mairie.habilitations import communes_du_droit, peut
from mairie.workflow import Refus


def role_ou_404(request: HttpRequest, pk: int) -> Role:
    """The roll, if this person may read it."""
    trouve: Role = get_object_or_404(Role.objects.visibles_par(request.user).avec_accuse(), pk=pk)
    return trouve


def role_a_facturer(request: HttpRequest, pk: int) -> Role:
    """The roll, if this person bills in its commune: reading it there and billing elsewhere is not enough."""
    r = role_ou_404(request, pk)
    if not peut(request.user, perms.FACTURER, r.insee):
        raise Http404
    return r


@droit(perms.FACTURER)
@require_safe
def liste(request: HttpRequest) -> HttpResponse:
    """What waits to be claimed, by commune, then the rolls."""
    attente = []
    for code, nom in communes_du_droit(request.user, perms.FACTURER).items():
        libres = LigneFacturable.objects.filter(dossier__insee=code, etat__in=facturation.LIBRES)
        chiffres = libres.aggregate(n=Count("pk"), total=Sum("montant"))
        attente.append((code, nom, chiffres["n"], chiffres["total"] or Decimal(0), facturation.impayes(code)))
    roles = (
        Role.objects.visibles_par(request.user)
        .avec_accuse()
        .annotate(titres_n=Count("titres"), total=Sum("titres__montant"))
        .order_by("-annee", "-numero")
    )
    return render(request, "domainepublic/roles.html", {"attente": attente, "roles": roles})


@droit(perms.FACTURER)
@require_POST
def preparer(request: HttpRequest, insee: str) -> HttpResponse:
    """A new roll of all that is free in a commune."""
    if not peut(request.user, perms.FACTURER, insee):
        raise Http404
    try:
        role = facturation.preparer_role(insee, compte(request))
    except Refus as e:
        messages.error(request, str(e))
        return redirect("odp_roles")
    return redirect(role.get_absolute_url())


@droit(perms.FACTURER)
@require_safe
def role(request: HttpRequest, pk: int) -> HttpResponse:
    """One roll with its claims."""
    r = role_ou_404(request, pk)
    titres = list(r.titres.select_related("payeur").prefetch_related("lignes__dossier"))
    contexte: dict[str, Any] = {
        "r": r,
        "titres": titres,
        "total": sum((t.montant for t in titres), Decimal(0)),
        "rejets": facturation.rejets(r) if r.etat != Role.Etat.EXPORTE else [],
        "aujourdhui": timezone.localdate(),
    }
    return render(request, "domainepublic/role.html", contexte)


@droit(perms.FACTURER)
@require_POST
def agir(request: HttpRequest, pk: int, quoi: str) -> HttpResponse:
    """Validate, export, give up."""
    r = role_a_facturer(request, pk)
    actes: dict[str, Any] = {
        "valider": facturation.valider,
        "exporter": facturation.exporter,
        "abandonner": facturation.abandonner,
    }
    if quoi not in actes:
        raise Http404
    try:
        actes[quoi](r)
    except Refus as e:
        messages.error(request, str(e))
        return redirect(r.get_absolute_url())
    return redirect("odp_roles" if quoi == "abandonner" else r.get_absolute_url())


@droit(perms.FACTURER)
@require_safe
def fichier(request: HttpRequest, pk: int, genre: str) -> HttpResponse:
    """The exported file, the same bytes each time."""
    r = role_a_facturer(request, pk)
    if r.etat != Role.Etat.EXPORTE or genre not in ("csv", "json"):
        raise Http404
    octets, type_ = (
        (facturation.octets_csv(r), "text/csv; charset=utf-8")
        if genre == "csv"
        else (r.export_json.encode(), "application/json")
    )
    reponse = HttpResponse(octets, content_type=type_)
    reponse["Content-Disposition"] = f'attachment; filename="{r.numero}.{genre}"'
    reponse["Cache-Control"] = "private, no-store"
    return reponse


@droit(perms.FACTURER)
@require_POST
def encaisser(request: HttpRequest, pk: int, titre: int) -> HttpResponse:
    """A payment on a claim."""
    r = role_a_facturer(request, pk)
    t = get_object_or_404(Titre, role=r, pk=titre)
    try:
        montant = Decimal(request.POST.get("montant", "").replace(",", ".").replace(" ", ""))
        le = parse_date(request.POST.get("le", ""))
        if le is None or not montant.is_finite():
            raise ValueError
        facturation.encaisser(t, montant, le, par=compte(request))
        messages.success(request, "Le paiement est enregistré.")
    except (InvalidOperation, ValueError):
        messages.error(request, "Donnez un montant (12,50) et une date.")
    except Refus as e:
        messages.error(request, str(e))
    return redirect(r.get_absolute_url())
