"""Statistics of the public domain: the page and its file."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from domainepublic import perms
from domainepublic.models import LigneFacturable
from domainepublic.statistiques import tableaux
from gis_data.acces import droit
from mairie.exports import flux_csv
from mairie.habilitations import communes_du_droit


def _choix(request: HttpRequest) -> tuple[dict[str, str], str, int]:
    """(communes, the one chosen, the year); 404 for a commune that this person does not read."""
    communes = communes_du_droit(request.user, perms.LIRE)
    insee = request.GET.get("commune") or next(iter(communes), "")
    if insee and insee not in communes:
        raise Http404
    texte = request.GET.get("annee", "")
    annee = int(texte) if texte.isdecimal() and len(texte) == 4 and texte > "1899" else 0
    return communes, insee, annee or timezone.localdate().year


@droit(perms.LIRE)
@require_safe
def statistiques(request: HttpRequest) -> HttpResponse:
    """The tables of a commune and year."""
    communes, insee, annee = _choix(request)
    connues = LigneFacturable.objects.filter(dossier__insee=insee).values_list("exercice", flat=True)
    contexte: dict[str, Any] = {
        "communes": communes,
        "insee": insee,
        "annee": annee,
        "annees": sorted({annee, *connues.distinct()}, reverse=True),
        "tableaux": [
            (t, [list(zip(t.genres, ligne, t.colonnes, strict=True)) for ligne in t.lignes],
             list(zip(t.genres, t.total, t.colonnes, strict=True)) if t.total else [])
            for t in (tableaux(insee, annee) if insee else [])
        ],
    }  # fmt: skip
    return render(request, "domainepublic/statistiques.html", contexte)


@droit(perms.LIRE)
@require_safe
def csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same tables one under the other."""
    _, insee, annee = _choix(request)
    lignes: list[list[Any]] = []
    for t in tableaux(insee, annee) if insee else []:
        lignes += [[t.titre], list(t.colonnes)]
        lignes += [list(ligne) for ligne in (*t.lignes, *([t.total] if t.total else []))]
        lignes.append([])
    return flux_csv(f"domaine-public-{insee}-{annee}.csv", ["Domaine public", insee, str(annee)], lignes)
