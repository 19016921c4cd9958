"""Payments: the file of the finance software read line by line, and its rejects given back."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from domainepublic import paiements as lecture
from domainepublic import perms
from domainepublic.vues.dossier import compte
from gis_data.acces import droit
from mairie.habilitations import communes_du_droit

REJETS_MAX = 3_000_000


@droit(perms.FACTURER)
@require_http_methods(["GET", "HEAD", "POST"])
def importer(request: HttpRequest) -> HttpResponse:
    """Choose the file; then the verdict of each line."""
    communes = communes_du_droit(request.user, perms.FACTURER)
    insee = request.POST.get("commune") or next(iter(communes), "")
    if insee and insee not in communes:
        raise Http404
    rapport = None
    if request.method == "POST":
        fichier = request.FILES.get("fichier")
        if fichier is None:
            messages.error(request, "Choisissez le fichier des paiements.")
        elif (fichier.size or 0) > lecture.TAILLE_MAX:
            messages.error(request, f"Le fichier dépasse {lecture.TAILLE_MAX // 1024**2} Mo : coupez-le.")
        else:
            try:
                rapport = lecture.importer(insee, fichier.read(), compte(request))
            except lecture.FichierRefuse as e:
                messages.error(request, str(e))
    contexte = {
        "communes": communes,
        "insee": insee,
        "rapport": rapport,
        "rejets": rapport.de("rejet") if rapport else [],
        "deja": rapport.de("deja") if rapport else [],
        "enregistres": rapport.de("enregistre") if rapport else [],
        "colonnes": ";".join(lecture.COLONNES),
    }
    statut = 422 if request.method == "POST" and rapport is None else 200
    return render(request, "domainepublic/paiements.html", contexte, status=statut)


@droit(perms.FACTURER)
@require_POST
def rejets(request: HttpRequest) -> HttpResponse:
    """The rejected lines, as the page showed them, to be corrected and imported again."""
    texte = request.POST.get("rejets", "")
    if not texte or len(texte) > REJETS_MAX:
        raise Http404
    reponse = HttpResponse(texte.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    reponse["Content-Disposition"] = 'attachment; filename="paiements-rejetes.csv"'
    reponse["Cache-Control"] = "private, no-store"
    return reponse
